public import LedgerModel

/// What a rule set holds and costs, for `policy check`.
public struct PolicyListing: Hashable, Sendable {
  /// One rule in words and figures.
  public struct Row: Hashable, Sendable {
    public let rule: RuleID
    /// `amount out by pay`.
    public let measure: String
    /// `day in Asia/Shanghai`.
    public let window: String
    /// By tier, in the order of ``PolicyListing/tiers``; `none` where there is no maximum.
    public let maxima: [String]
  }

  public let pack: PackName
  public let version: Int
  public let currency: CurrencyCode
  public let tiers: [Tier]
  public let rows: [Row]
  /// Counters that each wallet has.
  public let countersPerWallet: Int
  /// Memory of a wallet's counters.
  public let bytesPerWallet: Int
  /// The most comparisons that one payment can cost, by operation.
  public let comparisonsMax: [Measure.Operation: Int]
  /// Transitions of each zone that the set carries.
  public let zones: [TimeZoneTable]
  public let sourceDigest: Bytes32

  /// Bytes of one counter in `LedgerPolicy`.
  private static let counterBytes = 16

  public init(_ ruleSet: RuleSet, exponent: Int) {
    pack = ruleSet.pack
    version = ruleSet.version
    currency = ruleSet.currency
    tiers = ruleSet.tiers
    zones = ruleSet.zones
    sourceDigest = ruleSet.sourceDigest
    countersPerWallet = ruleSet.measures.count(where: \.isCounted)
    bytesPerWallet = countersPerWallet * Self.counterBytes
    rows = ruleSet.rules.map { Self.row($0, ruleSet, exponent) }
    comparisonsMax = Dictionary(
      uniqueKeysWithValues: Measure.Operation.allCases.map { operation in
        (
          operation,
          Self.comparisons(operation, .out, ruleSet) + Self.comparisons(operation, .into, ruleSet)
        )
      })
  }

  private static func row(_ rule: Rule, _ ruleSet: RuleSet, _ exponent: Int) -> Row {
    let measure = ruleSet.measures[rule.measure]
    let quantity =
      switch measure.quantity {
      case .amount: "amount"
      case .count: "count"
      case .balance: "balance"
      }
    let direction = measure.direction == .out ? "out" : "in"
    let operations = measure.operations.map(\.word).joined(separator: ", ")
    let maxima = rule.maxima.map { maximum -> String in
      guard let maximum else { return "none" }
      return measure.quantity == .count
        ? String(maximum) : DecimalAmount.text(Int128(maximum), exponent: exponent)
    }
    return Row(
      rule: rule.id, measure: "\(quantity) \(direction) by \(operations)",
      window: measure.quantity == .balance
        ? "after each payment"
        : measure.window.word + (measure.zone.map { " in \($0.name)" } ?? ""), maxima: maxima)
  }

  /// Rules that one leg can meet: of the tier that has the most.
  private static func comparisons(
    _ operation: Measure.Operation, _ direction: Measure.Direction, _ ruleSet: RuleSet
  ) -> Int {
    ruleSet.tiers.indices.map { tier in
      ruleSet.rules.count { rule in
        let measure = ruleSet.measures[rule.measure]
        return measure.direction == direction && measure.operations.contains(operation)
          && rule.maxima[tier] != nil
      }
    }.max() ?? 0
  }
}

extension PolicyListing: CustomStringConvertible {
  /// A table of the rules, and what they cost.
  public var description: String {
    let head = ["rule", "measure", "window"] + tiers.map(\.text)
    let body = rows.map { [$0.rule.text, $0.measure, $0.window] + $0.maxima }
    let table = [head] + body
    let widths = head.indices.map { column in table.map { $0[column].utf8.count }.max() ?? 0 }
    let lines = table.map { cells in
      zip(cells.indices, cells).map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.utf8.count)
        return column < 3 ? cell + padding : padding + cell
      }.joined(separator: "  ").trimmingTrailingSpaces
    }
    let costs = Measure.Operation.allCases.map { "\($0.word) \(comparisonsMax[$0] ?? 0)" }
    return
      (["\(pack) version \(version), \(currency)"] + lines + [
        "counters per wallet: \(countersPerWallet) (\(bytesPerWallet) bytes)",
        "comparisons per payment, at most: \(costs.joined(separator: ", "))",
      ]
      + zones.map { "zone \($0.name): \($0.transitions.count) transitions from 1970 on" }
      + ["source: sha256 \(sourceDigest.hex)"]).joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
