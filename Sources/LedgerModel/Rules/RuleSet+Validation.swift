extension RuleSet {
  /// Checks what the types alone cannot hold.
  ///
  /// - Parameter newestFormat: Of those that may be in force; the state machine's version says.
  /// - Throws: A ``RuleSetError``: of the head, then of names, measures, rules and exemptions.
  /// - Complexity: O(set).
  public func validate(newestFormat: Int = RuleSet.newestFormat) throws(RuleSetError) {
    guard 1 <= format, format <= newestFormat else { throw .unknownFormat(format) }
    if format == 1 { try checkFormat1() }
    try checkCounts()
    try checkNames()
    var seenMeasures: Set<Measure> = []
    for (index, measure) in measures.enumerated()
    where !seenMeasures.insert(measure).inserted {
      throw .duplicateMeasure(index: index)
    }
    var seenRules: Set<RuleID> = []
    for rule in rules where !seenRules.insert(rule.id).inserted { throw .duplicateRule(rule.id) }
    for rule in rules where !measures.indices.contains(rule.measure) {
      throw .measureOutOfRange(rule: rule.id, index: rule.measure)
    }
    let used = Set(rules.map(\.measure))
    for index in measures.indices where !used.contains(index) {
      throw .unusedMeasure(index: index)
    }
    for (index, measure) in measures.enumerated() {
      if let problem = problem(with: measure) { throw .invalidMeasure(index: index, problem) }
    }
    for rule in rules {
      if case .byTier(let caps) = rule.caps,
        caps.count != tiers.count || (format > 1 && tiers.isEmpty)
      {
        throw .capCount(rule: rule.id, count: caps.count)
      }
      if let problem = problem(with: rule) { throw .invalidRule(rule.id, problem) }
    }
    for (index, exemption) in exemptions.enumerated() where !isSound(exemption) {
      throw .invalidExemption(index: index)
    }
    for rule in rules {
      if case .hold = rule.action { throw .notYet(rule: rule.id, noun: "holds") }
    }
  }

  private func checkFormat1() throws(RuleSetError) {
    let isPlain =
      calendars.isEmpty && attributes.isEmpty && events.isEmpty && groups.isEmpty
      && exemptions.isEmpty && supersedes == nil && effectiveFrom == nil
    guard isPlain else { throw .notInFormat(1, noun: "definitions but tiers and zones") }
    guard !tiers.isEmpty else { throw .none(noun: "tiers") }
    for measure in measures where !measure.isOfFormat1 {
      throw .notInFormat(1, noun: "such measures")
    }
    for rule in rules where !rule.isOfFormat1 { throw .notInFormat(1, noun: "such rules") }
  }

  private func checkCounts() throws(RuleSetError) {
    let counts = [
      ("tiers", tiers.count, Limits.tiersPerSetMax),
      ("calendars", calendars.count, Limits.calendarsPerSetMax),
      ("attributes", attributes.count, Limits.attributesPerSetMax),
      ("events", events.count, Limits.eventsPerSetMax),
      ("groups", groups.count, Limits.groupsPerSetMax),
      ("measures", measures.count, Limits.rulesPerSetMax),
      ("rules", rules.count, Limits.rulesPerSetMax),
      ("exemptions", exemptions.count, Limits.exemptionsPerSetMax),
      (
        "measures that count over a window", measures.count(where: \.isCounted),
        Limits.countersPerSetMax
      ),
      ("rules that flag", rules.count { $0.action == .flag }, Limits.remarksPerPaymentMax),
    ]
    for (noun, count, max) in counts where count > max {
      throw .tooMany(noun: noun, count: count, max: max)
    }
    if measures.isEmpty { throw .none(noun: "measures") }
    if rules.isEmpty { throw .none(noun: "rules") }
  }

  private func checkNames() throws(RuleSetError) {
    var seenTiers: Set<Tier> = []
    for tier in tiers where !seenTiers.insert(tier).inserted { throw .duplicateTier(tier) }
    var seen: Set<String> = []
    for zone in zones where !seen.insert(zone.name).inserted { throw .duplicateZone(zone.name) }
    let windows = measures.map(\.window)
    let usedZones = windows.compactMap(\.zone) + calendars.map(\.zone)
    for zone in zones where !usedZones.contains(zone) { throw .unusedZone(zone.name) }
    for zone in zones where !zone.isValid { throw .invalidZone(zone.name) }
    for zone in usedZones where !zones.contains(zone) {
      throw .unknownName(noun: "zone", name: zone.name)
    }
    try checkDistinct("calendar", calendars.map(\.name.text))
    let usedCalendars = windows.compactMap(\.calendar)
    for calendar in calendars where !usedCalendars.contains(calendar) {
      throw .unusedName(noun: "calendar", name: calendar.name.text)
    }
    for calendar in usedCalendars where !calendars.contains(calendar) {
      throw .unknownName(noun: "calendar", name: calendar.name.text)
    }
    for calendar in calendars where !calendar.isValid { throw .invalidCalendar(calendar.name) }
    try checkDistinct("attribute", attributes.map(\.name.text))
    for attribute in attributes where !attribute.isValid {
      throw .invalidAttribute(attribute.name)
    }
    try checkDistinct("event", events.map(\.name.text))
    for event in events where !isSound(event) { throw .invalidEvent(event.name) }
    try checkDistinct("group", groups.map(\.name.text))
    for group in groups where !group.isValid { throw .invalidGroup(group.name) }
  }

  private func checkDistinct(_ noun: String, _ names: [String]) throws(RuleSetError) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw .duplicateName(noun: noun, name: name)
    }
  }

  private func isSound(_ event: EventDefinition) -> Bool {
    guard case .payment(let operations, let filter) = event.trigger else { return true }
    return operations.ascendStrictly && !operations.isEmpty
      && operations.allSatisfy { $0 == .pay || $0 == .cashOut } && isSound(filter)
      && filter.acquaintance == nil
  }

  private func isSound(_ exemption: Exemption) -> Bool {
    exemption.rules.ascendStrictly && !exemption.rules.isEmpty
      && exemption.rules.allSatisfy(rules.indices.contains)
      && exemption.accounts.ascendStrictly && exemption.participants.ascendStrictly
      && 1...Limits.exemptAccountsMax
        ~= exemption.accounts.count + exemption.participants.count
  }

  private func isSound(_ filter: PaymentFilter) -> Bool {
    isSound(filter.channel) && isSound(filter.purpose)
      && isSound(filter.payer) && isSound(filter.payee)
      && (filter.acquaintance?.microseconds ?? 0) <= Limits.windowMicrosecondsMax
  }

  private func isSound<Word>(_ test: WordTest<Word>?) -> Bool {
    guard let test else { return true }
    return test.words.ascendStrictly && 1...Limits.wordsPerTestMax ~= test.words.count
  }

  private func isSound(_ leg: LegFilter) -> Bool {
    guard isSound(leg.tier), isSound(leg.participant) else { return false }
    if let tier = leg.tier, !tier.words.allSatisfy(tiers.contains) { return false }
    let places = leg.attributes.map { test in
      attributes.firstIndex { $0.name == test.attribute } ?? -1
    }
    guard places.ascendStrictly, places.first != -1 else { return false }
    return zip(leg.attributes, places).allSatisfy { test, place in
      guard case .words(let words) = attributes[place].kind else { return false }
      return isSound(test.test) && test.test.words.allSatisfy(words.contains)
    }
  }

  private func problem(with measure: Measure) -> MeasureProblem? {
    // Format 1 has always taken measures that count nothing.
    guard measure.operations.ascendStrictly, !measure.operations.isEmpty,
      format == 1
        || measure.operations.contains(where: { $0.touches(measure.scope, measure.direction) })
    else { return .operations }
    let isOfPayment = measure.window == .payment
    switch measure.quantity {
    case .amount, .count: break
    case .balance:
      let scopes: [Measure.Scope] = [.wallet, .owner, .participant, .tier]
      guard isOfPayment, measure.direction == .into, scopes.contains(measure.scope) else {
        return .balance
      }
    case .supply:
      guard isOfPayment, measure.direction == .into, measure.scope == .system,
        measure.operations == [.issue]
      else { return .supply }
    case .counterparties:
      guard measure.scope == .wallet, measure.direction == .out || measure.direction == .into,
        !isOfPayment, measure.window.event == nil
      else { return .counterparties }
    case .sinceLast:
      guard measure.window == .lifetime, measure.direction == .out || measure.direction == .into
      else { return .sinceLast }
    }
    if measure.scope == .pair, measure.direction != .out { return .pairDirection }
    if measure.scope == .participantClass,
      !attributes.contains(where: { $0.name == Attribute.participantClass })
    {
      return .classAttribute
    }
    if let name = measure.window.event {
      guard let event = events.first(where: { $0.name == name }) else { return .event }
      let wanted: Measure.Scope = event.trigger == .firstPayment ? .pair : .wallet
      guard measure.scope == wanted else { return .event }
    }
    guard measure.window.isValid else { return .window }
    return isSound(measure.filter) ? nil : .filter
  }

  private func problem(with rule: Rule) -> RuleProblem? {
    let measure = measures[rule.measure]
    if let from = rule.from, let until = rule.until, until <= from { return .validity }
    if rule.countsPreviousOnly {
      guard measure.quantity != .balance, measure.quantity != .supply,
        measure.quantity != .sinceLast, measure.isCounted
      else { return .previousOnly }
    }
    for cap in rule.caps.all {
      if let problem = problem(with: cap, of: measure) { return problem }
    }
    switch rule.action {
    case .deny, .flag: break
    case .require(let approval):
      guard groups.indices.contains(approval.group),
        1...groups[approval.group].keys.count ~= approval.count
      else { return .group }
    case .waterfall:
      guard measure.quantity == .balance, measure.scope == .wallet || measure.scope == .owner,
        rule.comparison == .atMost
      else { return .waterfall }
    case .hold(let holding):
      guard 1...Limits.windowMicrosecondsMax ~= holding.microseconds else { return .hold }
    }
    return nil
  }

  private func problem(with cap: Cap, of measure: Measure) -> RuleProblem? {
    guard cap.depth <= Limits.capDepthMax else { return .capTooDeep(max: Limits.capDepthMax) }
    guard cap.termCount <= Limits.capTermsMax else { return .capTooLong(max: Limits.capTermsMax) }
    switch cap {
    case .constant(let value):
      // A constant of format 1 may be any number: it was never checked.
      return format == 1 || value <= UInt64(Balance.max.minorUnits) ? nil : .capTooLarge
    case .balance: return measure.scope == .wallet ? nil : .attribute(AttributeName.balance)
    case .attribute(let name):
      guard let attribute = attributes.first(where: { $0.name == name }),
        case .amount = attribute.kind,
        attribute.holder == .wallet
          ? measure.scope == .wallet
          : measure.scope != .system && measure.scope != .participantClass
      else { return .attribute(name) }
      return nil
    case .share(let basisPoints, let base):
      guard 0...10_000 ~= basisPoints else { return .share }
      return problem(with: base, of: measure)
    case .least(let caps), .greatest(let caps):
      guard caps.count >= 2 else { return .capTerms }
      for cap in caps {
        if let problem = problem(with: cap, of: measure) { return problem }
      }
      return nil
    }
  }
}

