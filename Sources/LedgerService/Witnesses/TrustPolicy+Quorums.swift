package import MerkleLog

extension TrustPolicy {
  /// Whether any two sets of witnesses that each meet the policy have a witness in common.
  ///
  /// Where they have not, two histories can be cosigned without any witness breaking its word.
  ///
  /// - Complexity: O(members).
  package var doQuorumsIntersect: Bool {
    guard let quorum else { return false }
    // Whether two sets without a common witness can both count as the group; members come first.
    var canSplit: [Bool] = []
    for group in groups {
      let split = group.members.count(where: { member in
        switch member {
        case .witness: false
        case .group(let index): canSplit[index]
        }
      })
      // Each set has all that split, and the others are dealt out.
      let more = max(0, group.threshold - split)
      canSplit.append(2 * more <= group.members.count - split)
    }
    switch quorum {
    case .witness: return true
    case .group(let index): return !canSplit[index]
    }
  }
}
