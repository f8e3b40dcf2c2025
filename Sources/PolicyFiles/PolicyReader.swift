import LedgerModel

/// One limit as it stands in the file, before its measure has a place in a set.
struct DraftRule {
  let id: RuleID
  let position: SourcePosition
  let quantity: Measure.Quantity
  let window: Measure.Window
  let direction: Measure.Direction
  let operations: [Measure.Operation]
  /// By index into the tiers; `nil` is no maximum.
  let maxima: [UInt64?]
}

/// Reads the head of a policy file and its limits.
struct PolicyReader {
  var fields: FieldReader
  let exponent: Int
  let zones: ZoneDatabase

  var pack: PackName?
  var version: Int?
  var currency: CurrencyCode?
  var zone: TimeZoneTable?
  var mode: CompiledPolicy.Mode?
  var tiers: [Tier] = []
  var sources: [PolicySource] = []
  var rules: [DraftRule] = []
  var unverified: [(cell: String, position: SourcePosition)] = []
  var examples: [PolicyExample] = []
  private var ids: [String: Int] = [:]

  init(file: String, exponent: Int, zones: ZoneDatabase) {
    self.fields = FieldReader(file: file)
    self.exponent = exponent
    self.zones = zones
  }

  /// Reads the whole file; what is wrong is in ``fields``.
  mutating func read(_ root: YAMLValue) {
    guard let top = fields.fields(root, .file) else { return }
    readHead(top)
    if let value = top["tiers"] { readTiers(value) }
    if let value = top["sources"] { readSources(value) }
    if let value = top["limits"], !tiers.isEmpty { readLimits(value) }
    if let value = top["unverified"] { readUnverified(value) }
    if let value = top["tests"] { readTests(value) }
  }

  private mutating func readHead(_ top: Fields) {
    if let value = top["schema"], let text = fields.text(value, "`schema`"),
      value.isQuoted || text != "1"
    {
      fields.report(.unknownSchema(text), at: value.position)
    }
    if let value = top["pack"] { pack = fields.name(value, PackName.self) }
    if let value = top["version"] {
      version = fields.integer(value, "`version`", 1...Int(Int32.max))
    }
    if let value = top["currency"], let text = fields.text(value, "`currency`") {
      currency = CurrencyCode(text)
      if currency == nil {
        let capitals = text.uppercased()
        fields.report(
          .unknownCurrency(text, suggestion: CurrencyCode(capitals) == nil ? nil : capitals),
          at: value.position)
      }
    }
    if let value = top["timezone"], let name = fields.text(value, "`timezone`") {
      switch zones.table(named: name) {
      case .success(let table): zone = table
      case .failure(let failure): fields.report(failure.problem, at: value.position)
      }
    }
    if let value = top["mode"] {
      let known = CompiledPolicy.Mode.allCases.map(\.rawValue)
      mode = fields.word(value, "mode", known: known).flatMap(CompiledPolicy.Mode.init)
    }
  }

  private mutating func readTiers(_ value: YAMLValue) {
    guard let items = fields.list(value, "`tiers`") else { return }
    guard items.count <= Limits.tiersPerSetMax else {
      fields.report(
        .tooMany("tiers", count: items.count, max: Limits.tiersPerSetMax), at: value.position)
      return
    }
    var lines: [Tier: Int] = [:]
    for item in items {
      guard let tier = fields.name(item, Tier.self) else { continue }
      if let first = lines[tier] {
        fields.report(.duplicateID(tier.text, first: first), at: item.position)
      } else {
        lines[tier] = item.position.line
        tiers.append(tier)
      }
    }
  }

  private mutating func readSources(_ value: YAMLValue) {
    for (key, value) in fields.pairs(value, "`sources`") ?? [] {
      guard let id = fields.word(key, "source"), let source = fields.fields(value, .source)
      else { continue }
      let title = source["title"].flatMap { fields.text($0, "`title`") }
      let url = source["url"].flatMap { fields.text($0, "`url`") }
      let dated = source["dated"].flatMap { value -> String? in
        guard let text = fields.text(value, "`dated`") else { return nil }
        if !value.isQuoted { fields.report(.unquotedTime(text), at: value.position) }
        return text
      }
      let known = PolicySource.Grade.allCases.map(\.rawValue)
      let grade = source["grade"].flatMap { fields.word($0, "grade", known: known) }
      guard let title, let dated, let grade = grade.flatMap(PolicySource.Grade.init)
      else { continue }
      sources.append(PolicySource(id: id, title: title, url: url, dated: dated, grade: grade))
    }
  }