extension AttributeName {
  /// What an error calls the balance, where a scope has none.
  fileprivate static let balance = AttributeName(unchecked: "balance")
}

extension Measure {
  /// Whether format 1 has it.
  fileprivate var isOfFormat1: Bool {
    guard [.amount, .count, .balance].contains(quantity), scope == .wallet,
      direction == .out || direction == .into, filter == .everything,
      operations.allSatisfy({ $0.rawValue <= Operation.cashOut.rawValue })
    else { return false }
    switch window {
    case .payment, .lifetime, .day, .month, .year: return true
    case .week, .businessDay, .span, .rolling, .since, .after: return false
    }
  }
}

extension Rule {
  /// Whether format 1 has it.
  fileprivate var isOfFormat1: Bool {
    guard case .byTier = caps, comparison == .atMost, !countsPreviousOnly, action == .deny,
      from == nil, until == nil, line == 0
    else { return false }
    return caps.all.allSatisfy { if case .constant = $0 { true } else { false } }
  }
}

extension Measure.Operation {
  /// Whether the payer, or the payee, is a wallet.
  public func hasWallet(_ direction: Measure.Direction) -> Bool {
    switch self {
    case .pay: true
    case .fund: direction != .out
    case .cashOut: direction != .into
    case .issue, .redeem, .settle: false
    }
  }

