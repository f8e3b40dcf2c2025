import LedgerModel

extension PolicyReader {
  /// The fields by which a mapping is a cap, and no list of tiers; no tier may be called so.
  static let capWords = ["attribute", "share", "of", "least", "greatest"]

  /// What a cap is compared with.
  struct CapContext {
    let quantity: Measure.Quantity
    let scope: Measure.Scope
    /// What the field is called in a message: `a maximum`.
    let noun: String
  }

  /// Reads what a rule says: one cap for all, or one for each tier.
  mutating func readCaps(_ value: YAMLValue, _ context: CapContext) -> Rule.Caps? {
    guard case .mapping(let pairs) = value.content,
      !pairs.contains(where: { Self.capWords.contains($0.key.text ?? "") })
    else {
      // `none` for all is a rule that binds nobody; it compiles, and is warned of.
      if isNone(value) { return .byTier(Array(repeating: nil, count: tiers.count)) }
      return readCap(value, context).map { .every($0) }
    }
    guard !tiers.isEmpty else {
      fields.report(.tiersMissing, at: value.position)
      return nil
    }
    guard !pairs.isEmpty else {
      fields.report(.emptyList("`\(context.noun)`"), at: value.position)
      return nil
    }
    var caps: [Cap?] = Array(repeating: nil, count: tiers.count)
    var seen: Set<Int> = []
    for pair in pairs {
      guard let word = fields.word(pair.key, "tier", known: tiers.map(\.text)),
        let tier = tiers.firstIndex(where: { $0.text == word })
      else { continue }
      seen.insert(tier)
      caps[tier] = readCell(pair.value, context)
    }
    for (index, tier) in tiers.enumerated() where !seen.contains(index) {
      fields.report(.missingTier(tier.text), at: value.position)
    }
    return .byTier(caps)
  }

  /// What writers may expect to stand for no limit.
  private static let wordsForNone = [
    "none", "null", "~", "nil", "no", "unlimited", "infinite", "infinity", "inf", ".inf",
  ]

  mutating func isNone(_ value: YAMLValue) -> Bool {
    if let text = value.text, !value.isQuoted, Self.wordsForNone.contains(text.lowercased()),
      text != "none"
    {
      fields.report(.noneMisspelt(text), at: value.position)
      return true
    }
    guard value.text == "none" else { return false }
    if value.isQuoted { fields.report(.quotedWord("none"), at: value.position) }
    return true
  }

  /// Reads a cap, or `none`.
  mutating func readCell(_ cell: YAMLValue, _ context: CapContext) -> Cap? {
    isNone(cell) ? nil : readCap(cell, context)
  }

  /// Reads a cap and checks its size.
  private mutating func readCap(_ value: YAMLValue, _ context: CapContext) -> Cap? {
    guard let cap = readTerm(value, context) else { return nil }
    guard cap.depth <= Limits.capDepthMax else {
      fields.report(
        .tooMany("levels of a cap", count: cap.depth, max: Limits.capDepthMax), at: value.position)
      return nil
    }
    guard cap.termCount <= Limits.capTermsMax else {
      fields.report(
        .tooMany("terms of a cap", count: cap.termCount, max: Limits.capTermsMax),
        at: value.position)
      return nil
    }
    return cap
  }

  // The depth of the recursion is bounded by that of the file, `PolicyFileLimits.depthMax`.
  private mutating func readTerm(_ value: YAMLValue, _ context: CapContext) -> Cap? {
    switch value.content {
    case .scalar: return readConstant(value, context)
    case .list:
      fields.report(.wantedText(context.noun), at: value.position)
      return nil
    case .mapping: break
    }
    guard let cap = fields.fields(value, .cap),
      let kind = fields.one(of: ["attribute", "share", "least", "greatest"], cap, of: "a cap"),
      let operand = cap[kind]
    else { return nil }
    if kind != "share", let stray = cap["of"] {
      fields.report(.strayField("of", besides: kind), at: stray.position)
    }
    guard context.quantity.isMoney else {
      fields.report(.capNotOfQuantity(kind, quantity: context.quantity.word), at: value.position)
      return nil
    }
    switch kind {
    case "attribute": return readAttributeCap(operand, context)
    case "share":
      guard let base = cap["of"] else {
        fields.report(.missingField("of", of: "a share"), at: value.position)
        return nil
      }
      let basisPoints = fields.share(operand, "a share")
      guard let term = readTerm(base, context), let basisPoints else { return nil }
      return .share(basisPoints: basisPoints, of: term)
    default:
      guard let items = fields.list(operand, "`\(kind)`") else { return nil }
      guard items.count >= 2 else {
        fields.report(.tooFewTerms(kind), at: operand.position)
        return nil
      }
      let terms = items.compactMap { readTerm($0, context) }
      guard terms.count == items.count else { return nil }
      return kind == "least" ? .least(terms) : .greatest(terms)
    }
  }

  private mutating func readConstant(_ value: YAMLValue, _ context: CapContext) -> Cap? {
    if value.text == "none" {
      fields.report(.noneWithin(context.noun), at: value.position)
      return nil
    }
    if value.text == "balance", !value.isQuoted {
      guard context.quantity.isMoney else {
        fields.report(
          .capNotOfQuantity("balance", quantity: context.quantity.word), at: value.position)
        return nil
      }
      guard context.scope == .wallet else {
        fields.report(.capNotOfScope("balance", scope: context.scope.word), at: value.position)
        return nil
      }
      return .balance
    }
    switch context.quantity {
    case .amount, .balance, .supply:
      return fields.amount(value, context.noun, exponent: exponent).map { .constant($0) }
    case .count, .counterparties:
      if value.isQuoted, let text = value.text, Int(text) != nil {
        fields.report(.quotedCount(text), at: value.position)
        return nil
      }
      let noun = context.quantity == .count ? "a count of payments" : "a count of counterparties"
      return fields.integer(value, noun, 0...PolicyFileLimits.countMax).map {
        .constant(UInt64($0))
      }
    case .sinceLast: return fields.duration(value, context.noun).map { .constant($0) }
    }
  }

  private mutating func readAttributeCap(_ value: YAMLValue, _ context: CapContext) -> Cap? {
    guard let word = fields.word(value, "attribute", known: attributes.map(\.name.text)),
      let attribute = attributes.first(where: { $0.name.text == word })
    else { return nil }
    guard case .amount = attribute.kind else {
      fields.report(.attributeNotAmount(word), at: value.position)
      return nil
    }
    let hasIt =
      attribute.holder == .wallet
      ? context.scope == .wallet
      : context.scope != .system && context.scope != .participantClass
    guard hasIt else {
      fields.report(.capNotOfScope(word, scope: context.scope.word), at: value.position)
      return nil
    }
    return .attribute(attribute.name)
  }
}

extension Shape {
  static let cap = Shape(
    noun: "a cap", required: [], optional: ["attribute", "share", "of", "least", "greatest"])
}
