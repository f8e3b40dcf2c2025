import LedgerModel

extension PolicyReader {
  /// Reads one step; which field it has says what kind it is.
  mutating func readStep(_ value: YAMLValue, _ cast: ExampleCast) -> PolicyExample.Step? {
    guard case .mapping(let pairs) = value.content else {
      fields.report(.wantedMapping("a step"), at: value.position)
      return nil
    }
    let names = pairs.compactMap(\.key.text)
    let order = ["set", "list", "unlist", "record", "tier"].first { names.contains($0) }
    guard let order, !names.contains("op") else { return readPayment(value, cast) }
    guard let step = fields.fields(value, .order(order)) else { return nil }
    let at = step["at"].flatMap { fields.time($0, "`at`") }
    let action = readOrder(step, order, cast)
    var expectation = PolicyExample.Expectation.accept
    if let value = step["expect"], fields.word(value, "answer", known: ["refuse"]) != nil {
      expectation = .refuse
    }
    guard let at, let action else { return nil }
    return PolicyExample.Step(
      position: value.position, at: at, action: action, times: 1, everyMicroseconds: 0,
      expectation: expectation)
  }

  private mutating func readOrder(
    _ step: Fields, _ order: String, _ cast: ExampleCast
  ) -> PolicyExample.Action? {
    switch order {
    case "set": return readSet(step, cast)
    case "list", "unlist":
      let payee = step[order].flatMap { readWallet($0, cast) }
      let payer = step["by"].flatMap { readWallet($0, cast) }
      guard let payee, let payer else { return nil }
      return order == "list"
        ? .list(payee: payee, payer: payer) : .unlist(payee: payee, payer: payer)
    case "record":
      let known = events.filter { $0.trigger == .recorded }.map(\.name.text)
      let event = step["record"].flatMap { fields.word($0, "recorded event", known: known) }
      let wallet = step["wallet"].flatMap { readWallet($0, cast) }
      guard let event, let wallet else { return nil }
      return .record(EventName(unchecked: event), wallet: wallet)
    default:
      let wallet = step["tier"].flatMap { readWallet($0, cast) }
      let tier = step["to"].flatMap { readTierName($0) }
      guard let wallet, let tier else { return nil }
      return .changeTier(wallet: wallet, to: tier)
    }
  }

  private mutating func readSet(_ step: Fields, _ cast: ExampleCast) -> PolicyExample.Action? {
    let names = cast.wallets.map(\.name) + cast.participants.map(\.id.text)
    guard let word = step["set"].flatMap({ fields.word($0, "holder of this test", known: names) })
    else { return nil }
    let holder: PolicyExample.Holder? =
      cast.wallet(word).map { .wallet($0) } ?? cast.participant(word).map { .participant($0) }
    let kind: Attribute.Holder = cast.wallet(word) == nil ? .participant : .wallet
    guard let holder, let name = step["attribute"].flatMap({ readAttributeName($0, of: kind) }),
      let setting = step["to"].flatMap({
        readSetting(name, $0, mayBeRefused: step["expect"] != nil)
      })
    else { return nil }
    return .set(holder, setting)
  }

  private mutating func readWallet(_ value: YAMLValue, _ cast: ExampleCast) -> Int? {
    fields.word(value, "wallet of this test", known: cast.wallets.map(\.name)).flatMap(cast.wallet)
  }

