import Foundation
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// What every index of instructions must do.
@Suite struct LogIndexTests {
  enum Kind: CaseIterable {
    case memory
    case sqlite
  }

  /// Keeps the folder's other parts alive as long as the index is in use.
  private struct Opened {
    let index: any LogIndex
    let directory: LedgerDirectory?
    let scratch: Scratch

    init(_ kind: Kind) throws {
      scratch = try Scratch()
      directory = kind == .sqlite ? try LedgerDirectory.create(at: scratch["ledger"]) : nil
      index = directory?.index ?? MemoryLogIndex()
    }
  }

  private static func reach(_ entryCount: UInt64) -> IndexReach {
    IndexReach(entryCount: entryCount, head: Bytes32(words: (entryCount, 1, 2, 3)))
  }

  private static func party(_ number: UInt64) throws -> Party {
    switch number % 5 {
    case 0: .issuer
    case 1: .recovery
    default: .participant(try ParticipantID("bank-\(number % 5)"))
    }
  }

  /// Goal: the first entry of a party's id is found, whatever comes again, against a dictionary.
  @Test(arguments: Kind.allCases, UInt64(0)..<8)
  func findsTheFirstEntry(kind: Kind, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let opened = try Opened(kind)
    let index = opened.index
    var expected: [InstructionID: [Party: UInt64]] = [:]
    var next: UInt64 = 0
    for _ in 0..<20 {
      var added: [IndexedInstruction] = []
      for _ in 0..<Int.random(in: 0...200, using: &random) {
        let id = Sample.id(UInt64.random(in: 0..<300, using: &random))
        let party = try Self.party(random.next())
        let sequence = UInt64.random(in: 0...next, using: &random)
        added.append(
          IndexedInstruction(party: party, id: id, sequence: SequenceNumber(sequence)))
        expected[id, default: [:]][party] = min(expected[id]?[party] ?? .max, sequence)
        next += 1
      }
      try index.add(added, reaching: Self.reach(next + 1))
      #expect(try index.reach().entryCount == next + 1)
    }
    for number in UInt64(0)..<300 {
      let id = Sample.id(number)
      let parties = expected[id] ?? [:]
      for party in try (UInt64(0)..<5).map(Self.party) {
        #expect(try index.sequence(party: party, id: id)?.value == parties[party])
      }
      let found = try index.sequences(id: id)
      #expect(found.map(\.party.description) == parties.keys.map(\.description).sorted())
      #expect(found.allSatisfy { parties[$0.party] == $0.sequence.value })
    }
    var all: [InstructionID: [Party: UInt64]] = [:]
    var place: Int64? = 0
    while let next = place {
      let page = try index.page(from: next)
      for found in page.instructions {
        let first = min(all[found.id]?[found.party] ?? .max, found.sequence.value)
        all[found.id, default: [:]][found.party] = first
      }
      place = page.next
    }
    #expect(all == expected)
  }

