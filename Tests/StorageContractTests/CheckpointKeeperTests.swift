import Foundation
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// What every keeper of checkpoints must do, and what the file must withstand.
@Suite struct CheckpointKeeperTests {
  enum Kind: CaseIterable {
    case memory
    case file
  }

  /// A keeper opened again and again.
  private struct Medium {
    let memory: MemoryCheckpointKeeper?
    let scratch: Scratch

    init(_ kind: Kind) throws {
      scratch = try Scratch()
      memory = kind == .memory ? MemoryCheckpointKeeper() : nil
      if kind == .file { try LedgerDirectory.create(at: scratch["ledger"]).close() }
    }

    func withKeeper(_ body: (any CheckpointKeeper) throws -> Void) throws {
      guard let memory else {
        let directory = try LedgerDirectory.open(at: scratch["ledger"])
        try body(directory.checkpoints)
        return try directory.close()
      }
      memory.restart()
      try body(memory)
      memory.close()
    }
  }

  @Test(arguments: Kind.allCases)
  func keepsNotesInOrder(kind: Kind) throws {
    let medium = try Medium(kind)
    try medium.withKeeper { keeper throws in
      #expect(try keeper.newest() == nil)
      #expect(try keeper.all() == [])
    }
    var kept: [String] = []
    for opening in 1...3 {
      try medium.withKeeper { keeper throws in
        #expect(try keeper.newest() == kept.last)
        for number in 1...10 {
          kept.append(Sample.note(opening * 100 + number, signatures: number))
          try keeper.append(kept[kept.count - 1])
          #expect(try keeper.newest() == kept.last)
        }
        #expect(try keeper.all() == kept)
      }
    }
  }

  /// Goal: the newest is found at once behind more notes than are read, and pages join up.
  @Test(arguments: Kind.allCases)
  func keepsMany(kind: Kind) throws {
    let medium = try Medium(kind)
    let notes = (1...40).map { Sample.note($0, signatures: $0 % 2 == 0 ? 350 : 1) }
    try medium.withKeeper { keeper throws in
      for _ in 0..<8 { for note in notes { try keeper.append(note) } }
    }
    try medium.withKeeper { keeper throws in
      #expect(try keeper.newest() == notes.last)
      #expect(try keeper.all() == (0..<8).flatMap { _ in notes })
    }
  }

  @Test(arguments: Kind.allCases)
  func refusesWhatIsNoNote(kind: Kind) throws {
    let medium = try Medium(kind)
    let signature = Sample.signature
    try medium.withKeeper { keeper throws in
      for text in [
        "", "\n", "text\n", "text\n\n", "text\n\nno signature\n", "text\n\n\(signature)\n",
        "\n\n\(signature)", "text\n\n\n\(signature)", "one\n\ntwo\n\n\(signature)",
        "te\u{0}xt\n\n\(signature)", "te\rxt\n\n\(signature)", "\(signature)\n\(signature)",
        "text\n\n\(signature)no signature\n", "text\n\n\(signature.dropLast())",
        Sample.note(1, signatures: 1_000),
      ] {
        let error = #expect(throws: StoreError.self) { try keeper.append(text) }
        #expect(error?.code == "storage_invalid", "\(text.prefix(40).debugDescription)")
      }
      #expect(try keeper.all() == [])
    }
  }

  @Test func endsTheMemoryKeeperAfterAnUnknownOutcome() throws {
    let keeper = MemoryCheckpointKeeper()
    keeper.failNext(.full(detail: "told so"), .unknownOutcome(detail: "told so"))
    #expect(throws: StoreError.full(detail: "told so")) { try keeper.append(Sample.note(1)) }
    #expect(throws: StoreError.self) { try keeper.append(Sample.note(1)) }
    #expect(throws: StoreError.unknownOutcome(detail: "told so")) { try keeper.newest() }
    keeper.restart()
    #expect(try keeper.newest() == nil)
  }

  /// Goal: a crash while the last note is written loses that note and nothing else.
  ///
  /// Method: a file of three notes, cut after each of its bytes; then the same with what was cut
  /// off read as zeros, as from blocks that never reached the disk.
  @Test(arguments: [false, true])
  func dropsATornTail(isZeroed: Bool) throws {
    let scratch = try Scratch()
    try LedgerDirectory.create(at: scratch["ledger"]).close()
    let notes = (1...3).map { Sample.note($0) }
    var directory = try LedgerDirectory.open(at: scratch["ledger"])
    for note in notes { try directory.checkpoints.append(note) }
    try directory.close()
    let file = scratch["ledger/checkpoints"]
    let whole = try Scratch.bytes(of: file)
    let record = whole.count / 3
    for cut in record * 2..<whole.count {
      let zeros = [UInt8](repeating: 0, count: isZeroed ? whole.count - cut : 0)
      try Scratch.write(Array(whole[..<cut]) + zeros, to: file)
      let reader = try LedgerDirectoryReader(at: scratch["ledger"])
      #expect(try reader.checkpoints.all() == Array(notes[..<2]), "cut at \(cut)")
      #expect(reader.checkpoints.tornBytes == cut + zeros.count - record * 2)
      try reader.close()
      directory = try LedgerDirectory.open(at: scratch["ledger"])
      #expect(try directory.checkpoints.newest() == notes[1])
      try directory.checkpoints.append(notes[2])
      try directory.close()
      #expect(try Scratch.bytes(of: file) == whole, "cut at \(cut)")
    }
  }

  /// Goal: a flipped byte is told, taken for a torn tail, or changes the text of one note, whose
  /// signature tells it then; never is a note before the last lost, nor two joined.
  @Test func noticesDamage() throws {
    let scratch = try Scratch()
    let directory = try LedgerDirectory.create(at: scratch["ledger"])
    let notes = (1...3).map { Sample.note($0) }
    for note in notes { try directory.checkpoints.append(note) }
    try directory.close()
    let file = scratch["ledger/checkpoints"]
    let whole = try Scratch.bytes(of: file)
    for offset in whole.indices {
      for byte in [0, UInt8(ascii: "\n"), UInt8(ascii: "x"), 0xFF] where byte != whole[offset] {
        var bytes = whole
        bytes[offset] = byte
        try Scratch.write(bytes, to: file)
        do throws(StoreError) {
          let reader = try LedgerDirectoryReader(at: scratch["ledger"])
          let found = try reader.checkpoints.all()
          try reader.close()
          let damaged = offset / (whole.count / 3)
          for (number, note) in notes.enumerated() where number != damaged {
            #expect(found.contains(note), "byte \(offset) as \(byte) lost note \(number)")
          }
          #expect(found.count >= 2 && found != notes)
        } catch {
          #expect(error.code == "storage_corrupt", "byte \(offset) as \(byte): \(error)")
        }
      }
    }
  }
}