  private mutating func readPayment(
    _ value: YAMLValue, _ cast: ExampleCast
  ) -> PolicyExample.Step? {
    guard let step = fields.fields(value, .payment) else { return nil }
    let at = step["at"].flatMap { fields.time($0, "`at`") }
    let operation = step["op"].flatMap {
      fields.word($0, "operation", known: Measure.Operation.words)
    }.flatMap(Measure.Operation.init(word:))
    let amount = readAmount(step)
    let from = operation.flatMap { readSide(step, "from", cast, $0, $0.payer) }
    let to = operation.flatMap { readSide(step, "to", cast, $0, $0.payee) }
    if step["from"] == nil, step["to"] == nil {
      fields.report(.missingField("from` or `to", of: "a step"), at: step.position)
    }
    if let from, from == to {
      fields.report(.paysItself, at: step["to"]?.position ?? step.position)
    }
    if let operation, operation.isWithinParticipant {
      checkParticipant(step, operation, from, to, cast)
    }
    let channel = step["channel"].flatMap { fields.name($0, Channel.self) }
    let purpose = step["purpose"].flatMap { fields.name($0, Purpose.self) }
    let signers = step["signed"].map { readSigned($0) } ?? []
    let (times, every) = readTimes(step)
    guard let expectation = readExpectation(step), let at, let operation, let amount
    else { return nil }
    guard Self.ends(at, times, every) else {
      fields.report(.stepsTooLong(times: times), at: step["every"]?.position ?? step.position)
      return nil
    }
    let payment = PolicyExample.Payment(
      operation: operation, amount: amount, from: from, to: to,
      channel: channel ?? Channel(unchecked: ""), purpose: purpose ?? Purpose(unchecked: ""),
      signers: signers)
    return PolicyExample.Step(
      position: value.position, at: at, action: .pay(payment), times: times,
      everyMicroseconds: every, expectation: expectation)
  }

  /// The ledger lets no participant fund, or cash out, a wallet at another one.
  private mutating func checkParticipant(
    _ step: Fields, _ operation: Measure.Operation, _ from: PolicyExample.Holder?,
    _ to: PolicyExample.Holder?, _ cast: ExampleCast
  ) {
    for (wallet, participant, field) in [(from, to, "to"), (to, from, "from")] {
      guard case .wallet(let wallet)? = wallet, case .participant(let participant)? = participant
      else { continue }
      let own = cast.wallets[wallet].participant
      guard own != participant else { continue }
      fields.report(
        .actsForAnother(
          operation: operation.word, wallet: cast.wallets[wallet].name,
          own: cast.participants[own].id), at: step[field]?.position ?? step.position)
    }
  }

  private mutating func readTimes(_ step: Fields) -> (times: Int, every: UInt64) {
    var times = 1
    var every: UInt64 = 0
    if let value = step["times"] {
      times = fields.integer(value, "`times`", 1...PolicyFileLimits.stepsMax) ?? 1
      if let value = step["every"] {
        every = fields.duration(value, "`every`") ?? 0
      } else {
        fields.report(.missingField("every", of: "a step with `times`"), at: step.position)
      }
    } else if step["every"] != nil {
      fields.report(.missingField("times", of: "a step with `every`"), at: step.position)
    }
    return (times, every)
  }

  /// Whether the last of `times` payments is within the years that can be written.
  private static func ends(_ at: LedgerTime, _ times: Int, _ every: UInt64) -> Bool {
    let (span, overflow) = every.multipliedReportingOverflow(by: UInt64(times - 1))
    let end = CivilDate(year: PolicyFileLimits.yearMax + 1, month: 1, day: 1).daysSince1970
    return !overflow
      && at.advanced(byMicroseconds: span).seconds < Int64(end) * 86_400
  }

  private mutating func readAmount(_ step: Fields) -> Amount? {
    guard let value = step["amount"],
      let minorUnits = fields.amount(value, "`amount`", exponent: exponent)
    else { return nil }
    guard let amount = Amount(minorUnits: minorUnits) else {
      let text = value.text ?? ""
      fields.report(
        minorUnits == 0
          ? .paymentOfNothing(text) : .paymentTooLarge(text), at: value.position)
      return nil
    }
    return amount
  }

  private mutating func readSide(
    _ step: Fields, _ field: String, _ cast: ExampleCast, _ operation: Measure.Operation,
    _ side: Measure.Operation.Side
  ) -> PolicyExample.Holder? {
    guard let value = step[field] else { return nil }
    switch side {
    case .nobody:
      fields.report(.noAccount(field, operation: operation.word), at: value.position)
      return nil
    case .wallet:
      // A settlement account where a wallet belongs, or the other way round, is told as that.
      if let word = value.text, cast.participant(word) != nil, cast.wallet(word) == nil {
        fields.report(.wantedWallet(field, operation: operation.word), at: value.position)
        return nil
      }
      return readWallet(value, cast).map { .wallet($0) }
    case .settlementAccount:
      if let word = value.text, cast.wallet(word) != nil {
        fields.report(.noLeg(field, operation: operation.word), at: value.position)
        return nil
      }
      return fields.word(
        value, "participant of this test", known: cast.participants.map(\.id.text)
      ).flatMap(cast.participant).map { .participant($0) }
    }
  }

