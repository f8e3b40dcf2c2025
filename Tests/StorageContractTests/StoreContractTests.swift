import Foundation
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import Synchronization
import Testing

/// A medium on which a store is opened again and again: one for each implementation.
protocol StoreMedium: Sendable {
  func open() throws -> any LedgerStore
}

/// Which implementation a test of the contract runs over.
enum StoreKind: CaseIterable, Sendable {
  case memory
  case sqlite
  /// The faulty store with no fault planned, which must not be told from the one within.
  case faultless

  func medium() throws -> any StoreMedium {
    switch self {
    case .memory: MemoryMedium()
    case .sqlite: try SQLiteMedium()
    case .faultless: FaultlessMedium()
    }
  }
}

private struct MemoryMedium: StoreMedium {
  let disk = MemoryDisk()
  func open() throws -> any LedgerStore { try disk.open() }
}

private struct FaultlessMedium: StoreMedium {
  let disk = MemoryDisk()
  func open() throws -> any LedgerStore { FaultyStore(try disk.open()) { _ in nil } }
}

/// Opens only the store of its folder; closing it closes the folder.
final class SQLiteMedium: StoreMedium {
  private struct Store: LedgerStore {
    let directory: LedgerDirectory
    let scratch: Scratch
    func append(_ rows: [StoredRow]) throws(StoreError) { try directory.store.append(rows) }
    func entryCount() throws(StoreError) -> UInt64 { try directory.store.entryCount() }
    func rows(from sequence: SequenceNumber, rowsMax: Int) throws(StoreError) -> [StoredRow] {
      try directory.store.rows(from: sequence, rowsMax: rowsMax)
    }
    func close() throws(StoreError) { try directory.close() }
  }

  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try LedgerDirectory.create(at: scratch["ledger"]).close()
  }

  func open() throws -> any LedgerStore {
    Store(directory: try LedgerDirectory.open(at: scratch["ledger"]), scratch: scratch)
  }
}

/// What every store must do, over each.
@Suite struct StoreContractTests {
  @Test(arguments: StoreKind.allCases)
  func beginsEmpty(kind: StoreKind) throws {
    let store = try kind.medium().open()
    #expect(try store.entryCount() == 0)
    #expect(try store.rows(from: .genesis, rowsMax: 10).isEmpty)
    #expect(try store.rows(from: SequenceNumber(.max), rowsMax: 10).isEmpty)
    try store.append([])
    #expect(try store.entryCount() == 0)
    try store.close()
  }

  /// Goal: what was appended is read back, at once and after opening again.
  ///
  /// Method: 12 seeds of 40 batches of 1 to 700 entries, opened again at random, checked against
  /// the entries' own numbers.
  @Test(arguments: StoreKind.allCases, UInt64(0)..<12)
  func returnsWhatWasAppended(kind: StoreKind, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let medium = try kind.medium()
    var store = try medium.open()
    var next: UInt64 = 0
    for _ in 0..<40 {
      let count = Int.random(in: 1...(Bool.random(using: &random) ? 3 : 700), using: &random)
      try store.append(Sample.rows(from: next, count: count))
      next += UInt64(count)
      #expect(try store.entryCount() == next)
      if Int.random(in: 0..<8, using: &random) == 0 {
        try store.close()
        store = try medium.open()
        #expect(try store.entryCount() == next, "seed \(seed)")
      }
      let sequence = UInt64.random(in: 0..<next, using: &random)
      let found = try #require(try store.entry(at: SequenceNumber(sequence)))
      #expect(Array(found.entry) == Sample.entry(sequence))
      #expect(Array(found.sideData) == Sample.sideData(sequence))
    }
    #expect(try store.entry(at: SequenceNumber(next)) == nil)
    #expect(try Sample.problems(of: store).isEmpty, "seed \(seed)")
    try store.close()
  }

