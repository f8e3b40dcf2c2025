public import LedgerModel

/// What changes from one policy to another: version to version, or pack to pack.
///
/// The two are compared as if each were in force alone. An example of a change is a payment that
/// both rule sets were run on, each from an empty beginning, with different outcomes.
public struct PolicyDiff: Hashable, Sendable, Encodable {
  /// Where a change leads.
  public enum Direction: String, Hashable, Sendable, Encodable, CaseIterable {
    /// Nothing that was refused is now allowed.
    case tightening
    /// Nothing that was allowed is now refused.
    case loosening
    /// Neither, or it cannot be told.
    case either
  }

  /// What a change is of.
  public enum Kind: String, Hashable, Sendable, Encodable, CaseIterable {
    case tier
    case ruleAdded = "rule-added"
    case ruleRemoved = "rule-removed"
    case ruleRenamed = "rule-renamed"
    case cap
    case action
    case comparison
    case counting
    case quantity
    case scope
    case window
    case direction
    case operations
    case filter
    case validity
    case exemption
    case attribute
    case event
    case calendar
    case zone
    case group
  }

  /// A payment that the two policies answer differently.
  public struct Example: Hashable, Sendable, Encodable {
    /// Who takes part, and what is said of them.
    public let parties: [String]
    /// What happens before, which both permit.
    public let history: [String]
    /// The payment in question.
    public let payment: String
    /// What the old policy answers, and the new one.
    public let before: String
    public let after: String
    /// Whether it takes other changes beside this one for the answers to differ.
    public let isJoint: Bool
  }

  /// One change.
  public struct Change: Hashable, Sendable, Encodable {
    public let kind: Kind
    /// A rule's id, or what else is changed: `calendar holidays`.
    public let subject: String
    /// `nil` where it is every tier's.
    public let tier: String?
    /// `cap raised from 2,000.00 to 5,000.00`.
    public let text: String
    public let direction: Direction
    /// Why it cannot be ordered; `nil` where it can.
    public let reason: String?
    public let example: Example?
    /// Why there is no example; `nil` where there is one.
    public let exampleMissing: String?
  }

  /// What becomes of a counter when the new policy replaces the old one.
  public struct Counter: Hashable, Sendable, Encodable {
    public enum Fate: String, Hashable, Sendable, Encodable {
      /// What was used counts on.
      case livesOn = "lives on"
      case startsAtZero = "starts at zero"
      case isForgotten = "is forgotten"
    }

    /// The measure in words.
    public let measure: String
    /// The rules that ask it, of the new policy where it has it.
    public let rules: [String]
    public let fate: Fate
  }

  /// `cn.ecny.personal version 1`.
  public let before: String
  public let after: String
  /// Whether the new policy, when it comes into force, replaces the old one.
  public let replaces: Bool
  public let changes: [Change]
  public let counters: [Counter]

  /// Compares two policies.
  ///
  /// - Throws: ``PolicyDiffError`` where their amounts cannot be compared.
  /// - Complexity: O(rules²), and some thousand trial payments for each change at most.
  public init(from old: CompiledPolicy, to new: CompiledPolicy) throws(PolicyDiffError) {
    let (one, two) = (old.ruleSet, new.ruleSet)
    guard one.currency == two.currency else {
      throw .otherCurrency(one.currency, two.currency)
    }
    guard old.exponent == new.exponent else { throw .otherExponent(old.exponent, new.exponent) }
    before = PackVersion(pack: one.pack, version: one.version).description
    after = PackVersion(pack: two.pack, version: two.version).description
    replaces = one.pack == two.pack || two.supersedes?.pack == one.pack
    let comparison = PolicyComparison(old, new)
    let probe = DiffProbe(old, new)
    changes = comparison.changes.map { probe.illustrated($0) }
    counters = Self.counters(one, two, exponent: old.exponent, replaces: replaces)
  }

  private static func counters(
    _ old: RuleSet, _ new: RuleSet, exponent: Int, replaces: Bool
  ) -> [Counter] {
    func counter(_ index: Int, _ set: RuleSet, _ fate: Counter.Fate) -> Counter {
      let words = MeasureWords(set, exponent: exponent)
      let measure = set.measures[index]
      let condition = words.condition(measure.filter).map { ", \($0)" } ?? ""
      return Counter(
        measure: words.subject(measure) + (words.window(measure).map { " in \($0)" } ?? "")
          + condition,
        rules: set.rules.filter { $0.measure == index }.map(\.id.text), fate: fate)
    }
    var counters: [Counter] = []
    for (index, measure) in new.measures.enumerated() where measure.isCounted {
      let lives = replaces && old.measures.contains { $0.isCounted && $0.countsSame(as: measure) }
      counters.append(counter(index, new, lives ? .livesOn : .startsAtZero))
    }
    guard replaces else { return counters }
    for (index, measure) in old.measures.enumerated()
    where measure.isCounted && !new.measures.contains(where: { $0.countsSame(as: measure) }) {
      counters.append(counter(index, old, .isForgotten))
    }
    return counters
  }
}

/// Why two policies cannot be compared.
public enum PolicyDiffError: Error, Hashable, Sendable, CustomStringConvertible {
  case otherCurrency(CurrencyCode, CurrencyCode)
  case otherExponent(Int, Int)

  public var description: String {
    switch self {
    case .otherCurrency(let one, let two):
      "the policies are of currencies `\(one)` and `\(two)`; compare two of one currency"
    case .otherExponent(let one, let two):
      "the policies were compiled for `\(one)` and `\(two)` decimal digits; compile both for one"
    }
  }
}