  /// Reads `{GROUP: 2}`: so many of the group's keys, the first ones.
  private mutating func readSigned(_ value: YAMLValue) -> [PublicKey] {
    var signers: Set<PublicKey> = []
    for (key, value) in fields.pairs(value, "`signed`") ?? [] {
      guard let word = fields.word(key, "group", known: groups.map(\.name.text)),
        let group = groups.first(where: { $0.name.text == word }),
        let count = fields.integer(
          value, "a count of signatures", 0...Limits.keysPerGroupMax)
      else { continue }
      guard count <= group.keys.count else {
        fields.report(
          .approvalTooMany(count, group: word, keys: group.keys.count), at: value.position)
        continue
      }
      signers.formUnion(group.keys.prefix(count))
    }
    return signers.sorted()
  }

  private mutating func readExpectation(_ step: Fields) -> PolicyExample.Expectation? {
    guard let value = step["expect"],
      let word = fields.word(value, "decision", known: ["permit", "deny", "flag", "require"])
    else { return nil }
    let belongs = [
      "permit": ["swept", "drawn"], "deny": ["rule", "reason", "left", "resets"],
      "flag": ["rule", "swept", "drawn"], "require": ["rule"],
    ]
    for name in ["rule", "reason", "left", "resets", "swept", "drawn"]
    where belongs[word]?.contains(name) != true {
      guard let stray = step[name] else { continue }
      fields.report(.strayField(name, besides: "expect: \(word)"), at: stray.position)
    }
    let exponent = exponent
    func moved(_ name: String, _ reader: inout PolicyReader) -> UInt64 {
      step[name].flatMap { reader.fields.amount($0, "`\(name)`", exponent: exponent) } ?? 0
    }
    let swept = moved("swept", &self)
    let drawn = moved("drawn", &self)
    if word == "permit" { return .permit(swept: swept, drawn: drawn) }
    guard let value = step["rule"] else {
      fields.report(
        .missingField("rule", of: "a step that expects `\(word)`"), at: step.position)
      return nil
    }
    guard let id = fields.word(value, "rule", known: rules.map(\.id.text)),
      let rule = rules.firstIndex(where: { $0.id.text == id })
    else { return nil }
    switch word {
    case "flag": return .flag(rule: rule, swept: swept, drawn: drawn)
    case "require": return .require(rule: rule)
    default: return readDenial(step, rule)
    }
  }

  private mutating func readDenial(_ step: Fields, _ rule: Int) -> PolicyExample.Expectation {
    let known = PolicyExample.Refusal.allCases.map(\.rawValue)
    let reason = step["reason"].flatMap { fields.word($0, "reason", known: known) }
      .flatMap(PolicyExample.Refusal.init(rawValue:))
    let left = step["left"].flatMap { value -> UInt64? in
      guard rules[rule].hasHeadroom else {
        fields.report(.noHeadroom(rules[rule].id.text), at: value.position)
        return nil
      }
      return rules[rule].measure.quantity.isMoney
        ? fields.amount(value, "`left`", exponent: exponent)
        : fields.integer(value, "`left`", 0...PolicyFileLimits.countMax).map(UInt64.init)
    }
    let resets = step["resets"].flatMap { fields.time($0, "`resets`") }
    return .deny(rule: rule, reason: reason, left: left, resets: resets)
  }
}

extension DraftRule {
  /// Whether it leaves something that might still have been asked.
  var hasHeadroom: Bool {
    isUpper && measure.quantity != .sinceLast
  }
}

extension Shape {
  static let payment = Shape(
    noun: "a step", required: ["at", "op", "amount", "expect"],
    optional: [
      "from", "to", "times", "every", "channel", "purpose", "signed", "rule", "reason", "left",
      "resets", "swept", "drawn",
    ])

  /// A step that orders something else than a payment.
  static func order(_ kind: String) -> Shape {
    let fields =
      switch kind {
      case "set": ["attribute", "to"]
      case "list", "unlist": ["by"]
      case "record": ["wallet"]
      default: ["to"]
      }
    return Shape(
      noun: "a step with `\(kind)`", required: ["at", kind] + fields,
      optional: kind == "tier" ? [] : ["expect"])
  }
}