  /// Goal: an answer begins with the row that holds the number asked for, for every number.
  @Test(arguments: StoreKind.allCases)
  func beginsWithTheRowAskedFor(kind: StoreKind) throws {
    let store = try kind.medium().open()
    try store.append(Sample.rows(from: 0, count: 1))
    try store.append(Sample.rows(from: 1, count: 300))
    try store.append(Sample.rows(from: 301, count: 2))
    for sequence in UInt64(0)..<303 {
      let first = try #require(
        try store.rows(from: SequenceNumber(sequence), rowsMax: 1).first)
      #expect(first.first.value <= sequence && sequence < first.end.value)
    }
    for sequence in [303, 304, 10_000, UInt64(Int64.max), .max] {
      #expect(try store.rows(from: SequenceNumber(sequence), rowsMax: 5).isEmpty)
      #expect(try store.rows(from: SequenceNumber(sequence), rowsMax: 1).isEmpty)
    }
    try store.close()
  }

  /// Goal: rows of every size come back whole: the smallest, the largest, one over a row's limit.
  @Test(arguments: StoreKind.allCases)
  func holdsLargeEntries(kind: StoreKind) throws {
    let store = try kind.medium().open()
    let sizes = [1, 65_535, 2, 65_533, 65_534, 4_000, 16_384]
    var packer = RowPacker(first: .genesis)
    for (number, size) in sizes.enumerated() {
      packer.append(
        entry: [UInt8](repeating: UInt8(number), count: size),
        sideData: [UInt8](repeating: 1, count: 65_536 - size))
    }
    try store.append(packer.finish())
    for (number, size) in sizes.enumerated() {
      let found = try #require(try store.entry(at: SequenceNumber(UInt64(number))))
      #expect(found.entry.count == size && found.entry.allSatisfy { $0 == UInt8(number) })
      #expect(found.sideData.count == 65_536 - size)
    }
    try store.close()
  }

  @Test(arguments: StoreKind.allCases)
  func refusesGapsAndRepeats(kind: StoreKind) throws {
    let store = try kind.medium().open()
    try store.append(Sample.rows(from: 0, count: 10))
    for first in [UInt64(0), 9, 11, 1 << 40] {
      #expect(
        throws: StoreError.discontiguous(
          expected: SequenceNumber(10), found: SequenceNumber(first))
      ) {
        try store.append(Sample.rows(from: first, count: 5))
      }
    }
    #expect(
      throws: StoreError.discontiguous(expected: SequenceNumber(15), found: SequenceNumber(16))
    ) {
      try store.append(
        Sample.rows(from: 10, count: 5) + Sample.rows(from: 16, count: 5))
    }
    #expect(try store.entryCount() == 10)
    try store.append(Sample.rows(from: 10, count: 5))
    #expect(try Sample.problems(of: store).isEmpty)
    try store.close()
  }

  @Test(arguments: StoreKind.allCases)
  func refusesMalformedRows(kind: StoreKind) throws {
    let store = try kind.medium().open()
    let first = SequenceNumber.genesis
    for row in [
      StoredRow(first: first, count: 0, entries: [], sideData: []),
      StoredRow(first: first, count: 1, entries: [0, 2, 1], sideData: [0, 0]),
      StoredRow(first: first, count: 257, entries: [0, 1, 1], sideData: [0, 0]),
    ] {
      let error = #expect(throws: StoreError.self) { try store.append([row]) }
      #expect(error?.code == "storage_invalid")
    }
    #expect(try store.entryCount() == 0)
    try store.close()
  }

  @Test(arguments: StoreKind.allCases)
  func refusesASecondOpening(kind: StoreKind) throws {
    let medium = try kind.medium()
    let store = try medium.open()
    let error = #expect(throws: StoreError.self) { try medium.open() }
    #expect(error?.code == "in_use")
    try store.close()
    try medium.open().close()
  }

  @Test(arguments: StoreKind.allCases)
  func refusesEverythingOnceClosed(kind: StoreKind) throws {
    let store = try kind.medium().open()
    try store.append(Sample.rows(from: 0, count: 1))
    try store.close()
    try store.close()
    #expect(throws: StoreError.closed) { try store.append(Sample.rows(from: 1, count: 1)) }
    #expect(throws: StoreError.closed) { try store.entryCount() }
    #expect(throws: StoreError.closed) { try store.rows(from: .genesis, rowsMax: 1) }
  }

  /// Goal: reads beside appends see whole batches only, and never less than was counted before.
  ///
  /// Method: three threads read counts and rows while one appends 200 batches of 5 entries.
  @Test(arguments: StoreKind.allCases)
  func readsWhileAppending(kind: StoreKind) throws {
    let store = try kind.medium().open()
    let batches: UInt64 = 200
    let problems = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      do {
        if thread == 0 {
          for batch in 0..<batches { try store.append(Sample.rows(from: batch * 5, count: 5)) }
          return
        }
        var known: UInt64 = 0
        while known < batches * 5 {
          let count = try store.entryCount()
          if count < known || !count.isMultiple(of: 5) {
            problems.withLock { $0.append("counted \(count) after \(known)") }
          }
          known = count
          guard known > 0 else { continue }
          let rows = try store.rows(from: SequenceNumber(known - 1), rowsMax: 3)
          if rows.isEmpty || rows[0].end.value < known {
            problems.withLock { $0.append("entry \(known - 1) is not there") }
          }
        }
      } catch {
        problems.withLock { $0.append("thread \(thread): \(error)") }
      }
    }
    #expect(problems.withLock { $0 } == [])
    #expect(try Sample.problems(of: store).isEmpty)
    try store.close()
  }
}
