import LedgerModel
import PolicyFiles

/// A policy of a few random limits, with one example of random payments.
struct RandomPack {
  /// A limit that is told to be idle, in one tier or in all of them.
  struct Idle: Hashable {
    let rule: String
    let tier: Int?
  }

  private struct Limit {
    let name: String
    /// All but the bounds.
    let fields: [String]
    /// `maximum`, `under` or `minimum`.
    let comparison: String
    /// One for all, or one for each tier.
    var bounds: [String]

    var text: String {
      let value =
        bounds.count == 1
        ? bounds[0]
        : "{\(zip(RandomPack.tiers, bounds).map { "\($0): \($1)" }.joined(separator: ", "))}"
      let lines = fields + ["\(comparison): \(value)"]
      return "  - rule: \(name)\n" + lines.map { "    \($0)\n" }.joined()
    }
  }

  private static let tiers = ["basic", "full"]
  private static let account = "0190163d-8694-739b-aea5-966c26f8ad91"

  /// Whether no tier, exemption or validity changes.
  let isCalm: Bool
  private var limits: [Limit]
  private let exempt: [String]
  private let steps: [String]

  init(isCalm: Bool, using random: inout SplitMix64) {
    self.isCalm = isCalm
    limits = (0..<Int.random(in: 3...7, using: &random)).map { number in
      Self.limit("r\(number)", isCalm: isCalm, using: &random)
    }
    exempt =
      isCalm || Bool.random(using: &random)
      ? [] : limits.map(\.name).filter { _ in Bool.random(using: &random) }
    steps = Self.steps(isCalm: isCalm, using: &random)
  }

  private init(limit: Limit, steps: [String]) {
    isCalm = true
    limits = [limit]
    exempt = []
    self.steps = steps
  }

  /// Two packs of one limit that flags, which differ in one field, with the same payments; `nil`
  /// where they do not differ.
  static func variants(using random: inout SplitMix64) -> (RandomPack, RandomPack)? {
    let one = limit("r0", isCalm: true, using: &random)
    let other = limit("r0", isCalm: true, using: &random)
    let name = random.one(of: ["window", "per", "direction", "operations", "when", "counts"])
    func isNamed(_ field: String) -> Bool { field.hasPrefix("\(name):") }
    let fields = one.fields.map { $0.hasPrefix("then:") ? "then: flag" : $0 }
    let changed = fields.filter { !isNamed($0) } + other.fields.filter(isNamed)
    guard Set(changed) != Set(fields) else { return nil }
    let steps = steps(isCalm: true, using: &random)
    let packs = [fields, changed].map { fields in
      RandomPack(
        limit: Limit(
          name: one.name, fields: fields, comparison: one.comparison, bounds: one.bounds),
        steps: steps)
    }
    return (packs[0], packs[1])
  }

  var text: String {
    """
    \(head)
    tests:
      - name: at random
        participants: {bank: {balance: "1000"}}
        wallets:
          a: {tier: basic, balance: "40", owner: one, account: \(Self.account), linked: true}
          b: {tier: basic, balance: "40", owner: one, opened: "2025-03-01T00:00:00Z"}
          c: {tier: full, balance: "40", opened: "2025-03-01T00:00:00Z"}
        steps:
    \(steps.map { "      - {\($0)}\n" }.joined())
    """
  }

  /// All but the example.
  var head: String {
    let names = limits.map(\.name).filter(exempt.contains).joined(separator: ", ")
    let exemptions =
      names.isEmpty
      ? ""
      : "exemptions: [{rules: [\(names)], wallets: [\(Self.account)], "
        + "until: \"2025-03-04T00:00:00Z\", reason: A test}]\n"
    return """
      schema: 1
      pack: test.random
      version: 1
      currency: CNY
      timezone: Asia/Shanghai
      mode: enforce
      tiers: [basic, full]
      attributes:
        set: {of: wallet, amount: {initial: "3", ceiling: none}}
        unset: {of: wallet, amount: {initial: none, ceiling: none}}
      events: {opening: opened}
      groups: {board: [1111111111111111111111111111111111111111111111111111111111111111]}
      \(exemptions)limits:
      \(limits.map(\.text).joined())
      """
  }

  /// The limits that warnings name; where tiers and the like change, those of W01 alone.
  func idle(_ warnings: [Diagnostic]) -> [Idle] {
    warnings.compactMap { warning in
      switch warning.problem {
      case .alwaysDecidedBefore(let rule, _): Idle(rule: rule.text, tier: nil)
      case .neverBinding(let rule, let tier, _), .belowReach(let rule, let tier):
        isCalm
          ? Idle(rule: rule.text, tier: tier.flatMap { Self.tiers.firstIndex(of: $0.text) }) : nil
      default: nil
      }
    }
  }

  /// The same without some limits, or without their bounds of a tier; `nil` where none is left.
  func without(_ idle: [Idle]) -> RandomPack? {
    var rest = self
    for one in idle {
      guard let place = rest.limits.firstIndex(where: { $0.name == one.rule }) else { continue }
      if let tier = one.tier { rest.limits[place].bounds[tier] = "none" }
      if one.tier == nil || rest.limits[place].bounds.allSatisfy({ $0 == "none" }) {
        rest.limits.remove(at: place)
      }
    }
    return rest.limits.isEmpty ? nil : rest
  }

