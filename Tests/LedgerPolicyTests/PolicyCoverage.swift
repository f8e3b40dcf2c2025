import LedgerModel
import LedgerPolicy

/// How often each shape of rule was the answer, so that no test of them all can be empty.
struct PolicyCoverage {
  private(set) var counts: [String: Int] = [:]

  mutating func note(_ what: String) { counts[what, default: 0] += 1 }

  mutating func add(_ other: PolicyCoverage) {
    counts.merge(other.counts) { $0 + $1 }
  }

  /// Notes a decision, and the shapes of the rules that it names.
  mutating func note(_ decision: Decision, of sets: [RuleSet]) {
    note("decisions")
    switch decision {
    case .permit: note("decision permit")
    case .denyUnknownTier: note("decision unknown tier")
    case .deny(let breach):
      note("decision deny")
      note(breach)
      note(breach.rule, of: sets)
    case .permitWith(let conditions):
      note("decision permit with more")
      if conditions.sweep > 0 { note("sweep") }
      for remark in conditions.remarks {
        note("remark \(remark.kind)")
        if let rule = remark.rule { note(rule, of: sets) }
      }
    }
  }

  private mutating func note(_ breach: LimitBreach) {
    if breach.resets != nil { note("resets") }
    if breach.used < 0 { note("used below zero") }
    switch breach.reason {
    case .exceeded: note("reason exceeded")
    case .memoryFull: note("reason memory full")
    case .undecidable: note("reason undecidable")
    case .approvalMissing: note("reason approval missing")
    }
  }

  private mutating func note(_ id: RuleID, of sets: [RuleSet]) {
    for set in sets {
      guard let rule = set.rules.first(where: { $0.id == id }) else { continue }
      let measure = set.measures[rule.measure]
      note("format \(set.format)")
      note("quantity \(measure.quantity)")
      note("scope \(measure.scope)")
      note("direction \(measure.direction)")
      note("window \(measure.window.kind)")
      note("comparison \(rule.comparison)")
      note(rule.countsPreviousOnly ? "previous only" : "current too")
      for operation in measure.operations { note("operation \(operation)") }
      for shape in rule.caps.all.flatMap(\.shapes) { note("cap \(shape)") }
      switch rule.caps {
      case .every: note("caps of every account")
      case .byTier: note("caps by tier")
      }
      switch rule.action {
      case .deny: note("action deny")
      case .flag: note("action flag")
      case .require: note("action require")
      case .waterfall: note("action waterfall")
      case .hold: note("action hold")
      }
      note(measure.filter)
    }
  }

  private mutating func note(_ filter: PaymentFilter) {
    if filter.channel != nil { note("filter channel") }
    if filter.purpose != nil { note("filter purpose") }
    for leg in [filter.payer, filter.payee] {
      if leg.tier != nil { note("filter tier") }
      if leg.participant != nil { note("filter participant") }
      for attribute in leg.attributes { note("filter attribute \(attribute.attribute)") }
    }
    if let acquaintance = filter.acquaintance { note("filter \(acquaintance.kind)") }
  }

  /// Everything that must be seen.
  static let wanted: [String] =
    [
      "decision permit", "decision unknown tier", "decision deny", "decision permit with more",
      "sweep", "remark flagged", "remark shadowRefused", "remark shadowTierUnknown",
      "not newer", "no room for a set", "no room to come back", "resets", "used below zero",
      "reason exceeded", "reason memory full", "reason undecidable", "reason approval missing",
      "format 1", "format 2", "previous only", "current too", "caps of every account",
      "caps by tier", "action deny", "action flag", "action require", "action waterfall",
      "filter channel", "filter purpose", "filter tier", "filter participant",
      "filter attribute kind", "filter attribute class", "cap constant", "cap attribute",
      "cap balance", "cap share", "cap least", "cap greatest", "kept a counter", "withdrawn",
      "came back", "scheduled", "superseded", "opened", "refused by the ledger", "drawn",
      "restarted",
      "same instant",
    ] + Measure.Quantity.allCases.map { "quantity \($0)" }
    + Measure.Scope.allCases.map { "scope \($0)" }
    + Measure.Direction.allCases.map { "direction \($0)" }
    + Measure.Operation.allCases.map { "operation \($0)" }
    + Rule.Comparison.allCases.map { "comparison \($0)" }
    + Acquaintance.Kind.allCases.map { "filter \($0)" }
    + [
      "payment", "lifetime", "day", "week", "month", "year", "business day", "span", "rolling",
      "since", "after",
    ].map { "window \($0)" }

  /// What was seen less often than that.
  func missing(below least: Int) -> [String] {
    Self.wanted.filter { counts[$0, default: 0] < least }.map { "\($0): \(counts[$0, default: 0])" }
  }
}

extension Window {
  fileprivate var kind: String {
    switch self {
    case .payment: "payment"
    case .lifetime: "lifetime"
    case .day: "day"
    case .week: "week"
    case .month: "month"
    case .year: "year"
    case .businessDay: "business day"
    case .span: "span"
    case .rolling: "rolling"
    case .since: "since"
    case .after: "after"
    }
  }
}

extension Cap {
  /// What it is made of.
  fileprivate var shapes: [String] {
    switch self {
    case .constant: ["constant"]
    case .attribute: ["attribute"]
    case .balance: ["balance"]
    case .share(_, let cap): ["share"] + cap.shapes
    case .least(let caps): ["least"] + caps.flatMap(\.shapes)
    case .greatest(let caps): ["greatest"] + caps.flatMap(\.shapes)
    }
  }
}