  private mutating func readLimits(_ value: YAMLValue) {
    for item in fields.list(value, "`limits`") ?? [] {
      guard case .mapping(let pairs) = item.content else {
        fields.report(.wantedMapping("a limit"), at: item.position)
        continue
      }
      if pairs.contains(where: { $0.key.text == "table" }) {
        readTable(item)
      } else {
        readRule(item)
      }
    }
  }

  /// What a table and a rule have in common.
  private struct Head {
    let quantity: Measure.Quantity
    let direction: Measure.Direction
    let operations: [Measure.Operation]
  }

  private mutating func readHead(ofLimit limit: Fields) -> Head? {
    if let value = limit["per"] { _ = fields.word(value, "scope", known: ["wallet"]) }
    if let value = limit["then"] { _ = fields.word(value, "action", known: ["deny"]) }
    if let value = limit["sources"] {
      for item in fields.list(value, "`sources`") ?? [] {
        _ = fields.word(item, "source", known: sources.map(\.id))
      }
    }
    let quantity = limit["measure"].flatMap {
      fields.word($0, "measure", known: ["amount", "count", "balance"])
    }
    let direction = limit["direction"].flatMap {
      fields.word($0, "direction", known: ["out", "in"])
    }
    var operations: [Measure.Operation] = []
    for item in limit["operations"].flatMap({ fields.list($0, "`operations`") }) ?? [] {
      guard let word = fields.word(item, "operation", known: Measure.Operation.words),
        let operation = Measure.Operation(word: word)
      else { continue }
      guard !operations.contains(operation) else {
        fields.report(.operationsRepeated(word), at: item.position)
        continue
      }
      if operation == (direction == "in" ? .cashOut : .fund), let direction {
        fields.report(.noLeg(direction, operation: word), at: item.position)
      }
      operations.append(operation)
    }
    guard let quantity, let direction, !operations.isEmpty else { return nil }
    if quantity == "balance", direction != "in" {
      fields.report(.windowOfBalance, at: limit["direction"]?.position ?? limit.position)
    }
    return Head(
      quantity: quantity == "amount" ? .amount : quantity == "count" ? .count : .balance,
      direction: direction == "in" ? .into : .out, operations: operations.sorted())
  }

  private mutating func readTable(_ value: YAMLValue) {
    guard let limit = fields.fields(value, .table) else { return }
    let name = limit["table"].flatMap { fields.name($0, RuleID.self) }
    let head = readHead(ofLimit: limit)
    let columns = limit["tiers"].flatMap { readColumns($0) }
    guard let rows = limit["maxima"].flatMap({ fields.pairs($0, "`maxima`") }), let name, let head
    else { return }
    guard head.quantity != .balance else {
      fields.report(.windowOfBalance, at: limit["measure"]?.position ?? limit.position)
      return
    }
    for (key, row) in rows {
      guard let word = fields.word(key, "window", known: Measure.Window.words),
        let window = Measure.Window(word: word), let columns
      else { continue }
      guard case .list(let cells) = row.content else {
        fields.report(.wantedList("row `\(word)`"), at: row.position)
        continue
      }
      guard cells.count == columns.count else {
        fields.report(
          .missingCell(row: word, cells: cells.count, tiers: columns.count), at: row.position)
        continue
      }
      var maxima: [UInt64?] = Array(repeating: nil, count: tiers.count)
      for (column, cell) in zip(columns, cells) {
        maxima[column] = readMaximum(cell, head.quantity)
      }
      guard let id = readID("\(name.text).\(word)", at: key.position) else { continue }
      add(id, at: key.position, head, window, maxima)
    }
  }

  /// Returns the place of each column's tier, where each tier stands once.
  private mutating func readColumns(_ value: YAMLValue) -> [Int]? {
    guard let items = fields.list(value, "`tiers`") else { return nil }
    var columns: [Int] = []
    for item in items {
      guard let word = fields.word(item, "tier", known: tiers.map(\.text)),
        let column = tiers.firstIndex(where: { $0.text == word })
      else { return nil }
      guard !columns.contains(column) else {
        fields.report(.duplicateID(word, first: item.position.line), at: item.position)
        return nil
      }
      columns.append(column)
    }
    for (index, tier) in tiers.enumerated() where !columns.contains(index) {
      fields.report(.missingTier(tier.text), at: value.position)
    }
    return columns.count == tiers.count ? columns : nil
  }