  @Test(arguments: Kind.allCases)
  func refusesToReachBackOrTooFar(kind: Kind) throws {
    let index = try Opened(kind)
    let entry = IndexedInstruction(party: .issuer, id: Sample.id(1), sequence: SequenceNumber(9))
    try index.index.add([entry], reaching: Self.reach(10))
    try index.index.add([entry], reaching: Self.reach(10))
    for reach in [UInt64(9), 0, UInt64(Int64.max) + 1] {
      let error = #expect(throws: StoreError.self) {
        try index.index.add([], reaching: Self.reach(reach))
      }
      #expect(error?.code == "storage_invalid")
    }
    let ahead = IndexedInstruction(party: .issuer, id: Sample.id(2), sequence: SequenceNumber(11))
    #expect(throws: StoreError.self) { try index.index.add([ahead], reaching: Self.reach(11)) }
    #expect(try index.index.reach().entryCount == 10)
    #expect(try index.index.sequences(id: Sample.id(2)).isEmpty)
    try index.index.removeAll()
    #expect(try index.index.reach().entryCount == 0)
    #expect(try index.index.sequences(id: Sample.id(1)).isEmpty)
    try index.index.close()
    #expect(throws: StoreError.closed) { try index.index.reach().entryCount }
  }

  @Test(arguments: Kind.allCases)
  func boundsTheParties(kind: Kind) throws {
    let opened = try Opened(kind)
    let entries = try (0..<100).map { number in
      IndexedInstruction(
        party: .participant(try ParticipantID("bank-\(100 + number)")), id: Sample.id(1),
        sequence: SequenceNumber(UInt64(number)))
    }
    try opened.index.add(entries, reaching: Self.reach(100))
    let found = try opened.index.sequences(id: Sample.id(1))
    #expect(found.map(\.sequence.value) == Array(0..<64))
  }

  /// Goal: the first mark of an account at or after an entry is found, against a list.
  @Test(arguments: Kind.allCases, UInt64(0)..<4)
  func findsTheNextMark(kind: Kind, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let opened = try Opened(kind)
    var marks: [TrailMark] = []
    for round in 1...10 as ClosedRange<UInt64> {
      let added = (0..<20).map { _ in
        TrailMark(
          account: AccountID(Bytes16(high: 7, low: UInt64.random(in: 0..<4, using: &random))),
          sequence: SequenceNumber(UInt64.random(in: 0..<round * 100, using: &random)))
      }
      // Once more changes nothing.
      try opened.index.add([], marks: added + added, reaching: Self.reach(round * 100))
      marks += added
    }
    for account in 0...4 as ClosedRange<UInt64> {
      let id = AccountID(Bytes16(high: 7, low: account))
      for from in stride(from: UInt64(0), to: 1_010, by: 13) {
        let expected = marks.filter { $0.account == id && $0.sequence.value >= from }
          .map(\.sequence).min()
        #expect(try opened.index.mark(of: id, from: SequenceNumber(from)) == expected)
      }
    }
    let ahead = TrailMark(
      account: AccountID(Bytes16(high: 7, low: 0)), sequence: SequenceNumber(2_000))
    #expect(throws: StoreError.self) {
      try opened.index.add([], marks: [ahead], reaching: Self.reach(2_000))
    }
    try opened.index.removeAll()
    #expect(try opened.index.mark(of: ahead.account, from: .genesis) == nil)
  }

  /// Goal: an index that is missing, damaged, of another program or ahead of the log is made anew.
  @Test(arguments: ["missing", "garbage", "empty", "older", "newer", "ahead"])
  func isMadeAnew(how: String) throws {
    let scratch = try Scratch()
    var directory = try LedgerDirectory.create(
      at: scratch["ledger"], rows: Sample.rows(from: 0, count: 5))
    #expect(!directory.isIndexNew)
    let entry = IndexedInstruction(party: .issuer, id: Sample.id(1), sequence: SequenceNumber(2))
    try directory.index.add([entry], reaching: Self.reach(how == "ahead" ? 6 : 5))
    try directory.close()
    let file = scratch["ledger/index.sqlite"]
    switch how {
    case "missing": try FileManager.default.removeItem(atPath: file)
    case "garbage": try Scratch.write(Array("garbage".utf8), to: file)
    case "empty": try Scratch.write([], to: file)
    case "older": try Scratch.patch(file, at: 60, with: [0, 0, 0, 1])
    case "newer": try Scratch.patch(file, at: 60, with: [0, 0, 0, 4])
    default: break
    }
    directory = try LedgerDirectory.open(at: scratch["ledger"])
    #expect(directory.isIndexNew)
    #expect(try directory.index.reach().entryCount == 0)
    try directory.index.add([entry], reaching: Self.reach(5))
    try directory.close()
    directory = try LedgerDirectory.open(at: scratch["ledger"])
    #expect(!directory.isIndexNew)
    #expect(
      try directory.index.sequence(party: .issuer, id: Sample.id(1)) == SequenceNumber(2))
    try directory.close()
  }
}