  /// Whether it moves money of the scope in the direction.
  fileprivate func touches(_ scope: Measure.Scope, _ direction: Measure.Direction) -> Bool {
    switch scope {
    case .wallet, .owner, .tier: hasWallet(direction)
    case .pair: self == .pay
    case .participant, .participantClass, .system:
      switch self {
      case .issue: direction != .out
      case .redeem: direction != .into
      case .fund, .pay, .cashOut, .settle: true
      }
    }
  }
}

extension Window {
  fileprivate var isValid: Bool {
    switch self {
    case .payment, .lifetime, .day, .week, .month, .year, .businessDay, .since: true
    case .rolling(let microseconds, let eventsMax):
      1...Limits.windowMicrosecondsMax ~= microseconds
        && 1...Limits.rollingEventsMax ~= eventsMax
    case .after(_, let microseconds): 1...Limits.windowMicrosecondsMax ~= microseconds
    case .span(let span):
      0..<86_400 ~= span.from && 1...86_400 ~= span.to && span.from != span.to
        && span.days.isValid
    }
  }
}

extension TimeSpan.Days {
  fileprivate var isValid: Bool {
    guard case .weekdays(let weekdays) = self else { return true }
    return weekdays.ascendStrictly && !weekdays.isEmpty
  }
}

extension BusinessCalendar {
  fileprivate var isValid: Bool {
    weekend.ascendStrictly && weekend.count < Weekday.allCases.count && holidays.ascendStrictly
      && holidays.count <= Limits.holidaysPerCalendarMax && 1...86_400 ~= cutOffSeconds
      && holidays.allSatisfy { -Limits.calendarDaysMax...Limits.calendarDaysMax ~= $0 }
  }
}

extension Attribute {
  fileprivate var isValid: Bool {
    switch kind {
    case .words(let words):
      guard words.ascendStrictly, 1...Limits.wordsPerTestMax ~= words.count else { return false }
      return name != Attribute.participantClass || holder == .participant
    case .amount(let amount):
      let largest = UInt64(Balance.max.minorUnits)
      let ceiling = amount.ceiling ?? largest
      return name != Attribute.participantClass && ceiling <= largest
        && amount.initial ?? 0 <= ceiling
        && amount.raiseAfterMicroseconds <= Limits.windowMicrosecondsMax
    }
  }
}

extension SignerGroup {
  fileprivate var isValid: Bool {
    keys.ascendStrictly && 1...Limits.keysPerGroupMax ~= keys.count
  }
}

extension Array where Element: Comparable {
  /// Whether each is above the one before.
  fileprivate var ascendStrictly: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
