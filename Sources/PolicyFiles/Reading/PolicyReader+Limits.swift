import LedgerModel

extension PolicyReader {
  mutating func readLimits(_ value: YAMLValue) {
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
    let scope: Measure.Scope
    let direction: Measure.Direction
    let operations: [Measure.Operation]
    let filter: PaymentFilter
    let comparison: Rule.Comparison
    let countsPreviousOnly: Bool
    let action: Rule.Action
    let validity: PolicyValidity

    var capContext: CapContext {
      let noun =
        switch comparison {
        case .atMost: "a maximum"
        case .under: "a bound"
        case .atLeast: "a minimum"
        }
      return CapContext(quantity: quantity, scope: scope, noun: noun)
    }
  }

  private mutating func readHead(
    ofLimit limit: Fields, _ name: RuleID?, _ comparison: Rule.Comparison?
  ) -> Head? {
    let scope = limit["per"].flatMap { fields.word($0, "scope", known: Measure.Scope.words) }
      .flatMap(Measure.Scope.init(word:))
    let action = limit["then"].flatMap { readAction($0, of: name) }
    if let value = limit["sources"] {
      for item in fields.list(value, "`sources`") ?? [] {
        _ = fields.word(item, "source", known: sources.map(\.id))
      }
    }
    let quantity = limit["measure"].flatMap {
      fields.word($0, "measure", known: Measure.Quantity.words)
    }.flatMap(Measure.Quantity.init(word:))
    let direction = limit["direction"].flatMap {
      fields.word($0, "direction", known: Measure.Direction.words)
    }.flatMap(Measure.Direction.init(word:))
    let operations = limit["operations"].flatMap {
      readOperations($0, scope, direction)
    }
    let filter = limit["when"].map { readFilter($0) } ?? .everything
    let countsPrevious = limit["counts"].flatMap {
      fields.word($0, "payment to count", known: ["current", "previous"])
    }
    let validity = limit["effective"].map { readValidity($0) } ?? PolicyValidity()
    guard let scope, let quantity, let direction, let operations, let comparison, let action
    else { return nil }
    let head = Head(
      quantity: quantity, scope: scope, direction: direction, operations: operations,
      filter: filter, comparison: comparison, countsPreviousOnly: countsPrevious == "previous",
      action: action,
      validity: PolicyValidity(
        from: validity.from, until: [validity.until, effective.until].compactMap(\.self).min()))
    checkShape(head, limit)
    return head
  }

  private mutating func readOperations(
    _ value: YAMLValue, _ scope: Measure.Scope?, _ direction: Measure.Direction?
  ) -> [Measure.Operation]? {
    var operations: [Measure.Operation] = []
    for item in fields.list(value, "`operations`") ?? [] {
      guard let word = fields.word(item, "operation", known: Measure.Operation.words),
        let operation = Measure.Operation(word: word)
      else { continue }
      guard !operations.contains(operation) else {
        fields.report(.wordRepeated(word, noun: "operation"), at: item.position)
        continue
      }
      operations.append(operation)
      guard let scope, let direction, operation.sides(scope, direction) == (false, false),
        scope != .pair || operation != .pay  // Its direction is told below.
      else { continue }
      fields.report(
        scope == .pair
          ? .noPair(operation: word)
          : scope.isOfWallets
            ? .noLeg(direction.word, operation: word)
            : .noSide(direction.word, operation: word), at: item.position)
    }
    return operations.isEmpty ? nil : operations.sorted()
  }

  /// Checks what can be measured together, as `RuleSet.validate()` does, with the place.
  private mutating func checkShape(_ head: Head, _ limit: Fields) {
    func place(_ name: String) -> SourcePosition { limit[name]?.position ?? limit.position }
    switch head.quantity {
    case .amount, .count: break
    case .balance:
      if head.direction != .into { fields.report(.windowOfBalance, at: place("direction")) }
      if ![.wallet, .owner, .participant, .tier].contains(head.scope) {
        fields.report(.balanceScope, at: place("per"))
      }
    case .supply:
      if head.direction != .into || head.scope != .system || head.operations != [.issue] {
        fields.report(.supplyShape, at: place("measure"))
      }
    case .counterparties:
      if head.scope != .wallet || (head.direction != .out && head.direction != .into) {
        fields.report(.counterpartiesShape, at: place("measure"))
      }
    case .sinceLast:
      if head.direction != .out && head.direction != .into {
        fields.report(.sinceLastShape, at: place("direction"))
      }
    }
    if head.scope == .pair, head.direction != .out {
      fields.report(.pairDirection, at: place("direction"))
    }
    if head.scope == .participantClass,
      !attributes.contains(where: { $0.name == Attribute.participantClass })
    {
      fields.report(.classMissing, at: place("per"))
    }
    if case .waterfall = head.action,
      head.quantity != .balance || (head.scope != .wallet && head.scope != .owner)
        || head.comparison != .atMost
    {
      fields.report(.waterfallShape, at: place("then"))
    }
    if head.countsPreviousOnly,
      [.balance, .supply, .sinceLast].contains(head.quantity)
    {
      fields.report(.previousShape, at: place("counts"))
    }
  }

