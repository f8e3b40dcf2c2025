import LedgerModel
import LedgerTesting
import LedgerWire
import Testing

@Suite struct RuleSetWireTests {
  private static func sets(seed: UInt64, count: Int) throws -> [RuleSet] {
    var random = SplitMix64(seed: seed)
    var sets = RandomRuleSets(
      currency: .cny, zones: [.shanghai, .panama], tiers: (1...3).map { .example($0) },
      participants: [.example(1), .example(2)],
      signers: (1...4).map { PublicKey.example($0) }.sorted(), scale: 1,
      random: SplitMix64(seed: random.next()))
    let surroundings = RandomRuleSets.Surroundings(
      now: .example, outstanding: 1_000, accounts: (110...114).map { .example($0) })
    var made: [RuleSet] = []
    for _ in 0..<count {
      made.append(
        try sets.make(PackName(unchecked: "alpha"), after: made.last, in: surroundings))
    }
    return made
  }

  /// Goal: every set has one encoding, which is read back to the same set.
  ///
  /// Method: 40 seeds of 25 sets of every shape.
  @Test(arguments: UInt64(0)..<40)
  func readBackIsTheSame(seed: UInt64) throws {
    for set in try Self.sets(seed: seed, count: 25) {
      let bytes = set.canonicalBytes
      #expect(try RuleSet(canonicalBytes: bytes) == set, "seed \(seed)")
      #expect(bytes.count <= Limits.ruleSetBytesMax, "seed \(seed)")
    }
  }

  /// Goal: damaged bytes are refused or are another set, and never trap.
  ///
  /// Method: each byte of some sets altered in turn.
  @Test(arguments: UInt64(100)..<104)
  func damagedBytesNeverTrap(seed: UInt64) throws {
    for set in try Self.sets(seed: seed, count: 2) {
      let bytes = set.canonicalBytes
      for index in bytes.indices {
        var damaged = bytes
        damaged[index] ^= UInt8(1 << (index % 8))
        guard let read = try? RuleSet(canonicalBytes: damaged) else { continue }
        #expect(read != set && read.canonicalBytes == damaged, "seed \(seed), byte \(index)")
        _ = try? read.validate()
      }
    }
  }
}
