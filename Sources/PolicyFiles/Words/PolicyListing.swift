public import LedgerModel

/// What a rule set says, in sentences for who signs it and for a help desk, and what it costs.
public struct PolicyListing: Hashable, Sendable {
  /// One rule in words and figures.
  public struct Row: Hashable, Sendable {
    public let rule: RuleID
    /// `amount out of a wallet by pay`.
    public let measure: String
    /// `a day in Asia/Shanghai`.
    public let window: String
    /// By tier, in the order of ``PolicyListing/tiers``; `none` where there is no limit.
    ///
    /// One where the set has no tiers.
    public let maxima: [String]
    /// The whole rule.
    public let sentence: String
  }

  public let pack: PackName
  public let version: Int
  public let currency: CurrencyCode
  public let tiers: [Tier]
  public let rows: [Row]
  /// What the sentences name: calendars, attributes, events, groups, exemptions.
  public let definitions: [String]
  public let cost: PolicyCost
  /// Transitions of each zone that the set carries.
  public let zones: [TimeZoneTable]
  public let sourceDigest: Bytes32
  /// When the set comes into force, and what leaves then.
  private let validity: String

  public init(_ ruleSet: RuleSet, exponent: Int) {
    pack = ruleSet.pack
    version = ruleSet.version
    currency = ruleSet.currency
    tiers = ruleSet.tiers
    zones = ruleSet.zones
    sourceDigest = ruleSet.sourceDigest
    cost = PolicyCost(ruleSet)
    let words = PolicyWords(ruleSet, exponent: exponent)
    rows = ruleSet.rules.map { rule in
      let measure = ruleSet.measures[rule.measure]
      return Row(
        rule: rule.id, measure: words.subject(measure), window: words.window(measure),
        maxima: words.cells(rule), sentence: words.sentence(rule))
    }
    definitions = words.definitions
    validity = words.validity
  }

  /// The rules as a table, to hold against a published one: a column for each tier.
  public var table: String {
    let columns = tiers.isEmpty ? ["all"] : tiers.map(\.text)
    let head = ["rule", "measure", "window"] + columns
    let body = rows.map { [$0.rule.text, $0.measure, $0.window] + $0.maxima }
    let table = [head] + body
    let widths = head.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { cells in
      zip(cells.indices, cells).map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column < 3 ? cell + padding : padding + cell
      }.joined(separator: "  ").trimmingTrailingSpaces
    }.joined(separator: "\n")
  }
}

extension PolicyListing: CustomStringConvertible {
  /// The rules in sentences, what they name, and what they cost.
  public var description: String {
    var lines = ["\(pack) version \(version), \(currency)\(validity)"]
    lines += rows.map { "\($0.rule): \($0.sentence)" }
    lines += definitions
    lines.append(cost.description)
    lines += zones.map { "zone \($0.name): \($0.transitions.count) transitions from 1970 on" }
    lines.append("source: sha256 \(sourceDigest.hex)")
    return lines.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
