import LedgerModel

extension PolicyReader {
  mutating func readTests(_ value: YAMLValue) {
    guard let items = fields.list(value, "`tests`") else { return }
    guard items.count <= PolicyFileLimits.testsMax else {
      fields.report(
        .tooMany("tests", count: items.count, max: PolicyFileLimits.testsMax), at: value.position)
      return
    }
    var lines: [String: Int] = [:]
    for item in items {
      guard let example = readExample(item) else { continue }
      if let first = lines[example.name] {
        fields.report(.duplicateID(example.name, first: first), at: item.position)
      }
      lines[example.name] = item.position.line
      examples.append(example)
    }
    let steps = examples.reduce(0) { $0 + $1.steps.reduce(0) { $0 + $1.times } }
    if steps > PolicyFileLimits.stepsMax {
      fields.report(
        .tooMany("steps", count: steps, max: PolicyFileLimits.stepsMax), at: value.position)
    }
  }

  private mutating func readExample(_ value: YAMLValue) -> PolicyExample? {
    guard let example = fields.fields(value, .example) else { return nil }
    let name = example["name"].flatMap { fields.text($0, "`name`") }
    guard let wallets = example["wallets"].flatMap({ readWallets($0) }),
      let items = example["steps"].flatMap({ fields.list($0, "`steps`") }), let name
    else { return nil }
    var steps: [PolicyExample.Step] = []
    for item in items {
      guard let step = readStep(item, wallets.map(\.name)) else { continue }
      if let before = steps.last, step.at < before.lastAt {
        fields.report(.timeGoesBack, at: step.position)
      }
      steps.append(step)
    }
    return PolicyExample(name: name, position: value.position, wallets: wallets, steps: steps)
  }

  private mutating func readWallets(_ value: YAMLValue) -> [PolicyExample.Wallet]? {
    guard let pairs = fields.pairs(value, "`wallets`") else { return nil }
    guard pairs.count <= PolicyFileLimits.walletsPerTestMax else {
      fields.report(
        .tooMany("wallets", count: pairs.count, max: PolicyFileLimits.walletsPerTestMax),
        at: value.position)
      return nil
    }
    var wallets: [PolicyExample.Wallet] = []
    for (key, value) in pairs {
      guard let name = fields.word(key, "wallet"), let wallet = fields.fields(value, .wallet),
        let word = wallet["tier"].flatMap({ fields.word($0, "tier", known: tiers.map(\.text)) }),
        let tier = tiers.firstIndex(where: { $0.text == word }),
        let minorUnits = wallet["balance"].flatMap({
          fields.amount($0, "a balance", exponent: exponent)
        }), let balance = Balance(minorUnits: Int64(minorUnits))
      else { continue }
      wallets.append(.init(name: name, tier: tier, balance: balance))
    }
    return wallets.count == pairs.count ? wallets : nil
  }

  private mutating func readStep(_ value: YAMLValue, _ wallets: [String]) -> PolicyExample.Step? {
    guard let step = fields.fields(value, .step) else { return nil }
    let at = step["at"].flatMap { fields.time($0, "`at`") }
    let operation = step["op"].flatMap {
      fields.word($0, "operation", known: Measure.Operation.words)
    }.flatMap(Measure.Operation.init(word:))
    let amount = readAmount(step)
    let from = readWallet(step, "from", wallets, operation, without: .fund)
    let to = readWallet(step, "to", wallets, operation, without: .cashOut)
    if step["from"] == nil, step["to"] == nil {
      fields.report(.missingField("from` or `to", of: "a step"), at: step.position)
    }
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
    guard let expectation = readExpectation(step), let at, let operation, let amount
    else { return nil }
    guard Self.ends(at, times, every) else {
      fields.report(.stepsTooLong(times: times), at: step["every"]?.position ?? step.position)
      return nil
    }
    return PolicyExample.Step(
      position: value.position, at: at, operation: operation, amount: amount, from: from, to: to,
      times: times, everyMicroseconds: every, expectation: expectation)
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
        minorUnits == 0 ? .invalidAmount(text, exponent: exponent) : .amountTooLarge(text),
        at: value.position)
      return nil
    }
    return amount
  }

  private mutating func readWallet(
    _ step: Fields, _ side: String, _ wallets: [String], _ operation: Measure.Operation?,
    without: Measure.Operation
  ) -> Int? {
    guard let value = step[side],
      let word = fields.word(value, "wallet of this test", known: wallets)
    else { return nil }
    if operation == without {
      fields.report(.noLeg(side, operation: without.word), at: value.position)
    }
    return wallets.firstIndex(of: word)
  }

  private mutating func readExpectation(_ step: Fields) -> PolicyExample.Expectation? {
    guard let value = step["expect"],
      let word = fields.word(value, "decision", known: ["permit", "deny"])
    else { return nil }
    guard word == "deny" else {
      for name in ["rule", "left", "resets"] {
        guard let value = step[name] else { continue }
        fields.report(
          .fieldNotYet(name, why: "it is about a refusal; leave it out"), at: value.position)
      }
      return .permit
    }
    guard let value = step["rule"] else {
      fields.report(.missingField("rule", of: "a step that expects `deny`"), at: step.position)
      return nil
    }
    guard let word = fields.word(value, "rule", known: rules.map(\.id.text)),
      let rule = rules.firstIndex(where: { $0.id.text == word })
    else { return nil }
    let isCount = rules[rule].quantity == .count
    let left = step["left"].flatMap { value -> UInt64? in
      isCount
        ? fields.integer(value, "`left`", 0...Int(Int32.max)).map(UInt64.init)
        : fields.amount(value, "`left`", exponent: exponent)
    }
    let resets = step["resets"].flatMap { fields.time($0, "`resets`") }
    return .deny(rule: rule, left: left, resets: resets)
  }
}

extension Shape {
  static let example = Shape(
    noun: "a test", required: ["name", "wallets", "steps"], optional: [])
  static let wallet = Shape(noun: "a wallet", required: ["tier", "balance"], optional: [])
  static let step = Shape(
    noun: "a step", required: ["at", "op", "amount", "expect"],
    optional: ["from", "to", "times", "every", "rule", "left", "resets"])
}
