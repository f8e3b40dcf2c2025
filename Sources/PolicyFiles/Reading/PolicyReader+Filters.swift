import LedgerModel

extension PolicyReader {
  /// Reads `when`: tests that a payment must all pass.
  mutating func readFilter(_ value: YAMLValue) -> PaymentFilter {
    guard let filter = fields.fields(value, .filter) else { return .everything }
    if filter.values.isEmpty {
      fields.report(.emptyList("`when`"), at: value.position)
    }
    let channel = readTest("channel", filter, Channel.self)
    let purpose = readTest("purpose", filter, Purpose.self)
    let payer = filter["payer"].map { readLeg($0, "payer") } ?? .everything
    let payee = filter["payee"].map { readLeg($0, "payee") } ?? .everything
    return PaymentFilter(
      channel: channel, purpose: purpose, payer: payer, payee: payee,
      acquaintance: readAcquaintance(filter))
  }

  /// Reads `NAME: [...]` or `NAME-not: [...]`.
  private mutating func readTest<N: Name>(
    _ field: String, _ fieldsOf: Fields, _ type: N.Type, known: [String]? = nil
  ) -> WordTest<N>? {
    let excluded = "\(field)-not"
    if fieldsOf[field] != nil, let value = fieldsOf[excluded] {
      fields.report(.twoTests(field, excluded), at: value.position)
      return nil
    }
    guard let value = fieldsOf[field] ?? fieldsOf[excluded] else { return nil }
    if let known {
      guard let words = fields.words(value, field, known: known) else { return nil }
      return WordTest(
        words.map { N(unchecked: $0) }.sorted(), excludes: fieldsOf[field] == nil)
    }
    return fields.names(value, "`\(field)`", type).flatMap { names in
      // An instruction that says nothing has the empty word, which no list can hold.
      guard names.first?.text != "" else {
        fields.report(.emptyText("a word of `\(field)`"), at: value.position)
        return nil
      }
      return WordTest(names, excludes: fieldsOf[field] == nil)
    }
  }

  private mutating func readLeg(_ value: YAMLValue, _ side: String) -> LegFilter {
    let shape = Shape(
      noun: "`\(side)`", required: [],
      optional: [
        "tier", "tier-not", "participant", "participant-not", "attributes", "attributes-not",
      ])
    guard let leg = fields.fields(value, shape) else { return .everything }
    if leg.values.isEmpty { fields.report(.emptyList("`\(side)`"), at: value.position) }
    let tier = readTest("tier", leg, Tier.self, known: tiers.map(\.text))
    let participant = readTest("participant", leg, ParticipantID.self)
    var tests: [(place: Int, test: AttributeTest)] = []
    for field in ["attributes", "attributes-not"] {
      for (key, words) in leg[field].flatMap({ fields.pairs($0, "`\(field)`") }) ?? [] {
        guard let (place, test) = readAttributeTest(key, words, excludes: field != "attributes")
        else { continue }
        if tests.contains(where: { $0.place == place }) {
          fields.report(
            .twoTests("attributes: \(test.attribute)", "attributes-not: \(test.attribute)"),
            at: key.position)
        } else {
          tests.append((place, test))
        }
      }
    }
    return LegFilter(
      tier: tier, participant: participant,
      attributes: tests.sorted { $0.place < $1.place }.map(\.test))
  }

  private mutating func readAttributeTest(
    _ key: YAMLValue, _ value: YAMLValue, excludes: Bool
  ) -> (place: Int, test: AttributeTest)? {
    guard let word = fields.word(key, "attribute", known: attributes.map(\.name.text)),
      let place = attributes.firstIndex(where: { $0.name.text == word })
    else { return nil }
    guard case .words(let known) = attributes[place].kind else {
      fields.report(.attributeNotWords(word), at: key.position)
      return nil
    }
    guard let words = fields.words(value, word, known: known.map(\.text)) else { return nil }
    return (
      place,
      AttributeTest(
        attribute: attributes[place].name,
        test: WordTest(words.map { AttributeWord(unchecked: $0) }.sorted(), excludes: excludes))
    )
  }

  private mutating func readAcquaintance(_ filter: Fields) -> Acquaintance? {
    if filter["payee-paid"] != nil, let value = filter["payee-listed"] {
      fields.report(.twoTests("payee-paid", "payee-listed"), at: value.position)
      return nil
    }
    let kind = filter["payee-paid"] == nil ? Acquaintance.Kind.listed : .paid
    guard let value = filter["payee-paid"] ?? filter["payee-listed"],
      let known = fields.fields(value, .acquaintance),
      let field = fields.one(of: ["at-least", "less-than"], known, of: "a time known"),
      let length = known[field],
      let microseconds = fields.duration(
        length, "`\(field)`", max: Limits.windowMicrosecondsMax)
    else { return nil }
    return Acquaintance(kind: kind, microseconds: microseconds, excludes: field == "less-than")
  }
}

extension PaymentFilter {
  /// Whether some payment of an operation can pass, as far as the kinds of its accounts tell.
  func canPass(_ operation: Measure.Operation, tierCount: Int) -> Bool {
    if let acquaintance, !acquaintance.excludes, operation != .pay { return false }
    return payer.canPass(operation.payer, tierCount: tierCount)
      && payee.canPass(operation.payee, tierCount: tierCount)
  }
}

extension LegFilter {
  /// Whether some account of a kind can pass.
  fileprivate func canPass(_ side: Measure.Operation.Side, tierCount: Int) -> Bool {
    switch side {
    case .nobody: return self == .everything
    case .settlementAccount: return tier == nil
    case .wallet:
      guard let tier else { return true }
      return !tier.excludes || tier.words.count < tierCount
    }
  }
}

extension Shape {
  static let filter = Shape(
    noun: "`when`", required: [],
    optional: [
      "channel", "channel-not", "purpose", "purpose-not", "payer", "payee", "payee-paid",
      "payee-listed",
    ],
    elsewhere: [
      "ops": "operations are field `operations` of the limit",
      "operations": "operations are field `operations` of the limit",
    ])
  static let acquaintance = Shape(
    noun: "a time known", required: [], optional: ["at-least", "less-than"])
}
