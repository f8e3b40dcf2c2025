import LedgerModel
import LedgerService
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: whether quorums intersect is known without trying all of them.
@Suite struct QuorumTests {
  private static func policy(_ random: inout SplitMix64) throws -> TrustPolicy {
    let count = Int(random.next() % 6) + 1
    var text = ""
    var free: [String] = []
    for index in 0..<count {
      let key = try VerifierKey(
        name: KeyName("witness.example/\(index)"), algorithm: .ed25519Cosignature,
        publicKey: SHA256.hash([UInt8(index)]).bytes)
      text += "witness w\(index) \(key.vkey) http://127.0.0.1/\n"
      free.append("w\(index)")
    }
    let groups = Int(random.next() % 4)
    for group in 0..<groups {
      free.shuffle(using: &random)
      let members = free.suffix(Int(random.next() % UInt64(free.count)) + 1)
      free.removeLast(members.count)
      let threshold = Int(random.next() % UInt64(members.count)) + 1
      text += "group g\(group) \(threshold) \(members.joined(separator: " "))\n"
      free.append("g\(group)")
    }
    text += "quorum \(random.next() % 8 == 0 ? "none" : free[free.count - 1])\n"
    return try TrustPolicy(Array(text.utf8))
  }

  /// Method: 2,000 policies, each against every set of its witnesses and the rest of them.
  @Test func intersectAsTheSetsDo() throws {
    var random = SplitMix64(seed: 28)
    var found = [0, 0]
    for round in 0..<2_000 {
      let policy = try Self.policy(&random)
      let keys = policy.witnessKeys
      let isSplit = (0..<(1 << keys.count)).contains { set in
        policy.isMet(by: keys.indices.filter { set >> $0 & 1 == 1 }.map { keys[$0] })
          && policy.isMet(by: keys.indices.filter { set >> $0 & 1 == 0 }.map { keys[$0] })
      }
      #expect(policy.doQuorumsIntersect == !isSplit, "round \(round)")
      found[isSplit ? 1 : 0] += 1
    }
    #expect(found.allSatisfy { $0 > 200 })
  }
}