  /// Checks a window against what is measured in it.
  private mutating func checkWindow(_ window: Window, _ head: Head, at position: SourcePosition) {
    if head.countsPreviousOnly, window == .payment {
      fields.report(.previousShape, at: position)
    }
    if head.quantity == .counterparties, window == .payment || window.event != nil {
      fields.report(.counterpartiesShape, at: position)
    }
    guard let name = window.event, let event = events.first(where: { $0.name == name })
    else { return }
    let wanted: Measure.Scope = event.trigger == .firstPayment ? .pair : .wallet
    if head.scope != wanted {
      fields.report(
        .eventNotOfScope(name.text, scope: head.scope.word, wanted: wanted.word), at: position)
    }
  }

  private static let comparisons: [(rule: String, table: String, comparison: Rule.Comparison)] = [
    ("maximum", "maxima", .atMost), ("under", "unders", .under), ("minimum", "minima", .atLeast),
  ]

  private mutating func readTable(_ value: YAMLValue) {
    guard let limit = fields.fields(value, .table) else { return }
    let name = limit["table"].flatMap { fields.name($0, RuleID.self) }
    let field = fields.one(of: Self.comparisons.map(\.table), limit, of: "a table")
    let comparison = Self.comparisons.first { $0.table == field }?.comparison
    let head = readHead(ofLimit: limit, name, comparison)
    var zone = limitZone(limit)
    let columns = limit["tiers"].map { readColumns($0) }
    let ids = field.flatMap { limit[$0] }.map { readIDs(ofRows: $0, of: name) } ?? [:]
    guard
      let rows = field.flatMap({ limit[$0] }).flatMap({
        fields.pairs($0, "`\(field ?? "")`")
      }), let head
    else { return }
    guard ![.balance, .supply, .sinceLast].contains(head.quantity) else {
      fields.report(
        head.quantity == .balance ? .windowOfBalance : .notATable(head.quantity.word),
        at: limit["measure"]?.position ?? limit.position)
      return
    }
    for (key, row) in rows {
      guard
        let word = fields.word(
          key, "window", known: Window.words,
          meanings: Self.windowMeanings.filter { Window.words.contains($0.value) })
      else { continue }
      let window = window(word: word, &zone, at: key.position)
      if let window { checkWindow(window, head, at: key.position) }
      let caps =
        columns.map { columns in
          columns.flatMap { readRow(row, word, columns: $0, head.capContext) }
        } ?? readWholeRow(row, head.capContext)
      guard let window, let caps, let id = ids[word] else { continue }
      add(id, at: key.position, head, window, caps)
    }
    checkZoneIsUsed(zone)
  }

  /// Reads the ids of a table's rows by their words, so that they are known whatever a row says.
  private mutating func readIDs(ofRows rows: YAMLValue, of table: RuleID?) -> [String: RuleID] {
    guard let table, case .mapping(let pairs) = rows.content else { return [:] }
    var ids: [String: RuleID] = [:]
    for pair in pairs {
      guard let word = pair.key.text else { continue }
      guard Window.words.contains(word) else {
        // Its word is told, and what was meant is not known.
        fields.define("\(table.text).", as: "rule", "figure")
        continue
      }
      ids[word] = readID("\(table.text).\(word)", at: pair.key.position)
    }
    return ids
  }

  /// Reads a row of a table that has a column for each tier.
  private mutating func readRow(
    _ row: YAMLValue, _ word: String, columns: [Int], _ context: CapContext
  ) -> Rule.Caps? {
    guard case .list(let cells) = row.content else {
      fields.report(.wantedList("row `\(word)`"), at: row.position)
      return nil
    }
    guard cells.count == columns.count else {
      fields.report(
        .missingCell(row: word, cells: cells.count, tiers: columns.count), at: row.position)
      return nil
    }
    var caps: [Cap?] = Array(repeating: nil, count: tiers.count)
    for (column, cell) in zip(columns, cells) { caps[column] = readCell(cell, context) }
    return .byTier(caps)
  }

