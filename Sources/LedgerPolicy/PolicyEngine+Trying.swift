package import LedgerModel

extension PolicyEngine {
  /// Puts a set in force at once, for a trial, whatever it says of its own beginning.
  ///
  /// It stands in for every version, in force, in shadow or to come, of its pack and of the pack
  /// that it supersedes, and for what is of format 1, and never leaves. It takes no place of
  /// another: a trial is no ledger's, and is not kept.
  ///
  /// - Parameters:
  ///   - set: `set.validate()` passed.
  ///   - accounts: All there are.
  /// - Complexity: O(accounts · counters).
  package mutating func tryOut(_ set: RuleSet, over accounts: PolicyAccounts) {
    precondition(set.currency == currency, "a set of \(set.currency) for \(currency)")
    trial = set
    // A set of format 1 is alone in force when it comes.
    let leaves = packs.map { pack in
      standsIn(for: pack.ruleSet.pack, format: pack.ruleSet.format)
        || (set.format == 1 && !pack.isShadow)
    }
    let old = packs.indices.filter { leaves[$0] && !packs[$0].isShadow }.map { packs[$0] }
    packs = packs.indices.filter { !leaves[$0] }.map { packs[$0] }
    toCome = toCome.filter { !standsIn(for: $0.ruleSet.pack, format: $0.ruleSet.format) }
    bringIn(set, inShadow: false, after: set.ownFirst(old), replaced: [], over: accounts)
    keepWhatIsAsked(over: accounts)
  }

  /// Whether a trial's set stands in for sets of a pack and a format.
  package func standsIn(for pack: PackName, format: Int) -> Bool {
    guard let trial else { return false }
    return trial.pack == pack || trial.supersedes?.pack == pack || format == 1
  }
}
