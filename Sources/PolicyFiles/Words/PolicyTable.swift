public import LedgerModel

/// The published schedule, read back from compiled rules: to be held against the official one.
///
/// Nothing of it comes from the policy file's text but the list of sources and of figures that no
/// source confirms.
public struct PolicyTable: Hashable, Sendable, Encodable {
  /// Rules that measure the same, each over another window.
  public struct Schedule: Hashable, Sendable, Encodable {
    /// What is measured, of which payments, and what happens above.
    public let title: String
    public let rows: [Row]
  }

  /// One rule, with a cell for each tier.
  public struct Row: Hashable, Sendable, Encodable {
    public let rule: String
    /// `a day in Asia/Shanghai`, or `after each payment`.
    public let window: String
    /// In the order of ``PolicyTable/tiers``.
    public let cells: [Cell]
  }

  /// One figure.
  public struct Cell: Hashable, Sendable, Encodable {
    /// With the currency's digits; `-` where there is no limit.
    public let figure: PolicyFigure
    public let isUnverified: Bool
  }

  /// A rule that is the same for every account.
  public struct Line: Hashable, Sendable, Encodable {
    public let rule: String
    public let text: String
    /// As in a ``Cell``; the text has it too.
    public let figure: PolicyFigure
    public let isUnverified: Bool
  }

  public let pack: String
  public let version: Int
  public let currency: String
  /// When the file says that it is in force, and what it comes after; empty where it does not.
  public let validity: [String]
  public let tiers: [String]
  public let schedules: [Schedule]
  public let lines: [Line]
  /// Calendars, attributes, events, groups and exemptions, in words.
  public let definitions: [String]
  /// `[A] Title, 2025-10-08, https://…`.
  public let sources: [String]

  /// Whether a figure is marked.
  public var hasUnverified: Bool {
    lines.contains(where: \.isUnverified)
      || schedules.contains { $0.rows.contains { $0.cells.contains(where: \.isUnverified) } }
  }

  /// Reads a compiled policy.
  ///
  /// - Complexity: O(rules · (rules + tiers)).
  public init(_ policy: CompiledPolicy) {
    self.init(
      policy.ruleSet, exponent: policy.exponent, effective: policy.effective,
      supersedes: policy.supersedes, unverified: policy.unverified, sources: policy.sources)
  }

  /// Reads a rule set alone, as an order has it.
  ///
  /// - Complexity: O(rules · (rules + tiers)).
  public init(_ set: RuleSet, exponent: Int) {
    self.init(
      set, exponent: exponent, effective: PolicyValidity(from: set.effectiveFrom, until: nil),
      supersedes: set.supersedes, unverified: [], sources: [])
  }

  private init(
    _ set: RuleSet, exponent: Int, effective: PolicyValidity, supersedes: PackVersion?,
    unverified: [String], sources: [PolicySource]
  ) {
    let words = MeasureWords(set, exponent: exponent)
    pack = set.pack.text
    version = set.version
    currency = set.currency.description
    validity = [
      words.validity(from: effective.from, until: effective.until),
      supersedes.map { "in place of \($0)" },
    ].compactMap(\.self)
    tiers = set.tiers.map(\.text)
    let unverified = Set(unverified)
    var groups: [(subject: Subject, rules: [Rule])] = []
    var lines: [Line] = []
    for rule in set.rules {
      guard case .byTier = rule.caps else {
        let measure = set.measures[rule.measure]
        lines.append(
          Line(
            rule: rule.id.text, text: words.line(rule, measure),
            figure: words.figure(rule.caps.all.first, measure.quantity),
            isUnverified: unverified.contains(rule.id.text)))
        continue
      }
      let subject = Subject(rule, set.measures[rule.measure])
      if let place = groups.firstIndex(where: { $0.subject == subject }) {
        groups[place].rules.append(rule)
      } else {
        groups.append((subject, [rule]))
      }
    }
    self.lines = lines
    schedules = groups.map { group in
      Schedule(
        title: words.title(group.rules[0], set.measures[group.rules[0].measure]),
        rows: group.rules.map { Self.row($0, set, words, unverified) })
    }
    definitions = words.definitions(of: set)
    self.sources = sources.map { source in
      "[\(source.grade.rawValue)] \(source.title), \(source.dated)"
        + (source.url.map { ", \($0)" } ?? "")
    }
  }

  private static func row(
    _ rule: Rule, _ set: RuleSet, _ words: MeasureWords, _ unverified: Set<String>
  ) -> Row {
    let measure = set.measures[rule.measure]
    var cells: [Cell] = []
    if case .byTier(let caps) = rule.caps {
      cells = zip(set.tiers, caps).map { tier, cap in
        Cell(
          figure: words.figure(cap, measure.quantity),
          isUnverified: unverified.contains("\(rule.id).\(tier)")
            || unverified.contains(rule.id.text))
      }
    }
    return Row(
      rule: rule.id.text, window: words.memory(measure) ?? "after each payment", cells: cells)
  }
}

/// What the rules of one schedule have in common: all but the window and the caps.
private struct Subject: Equatable {
  let quantity: Measure.Quantity
  let scope: Measure.Scope
  let direction: Measure.Direction
  let operations: [Measure.Operation]
  let filter: PaymentFilter
  let comparison: Rule.Comparison
  let countsPreviousOnly: Bool
  let action: Rule.Action
  let from: LedgerTime?
  let until: LedgerTime?

  init(_ rule: Rule, _ measure: Measure) {
    quantity = measure.quantity
    scope = measure.scope
    direction = measure.direction
    operations = measure.operations
    filter = measure.filter
    comparison = rule.comparison
    countsPreviousOnly = rule.countsPreviousOnly
    action = rule.action
    from = rule.from
    until = rule.until
  }
}

extension MeasureWords {
  /// What rules of one schedule say, without their figures and windows.
  fileprivate func title(_ rule: Rule, _ measure: Measure) -> String {
    let subject = Self.capitalised(subject(measure, previousOnly: rule.countsPreviousOnly))
    let condition = condition(measure.filter).map { ", \($0)" } ?? ""
    return "\(subject)\(condition): \(comparison(rule.comparison)) the figure; otherwise "
      + consequence(rule.action) + (validity(rule).map { "; \($0)" } ?? "")
  }

  /// A rule without tiers as one sentence.
  fileprivate func line(_ rule: Rule, _ measure: Measure) -> String {
    let subject = Self.capitalised(subject(measure, previousOnly: rule.countsPreviousOnly))
    let window = memory(measure).map { ", in \($0)" } ?? ""
    let condition = condition(measure.filter).map { ", \($0)" } ?? ""
    let cap = figure(rule.caps.all.first, measure.quantity).text
    return "\(subject)\(window)\(condition): \(comparison(rule.comparison)) \(cap); otherwise "
      + consequence(rule.action) + (validity(rule).map { "; \($0)" } ?? "")
  }

  /// The window, with the payments that it remembers at most.
  fileprivate func memory(_ measure: Measure) -> String? {
    guard case .rolling(_, let events) = measure.window else { return window(measure) }
    return window(measure).map { "\($0) (of at most \(events) payments)" }
  }

  private func validity(_ rule: Rule) -> String? { validity(from: rule.from, until: rule.until) }
}
