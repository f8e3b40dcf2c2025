internal import LedgerModel

/// A filter with its names looked up, for one set and the ledger's facts.
struct FilterPlan: Sendable, Equatable {
  private let filter: PaymentFilter
  private let payer: LegPlan?
  private let payee: LegPlan?

  /// One side's tests of attributes.
  fileprivate struct LegPlan: Sendable, Equatable {
    struct AttributePlan: Sendable, Equatable {
      /// Index into ``PolicyFacts/attributes``.
      let column: Int
      let holder: Attribute.Holder
      let test: WordTest<AttributeWord>
    }

    let leg: LegFilter
    let attributes: [AttributePlan]
  }

  /// Returns `nil` where the filter passes everything.
  init?(_ filter: PaymentFilter, in set: RuleSet, facts: PolicyFacts) {
    guard filter != .everything else { return nil }
    self.filter = filter
    payer = Self.leg(filter.payer, in: set, facts: facts)
    payee = Self.leg(filter.payee, in: set, facts: facts)
  }

  private static func leg(
    _ leg: LegFilter, in set: RuleSet, facts: PolicyFacts
  ) -> LegPlan? {
    guard leg != .everything else { return nil }
    let attributes = leg.attributes.map { test in
      guard let attribute = set.attributes.first(where: { $0.name == test.attribute }),
        let column = facts.column(of: attribute)
      else { preconditionFailure("attribute \(test.attribute) of no set") }
      return LegPlan.AttributePlan(column: column, holder: attribute.holder, test: test.test)
    }
    return LegPlan(leg: leg, attributes: attributes)
  }

  /// Whether a payment passes.
  func passes(_ request: PolicyRequest, _ facts: borrowing PolicyFacts, at time: LedgerTime) -> Bool
  {
    if let channel = filter.channel {
      guard channel.passes(request.channel.isEmpty ? nil : request.channel) else { return false }
    }
    if let purpose = filter.purpose {
      guard purpose.passes(request.purpose.isEmpty ? nil : request.purpose) else { return false }
    }
    if let payer {
      guard let leg = request.payer, payer.passes(leg, facts) else { return false }
    }
    if let payee {
      guard let leg = request.payee, payee.passes(leg, facts) else { return false }
    }
    if let acquaintance = filter.acquaintance {
      return acquaintance.passes(request, facts, at: time)
    }
    return true
  }
}

extension FilterPlan.LegPlan {
  fileprivate func passes(_ leg: PolicyLeg, _ facts: borrowing PolicyFacts) -> Bool {
    if let test = self.leg.tier {
      guard let tier = leg.tier, test.passes(facts.tiers[tier]) else { return false }
    }
    if let test = self.leg.participant {
      guard test.passes(facts.participants[leg.participant]) else { return false }
    }
    for attribute in attributes {
      switch attribute.holder {
      case .wallet:
        guard leg.tier != nil,
          attribute.test.passes(facts.attributes[attribute.column].word(of: leg.slot))
        else {
          return false
        }
      case .participant:
        guard attribute.test.passes(facts.attributes[attribute.column].word(of: leg.participant))
        else { return false }
      }
    }
    return true
  }
}

extension Acquaintance {
  fileprivate func passes(
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, at time: LedgerTime
  ) -> Bool {
    guard let payer = request.payer, let payee = request.payee, payer.tier != nil,
      payee.tier != nil
    else { return excludes }
    let since =
      switch kind {
      case .paid: facts.paid[payer.slot, payee.slot]
      case .listed: facts.listed[payer.slot, payee.slot]
      }
    let isKnown = since.map { $0.advanced(byMicroseconds: microseconds) <= time } ?? false
    return isKnown != excludes
  }
}

extension Name {
  /// Whether nothing was said.
  fileprivate var isEmpty: Bool { text.isEmpty }
}