  /// Reads a row of a table without columns: one cap for all.
  private mutating func readWholeRow(_ row: YAMLValue, _ context: CapContext) -> Rule.Caps? {
    if case .list = row.content {
      fields.report(.columnsMissing, at: row.position)
      return nil
    }
    return readCaps(row, context)
  }

  /// Returns the place of each column's tier, where each tier stands once.
  private mutating func readColumns(_ value: YAMLValue) -> [Int]? {
    guard !tiers.isEmpty else {
      fields.report(.tiersMissing, at: value.position)
      return nil
    }
    guard let items = fields.list(value, "`tiers`") else { return nil }
    var columns: [Int] = []
    for item in items {
      guard let word = fields.word(item, "tier", known: tiers.map(\.text)),
        let column = tiers.firstIndex(where: { $0.text == word })
      else { return nil }
      guard !columns.contains(column) else {
        fields.report(.itemTwice(word, first: item.position.line), at: item.position)
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
    let field = fields.one(of: Self.comparisons.map(\.rule), limit, of: "a limit")
    let comparison = Self.comparisons.first { $0.rule == field }?.comparison
    let head = readHead(ofLimit: limit, name, comparison)
    let position = limit["rule"]?.position ?? limit.position
    let id = name.flatMap { readID($0.text, at: position) }
    var zone = limitZone(limit)
    let window = limit["window"].flatMap { readWindow($0, &zone, at: position) }
    checkZoneIsUsed(zone)
    guard let head else { return }
    let caps = field.flatMap { limit[$0] }.flatMap { readCaps($0, head.capContext) }
    let fixed: Window? =
      switch head.quantity {
      case .balance, .supply: .payment
      case .sinceLast: .lifetime
      case .amount, .count, .counterparties: nil
      }
    if fixed != nil, let value = limit["window"] {
      fields.report(
        head.quantity == .balance ? .windowOfBalance : .windowless(head.quantity.word),
        at: value.position)
    } else if fixed == nil, limit["window"] == nil {
      fields.report(.missingField("window", of: "a limit"), at: limit.position)
    }
    if let window { checkWindow(window, head, at: limit["window"]?.position ?? position) }
    guard let window = fixed ?? window, let caps, let id else { return }
    add(id, at: position, head, window, caps)
  }

  private mutating func checkZoneIsUsed(_ zone: LimitZone) {
    guard let position = zone.position, !zone.isUsed else { return }
    fields.report(.zoneUnused, at: position)
  }

  private mutating func readID(_ text: String, at position: SourcePosition) -> RuleID? {
    if let first = ids[text] {
      fields.report(.duplicateID(text, first: first), at: position)
      return nil
    }
    warnOfConfusion(of: text, with: ids.keys.sorted(), at: position)
    ids[text] = position.line
    fields.define(text, as: "rule", "figure")
    fields.define("\(text).", as: "figure")
    do {
      return try RuleID(text)
    } catch {
      fields.report(.invalidName(error), at: position)
      return nil
    }
  }

  private mutating func add(
    _ id: RuleID, at position: SourcePosition, _ head: Head, _ window: Window, _ caps: Rule.Caps
  ) {
    rules.append(
      DraftRule(
        id: id, position: position,
        measure: Measure(
          quantity: head.quantity, scope: head.scope, window: window, direction: head.direction,
          operations: head.operations, filter: head.filter),
        comparison: head.comparison, countsPreviousOnly: head.countsPreviousOnly, caps: caps,
        action: head.action, from: head.validity.from, until: head.validity.until))
  }
}

extension Shape {
  static let table = Shape(
    noun: "a table",
    required: ["table", "measure", "operations", "direction", "per", "then"],
    optional: [
      "tiers", "maxima", "unders", "minima", "when", "counts", "effective", "timezone", "sources",
    ],
    elsewhere: limitsElsewhere)

  static let rule = Shape(
    noun: "a limit",
    required: ["rule", "measure", "operations", "direction", "per", "then"],
    optional: [
      "window", "maximum", "under", "minimum", "when", "counts", "effective", "timezone",
      "sources",
    ], elsewhere: limitsElsewhere)

  private static let limitsElsewhere = [
    "exempt": "write `exemptions` in the head",
    "change": "write an attribute with `raise-after`, and a cap of it",
    "options": "write an attribute that the wallet is set to, and `when`",
    "valid": "write `effective`",
    "refund": "a payment that is given back restores its own window",
    "never": "refused payments never count",
    "over": "write `minimum`, or `under`",
    "include-current": "write `counts: previous`",
    "one-of": "write the one that you chose",
    "reverse": "write `then: {waterfall: linked-account, reverse: true}`",
    "warn-at": "write a second limit with `then: flag`",
  ]
}