  private static func limit(
    _ name: String, isCalm: Bool, using random: inout SplitMix64
  ) -> Limit {
    let quantity = random.one(
      of: [
        "amount", "amount", "amount", "amount", "amount", "count", "count", "counterparties",
        "balance", "balance", "since-last",
      ])
    let direction =
      switch quantity {
      case "balance": "in"
      case "counterparties", "since-last": random.one(of: ["out", "in"])
      default: random.one(of: ["out", "out", "in", "turnover", "net"])
      }
    let operations =
      switch direction {
      case "out": random.one(of: ["[pay]", "[pay, cash-out]", "[cash-out]"])
      case "in": random.one(of: ["[fund, pay]", "[pay]", "[fund]"])
      default: random.one(of: ["[pay]", "[fund, pay]", "[fund, pay, cash-out]"])
      }
    let hasWindow = quantity != "balance" && quantity != "since-last"
    let remembered = [
      "day", "day", "week", "lifetime", #"{rolling: "PT6H", events: 3}"#,
      #"{rolling: "PT18H", events: 3}"#,
    ]
    let window = random.one(
      of: quantity == "counterparties"
        ? remembered
        : remembered + [
          "payment", "payment", "payment", #"{from: "08:00", to: "12:00", on: every-day}"#,
          #"{from: "06:00", to: "14:00", on: every-day}"#,
          #"{from: "20:00", to: "04:00", on: every-day}"#, "{since: opening}",
          #"{after: opening, for: "PT36H"}"#,
        ])
    let isWallets = quantity == "counterparties" || window.contains("opening")
    let isPair = operations == "[pay]" && direction == "out"
    let scope = random.one(
      of: isWallets
        ? ["wallet"] : ["wallet", "wallet", "wallet", isPair ? "pair" : "owner", "participant"])
    let action =
      quantity == "balance" && Int.random(in: 0..<3, using: &random) == 0
      ? "{waterfall: linked-account}"
      : random.one(of: ["deny", "deny", "deny", "flag", "{require: 1, of: board}"])
    var fields = [
      "measure: \(quantity)", "operations: \(operations)", "direction: \(direction)",
      "per: \(scope)", "then: \(action)",
    ]
    if hasWindow { fields.append("window: \(window)") }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: fields.append("when: {channel: [card]}")
    case 1: fields.append("when: {channel: [card, web]}")
    case 2: fields.append("when: {payer: {tier: [basic]}}")
    default: break
    }
    if hasWindow, window != "payment", Int.random(in: 0..<5, using: &random) == 0 {
      fields.append("counts: previous")
    }
    if !isCalm, Int.random(in: 0..<4, using: &random) == 0 {
      fields.append(
        "effective: "
          + random.one(
            of: [
              #"{from: "2025-03-02T12:00:00Z"}"#, #"{until: "2025-03-03T12:00:00Z"}"#,
              #"{from: "2025-03-02T12:00:00Z", until: "2025-03-04T12:00:00Z"}"#,
            ]))
    }
    let comparison =
      quantity == "since-last"
      ? "minimum" : random.one(of: ["maximum", "maximum", "maximum", "under", "minimum"])
    let count = Bool.random(using: &random) ? 1 : tiers.count
    var bounds = (0..<count).map { _ in bound(quantity, scope, using: &random) }
    if count > 1, Int.random(in: 0..<4, using: &random) == 0 { bounds[1] = "none" }
    return Limit(name: name, fields: fields, comparison: comparison, bounds: bounds)
  }

  private static func bound(
    _ quantity: String, _ scope: String, using random: inout SplitMix64
  ) -> String {
    switch quantity {
    case "amount":
      let value = "\"\(random.one(of: [0, 1, 2, 3, 4, 5, 6, 9, 14, 30]))\""
      let own = scope == "wallet" ? random.one(of: ["set", "unset"]) : nil
      switch Int.random(in: 0..<12, using: &random) {
      case 0: return "{share: \"50%\", of: \(value)}"
      case 1: return own.map { "{greatest: [{attribute: \($0)}, \(value)]}" } ?? value
      case 2: return own.map { "{least: [{attribute: \($0)}, \(value)]}" } ?? value
      default: return value
      }
    case "balance": return "\"\(random.one(of: [0, 2, 38, 41, 45, 80, 90]))\""
    case "since-last": return "\"PT\(random.one(of: [1, 2, 5]))H\""
    default: return "\(random.one(of: [0, 1, 2, 3, 5, 8]))"
    }
  }

  private static func steps(isCalm: Bool, using random: inout SplitMix64) -> [String] {
    var minutes = 60
    return (0..<120).map { _ in
      minutes += random.one(of: [0, 0, 10, 45, 90, 240])
      let at = LedgerTime(
        microseconds: 1_740_787_200_000_000 + UInt64(minutes) * 60_000_000)  // 2025-03-01.
      if !isCalm, Int.random(in: 0..<20, using: &random) == 0 {
        return "at: \"\(at)\", tier: \(random.one(of: ["a", "b", "c"])), to: "
          + random.one(of: tiers)
      }
      let wallet = random.one(of: ["a", "b", "c"])
      let other = random.one(of: ["a", "b", "c"].filter { $0 != wallet })
      let sides =
        switch random.one(of: ["pay", "pay", "pay", "fund", "cash-out"]) {
        case "pay": "op: pay, from: \(wallet), to: \(other)"
        case "fund": "op: fund, from: bank, to: \(wallet)"
        default: "op: cash-out, from: \(wallet), to: bank"
        }
      let channel = random.one(of: ["", "", ", channel: card", ", channel: web"])
      let signed = Bool.random(using: &random) ? ", signed: {board: 1}" : ""
      let amount = random.one(of: [1, 1, 1, 2, 3, 5])
      return "at: \"\(at)\", \(sides), amount: \"\(amount)\"\(channel)\(signed), expect: permit"
    }
  }
}

extension SplitMix64 {
  /// One of a list that is not empty.
  fileprivate mutating func one<Item>(of items: [Item]) -> Item {
    items[Int.random(in: 0..<items.count, using: &self)]
  }
}
