import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// Goal: a state that was written and read back is the same ledger: it shows the same, writes the
/// same bytes, and decides the same ever after.
@Suite struct SnapshotTests {
  /// Rule sets, known by their place: their own bytes are for another module.
  private final class RuleSets {
    var all: [RuleSet] = []

    func encode(_ ruleSet: RuleSet) -> [UInt8] {
      all.append(ruleSet)
      return [UInt8(all.count)]
    }

    func decode(_ bytes: [UInt8]) throws(SnapshotError) -> RuleSet {
      guard bytes.count == 1, 1...all.count ~= Int(bytes[0]) else {
        throw SnapshotError("no rule set")
      }
      return all[Int(bytes[0]) - 1]
    }
  }

  private static func write(_ ledger: LedgerState, _ ruleSets: RuleSets) -> [UInt8] {
    written { ledger.write(to: &$0, encode: ruleSets.encode) }
  }

  private static func written(_ body: (inout SnapshotWriter) -> Void) -> [UInt8] {
    var bytes: [UInt8] = []
    var writer = SnapshotWriter { bytes += $0 }
    body(&writer)
    writer.finish()
    return bytes
  }

  private static func reader(_ bytes: [UInt8], pieceBytes: Int) -> SnapshotReader {
    var offset = 0
    return SnapshotReader {
      defer { offset = min(offset + pieceBytes, bytes.count) }
      return Array(bytes[offset..<min(offset + pieceBytes, bytes.count)])
    }
  }

  /// Reads in pieces of `pieceBytes`, and must come to the end with the last byte.
  private static func read(
    _ bytes: [UInt8], _ ruleSets: RuleSets, of genesis: Genesis = .example(), pieceBytes: Int
  ) throws(SnapshotError) -> LedgerState {
    var reader = reader(bytes, pieceBytes: pieceBytes)
    let state = try LedgerState(
      reading: &reader, genesis: genesis, id: .example, decode: ruleSets.decode)
    guard reader.isAtEnd() else { throw SnapshotError("something is left over") }
    return state
  }

  private static func run(_ batch: RandomBatch, on ledger: inout LedgerState) -> Fingerprint {
    var fingerprint = Fingerprint()
    ledger.run(batch, adding: &fingerprint)
    return fingerprint
  }

  /// Method: 16 seeds; after each of some random batches the ledger is written, read back in pieces
  /// of an odd size, and both go on side by side.
  ///
  /// The ids are written by parts, those since the time before, and all parts are read.
  @Test(arguments: UInt64(0)..<16)
  func readBackIsTheSame(seed: UInt64) throws {
    let genesis = Genesis.example(version: [.one, .three, .four][Int(seed % 3)])
    var orders = RandomOrders(seed: seed, version: genesis.version)
    var twins = TwinLedgers(genesis: genesis)
    let opening = orders.opening(of: twins.reference)
    twins.run(opening)
    var ledger = LedgerState(genesis: genesis, id: .example, at: .example)
    _ = Self.run(opening, on: &ledger)
    var restored = ledger
    var parts: [[UInt8]] = []
    var partsEnd = SequenceNumber.genesis
    for step in 0..<60 {
      if step.isMultiple(of: 7) {
        let ruleSets = RuleSets()
        let bytes = Self.write(ledger, ruleSets)
        parts.append(Self.written { _ = ledger.writeIDs(from: partsEnd, to: &$0) })
        partsEnd = ledger.nextSequence
        restored = try Self.read(
          bytes, ruleSets, of: genesis, pieceBytes: 1 + step * 13)
        for part in parts {
          var reader = Self.reader(part, pieceBytes: 1 + step * 11)
          try restored.readIDs(from: &reader)
        }
        restored.checkInvariants()
        #expect(restored.liveIDCount == ledger.liveIDCount, "seed \(seed), step \(step)")
        #expect(PublicState(of: restored) == PublicState(of: ledger), "seed \(seed), step \(step)")
        let again = RuleSets()
        #expect(Self.write(restored, again) == bytes, "seed \(seed), step \(step)")
        #expect(again.all == ruleSets.all)
      }
      let batch = orders.batch(for: twins.reference)
      twins.run(batch)
      let expected = Self.run(batch, on: &ledger).value
      #expect(Self.run(batch, on: &restored).value == expected, "seed \(seed), step \(step)")
    }
  }

  /// Goal: bytes that are no whole state are refused.
  @Test func refusesWhatIsCut() throws {
    var orders = RandomOrders(seed: 1)
    let twins = TwinLedgers(genesis: .example())
    var ledger = LedgerState(genesis: .example(), id: .example, at: .example)
    _ = Self.run(orders.opening(of: twins.reference), on: &ledger)
    let ruleSets = RuleSets()
    let bytes = Self.write(ledger, ruleSets)
    for count in stride(from: 0, to: bytes.count, by: 37) {
      #expect(throws: SnapshotError.self) {
        try Self.read(Array(bytes[..<count]), ruleSets, pieceBytes: 1_000)
      }
    }
    #expect(throws: SnapshotError.self) {
      try Self.read(bytes + [0], ruleSets, pieceBytes: 1_000)
    }
  }
}
