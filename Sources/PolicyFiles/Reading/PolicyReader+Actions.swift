import LedgerModel

extension PolicyReader {
  /// Actions that take more than a word, as they are written.
  private static let actionForms = [
    "{require: N, of: GROUP}", "{waterfall: linked-account}", "{hold: DURATION, end: review}",
  ]

  private static let actionMeanings = [
    "require": actionForms[0], "approve": actionForms[0], "waterfall": actionForms[1],
    "sweep": actionForms[1], "hold": actionForms[2], "warn": "flag", "report": "flag",
    "refuse": "deny", "reject": "deny", "block": "deny",
  ]

  /// Reads `then`.
  mutating func readAction(_ value: YAMLValue, of rule: RuleID?) -> Rule.Action? {
    guard case .mapping = value.content else {
      return fields.word(
        value, "action", known: ["deny", "flag"], forms: Self.actionForms,
        meanings: Self.actionMeanings
      ).map { $0 == "deny" ? .deny : .flag }
    }
    guard let action = fields.fields(value, .action),
      let kind = fields.one(of: ["require", "waterfall", "hold"], action, of: "`then`"),
      let operand = action[kind]
    else { return nil }
    let companions = ["require": ["of"], "waterfall": ["reverse"], "hold": ["end", "sticky"]]
    for name in ["of", "reverse", "end", "sticky"] where companions[kind]?.contains(name) != true {
      guard let stray = action[name] else { continue }
      fields.report(.strayField(name, besides: kind), at: stray.position)
    }
    switch kind {
    case "require": return readApproval(operand, action).map { .require($0) }
    case "waterfall":
      let drawsShortfall = action["reverse"].flatMap { fields.boolean($0, "`reverse`") } ?? false
      guard fields.word(operand, "account", known: ["linked-account"]) != nil else { return nil }
      return .waterfall(Waterfall(drawsShortfall: drawsShortfall))
    default: return readHold(operand, action, of: rule).map { .hold($0) }
    }
  }

  private mutating func readApproval(_ value: YAMLValue, _ action: Fields) -> Approval? {
    let count = fields.integer(value, "a count of signatures", 1...Limits.keysPerGroupMax)
    guard let name = action["of"] else {
      fields.report(.missingField("of", of: "a required approval"), at: action.position)
      return nil
    }
    guard let word = fields.word(name, "group", known: groups.map(\.name.text)),
      let group = groups.firstIndex(where: { $0.name.text == word }), let count
    else { return nil }
    guard count <= groups[group].keys.count else {
      fields.report(
        .approvalTooMany(count, group: word, keys: groups[group].keys.count), at: value.position)
      return nil
    }
    return Approval(count: count, group: group)
  }

  private mutating func readHold(
    _ value: YAMLValue, _ action: Fields, of rule: RuleID?
  ) -> Holding? {
    let length = fields.span(value, "a hold")
    if action["end"] == nil {
      fields.report(.missingField("end", of: "a hold"), at: action.position)
    }
    let end = action["end"].flatMap { fields.word($0, "end", known: Holding.End.words) }
      .flatMap(Holding.End.init(word:))
    let isSticky = action["sticky"].flatMap { fields.boolean($0, "`sticky`") } ?? false
    if let mode, mode != .draft {
      fields.report(.holdOutsideDraft(rule?.text ?? ""), at: value.position)
    }
    guard let length, let end else { return nil }
    return Holding(microseconds: length, end: end, isSticky: isSticky)
  }
}

extension Shape {
  static let action = Shape(
    noun: "`then`", required: [],
    optional: ["require", "of", "waterfall", "reverse", "hold", "end", "sticky"],
    elsewhere: [
      "otherwise": "a waterfall that has nowhere to go denies; leave it out",
      "approve": "write `{require: 2, of: GROUP}`",
    ])
}