  private mutating func readRule(_ value: YAMLValue) {
    guard let limit = fields.fields(value, .rule) else { return }
    let name = limit["rule"].flatMap { fields.name($0, RuleID.self) }
    let head = readHead(ofLimit: limit)
    let window = limit["window"].flatMap {
      fields.word($0, "window", known: Measure.Window.words)
    }.flatMap(Measure.Window.init(word:))
    guard let cells = limit["maximum"].flatMap({ fields.pairs($0, "`maximum`") }), let name,
      let head
    else { return }
    if head.quantity == .balance, let value = limit["window"] {
      fields.report(.windowOfBalance, at: value.position)
    } else if head.quantity != .balance, limit["window"] == nil {
      fields.report(.missingField("window", of: "a limit"), at: limit.position)
    }
    var maxima: [UInt64?] = Array(repeating: nil, count: tiers.count)
    var seen: Set<Int> = []
    for (key, cell) in cells {
      guard let word = fields.word(key, "tier", known: tiers.map(\.text)),
        let tier = tiers.firstIndex(where: { $0.text == word })
      else { continue }
      seen.insert(tier)
      maxima[tier] = readMaximum(cell, head.quantity)
    }
    for (index, tier) in tiers.enumerated() where !seen.contains(index) {
      fields.report(.missingTier(tier.text), at: limit["maximum"]?.position ?? limit.position)
    }
    guard let window = head.quantity == .balance ? .payment : window,
      let id = readID(name.text, at: limit["rule"]?.position ?? limit.position)
    else { return }
    add(id, at: limit["rule"]?.position ?? limit.position, head, window, maxima)
  }

  private mutating func readMaximum(_ cell: YAMLValue, _ quantity: Measure.Quantity) -> UInt64? {
    if cell.text == "none" {
      if cell.isQuoted { fields.report(.quotedWord("none"), at: cell.position) }
      return nil
    }
    if quantity == .count {
      if cell.isQuoted, let text = cell.text, Int(text) != nil {
        fields.report(.quotedCount(text), at: cell.position)
        return nil
      }
      return fields.integer(cell, "a count of payments", 0...1_000_000_000).map(UInt64.init)
    }
    return fields.amount(cell, "a maximum", exponent: exponent)
  }

  private mutating func readID(_ text: String, at position: SourcePosition) -> RuleID? {
    if let first = ids[text] {
      fields.report(.duplicateID(text, first: first), at: position)
      return nil
    }
    ids[text] = position.line
    do {
      return try RuleID(text)
    } catch {
      fields.report(.invalidName(error), at: position)
      return nil
    }
  }

  private mutating func add(
    _ id: RuleID, at position: SourcePosition, _ head: Head, _ window: Measure.Window,
    _ maxima: [UInt64?]
  ) {
    rules.append(
      DraftRule(
        id: id, position: position, quantity: head.quantity, window: window,
        direction: head.direction, operations: head.operations, maxima: maxima))
  }

  private mutating func readUnverified(_ value: YAMLValue) {
    let known = rules.flatMap { rule in tiers.map { "\(rule.id).\($0)" } }
    for item in fields.list(value, "`unverified`") ?? [] {
      guard let cell = fields.word(item, "figure", known: known) else { continue }
      if let first = unverified.first(where: { $0.cell == cell }) {
        fields.report(.duplicateID(cell, first: first.position.line), at: item.position)
      } else {
        unverified.append((cell, item.position))
      }
    }
  }
}

extension Shape {
  private static let later = "this version of the rules has no such thing"

  static let file = Shape(
    noun: "the file",
    required: ["schema", "pack", "version", "currency", "mode", "tiers", "limits"],
    optional: ["timezone", "sources", "unverified", "tests"],
    notYet: [
      "effective": "rules are in force from their activation on; leave it out",
      "supersedes": "a set always replaces the one in force; leave it out",
      "on-error": "rules always refuse on error; leave it out", "defs": later,
    ])

  static let source = Shape(
    noun: "a source", required: ["title", "dated", "grade"], optional: ["url"])

  static let table = Shape(
    noun: "a table",
    required: ["table", "measure", "operations", "direction", "per", "then", "tiers", "maxima"],
    optional: ["sources"], notYet: limitsNotYet)

  static let rule = Shape(
    noun: "a limit",
    required: ["rule", "measure", "operations", "direction", "per", "then", "maximum"],
    optional: ["window", "sources"], notYet: limitsNotYet)

  private static let limitsNotYet = Dictionary(
    uniqueKeysWithValues: [
      "when", "exempt", "change", "options", "valid", "refund", "counts", "never", "over",
      "include-current", "one-of", "reverse", "warn-at",
    ].map { ($0, later) })
}

extension Measure.Operation {
  static let words = ["fund", "pay", "cash-out"]

  init?(word: String) {
    guard let index = Self.words.firstIndex(of: word) else { return nil }
    self = Self.allCases[index]
  }

  var word: String { Self.words[rawValue - 1] }
}

extension Measure.Window {
  static let words = ["payment", "day", "month", "year", "lifetime"]

  init?(word: String) {
    guard let index = Self.words.firstIndex(of: word) else { return nil }
    self.init(rawValue: index + 1)
  }

  var word: String { Self.words[rawValue - 1] }
}
