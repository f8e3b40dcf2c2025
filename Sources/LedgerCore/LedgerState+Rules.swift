import LedgerModel
import LedgerPolicy

extension LedgerState {
  mutating func activate(_ ruleSet: RuleSet) throws(Rejection) -> Done {
    let currency = try currencyIndex(ruleSet.currency)
    do throws(RuleSetError) {
      try ruleSet.validate(newestFormat: genesis.version.newestRuleSetFormat)
    } catch {
      throw .ruleSetInvalid(error)
    }
    if let active = currencies[currency].policy.active, active.pack == ruleSet.pack {
      guard ruleSet.version > active.version else {
        throw .ruleSetNotNewer(active: active.version, proposed: ruleSet.version)
      }
    }

    currencies[currency].policy.activate(ruleSet)
    currencies[currency].policy.advance(to: time)
    for (index, tier) in tiers.enumerated() {
      currencies[currency].policyTiers[index] = currencies[currency].policy.tierIndex(of: tier)
    }
    return Done(changes: [.ruleSet(currency: currency, ruleSet)])
  }
}
