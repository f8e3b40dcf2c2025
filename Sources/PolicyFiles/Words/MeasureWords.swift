import LedgerModel

/// Says in words what a rule measures, when, and of which payments: the pieces of a sentence.
struct MeasureWords {
  private let attributes: [Attribute]
  private let groups: [SignerGroup]
  /// The one zone of the set, in which its instants are told.
  let zone: TimeZoneTable?
  private let exponent: Int

  /// Creates the words of a set; without one, who has an attribute and what a group is called
  /// cannot be said.
  init(_ set: RuleSet?, exponent: Int) {
    attributes = set?.attributes ?? []
    groups = set?.groups ?? []
    zone = set.flatMap { $0.zones.count == 1 ? $0.zones.first : nil }
    self.exponent = exponent
  }

  // MARK: What

  /// `the amount of payments out of a wallet by pay or cash-out`, without its window.
  func subject(_ measure: Measure, previousOnly: Bool = false) -> String {
    let who = scope(measure.scope)
    let by = PolicyWords.list(measure.operations.map(\.word), "or")
    let way = direction(measure.direction)
    let earlier = previousOnly ? "earlier " : ""
    switch measure.quantity {
    case .amount:
      let noun = measure.direction == .net ? "net amount" : "amount"
      return "the \(noun) of \(earlier)payments \(way) \(who) by \(by)"
    case .count: return "the number of \(earlier)payments \(way) \(who) by \(by)"
    case .balance:
      return "what \(who) \(measure.scope == .wallet ? "holds" : "hold") after \(by)"
    case .supply: return "what is outstanding after an issuance"
    case .counterparties:
      let verb = measure.direction == .out ? "paid by" : "paying"
      return
        "the number of \(earlier)different accounts \(verb) \(who) by \(by)"
    case .sinceLast: return "the time since the last payment \(way) \(who) by \(by)"
    }
  }

  func scope(_ scope: Measure.Scope) -> String {
    switch scope {
    case .wallet: "a wallet"
    case .owner: "all wallets of one owner"
    case .pair: "one wallet to one payee"
    case .participant: "all accounts of one participant"
    case .participantClass: "all participants of one class"
    case .tier: "all wallets of one tier"
    case .system: "all accounts"
    }
  }

  private func direction(_ direction: Measure.Direction) -> String {
    switch direction {
    case .out: "out of"
    case .into: "into"
    case .turnover: "out of and into"
    case .net: "out of, less into,"
    }
  }

  // MARK: When

  /// `a day in Asia/Shanghai`; `nil` for what is looked at after each payment.
  func window(_ measure: Measure) -> String? {
    switch measure.quantity {
    case .balance, .supply, .sinceLast: nil
    case .amount, .count, .counterparties: window(measure.window)
    }
  }

  private func window(_ window: Window) -> String {
    switch window {
    case .payment: return "one payment"
    case .lifetime: return "all its lifetime"
    case .day(let zone): return "a day in \(zone.name)"
    case .week(let zone, let first): return "a week from \(first.word) on in \(zone.name)"
    case .month(let zone): return "a month in \(zone.name)"
    case .year(let zone): return "a year in \(zone.name)"
    case .businessDay(let calendar): return "a business day of calendar \(calendar.name)"
    case .span(let span): return self.span(span)
    case .rolling(let length, _): return "the last \(PolicyWords.duration(length))"
    case .since(let event): return "the time since the newest event \(event)"
    case .after(let event, let length):
      return "the \(PolicyWords.duration(length)) after event \(event)"
    }
  }

  private func span(_ span: TimeSpan) -> String {
    let days =
      switch span.days {
      case .weekdays(let weekdays) where weekdays.count == 7: "every day"
      case .weekdays(let weekdays): PolicyWords.list(weekdays.map(\.word), "and")
      case .businessDays(let calendar): "business days of calendar \(calendar.name)"
      case .otherDays(let calendar): "days that are no business days of calendar \(calendar.name)"
      }
    return "the time from \(PolicyWords.timeOfDay(span.from)) to \(PolicyWords.timeOfDay(span.to))"
      + "\(span.crossesMidnight ? " of the next day" : "") on \(days) in \(span.zone.name)"
  }

  // MARK: Of which payments

  /// `where the channel is atm`; `nil` where every payment counts.
  func condition(_ filter: PaymentFilter) -> String? {
    var parts: [String] = []
    if let test = filter.channel { parts.append("the channel is \(words(test))") }
    if let test = filter.purpose { parts.append("the purpose is \(words(test))") }
    parts += conditions(filter.payer, "the payer")
    parts += conditions(filter.payee, "the payee")
    if let known = filter.acquaintance {
      let since =
        known.kind == .paid ? "the payer first paid the payee" : "the payer listed the payee"
      let length = PolicyWords.duration(known.microseconds)
      parts.append(
        known.excludes
          ? "\(since) less than \(length) ago or never" : "\(since) at least \(length) ago")
    }
    return parts.isEmpty ? nil : "where " + PolicyWords.list(parts, "and")
  }

  private func conditions(_ leg: LegFilter, _ side: String) -> [String] {
    var parts: [String] = []
    if let test = leg.tier { parts.append("\(side)'s tier is \(words(test))") }
    if let test = leg.participant { parts.append("\(side)'s participant is \(words(test))") }
    for test in leg.attributes {
      let holder = attributes.first { $0.name == test.attribute }?.holder ?? .wallet
      let whose = holder == .wallet ? "\(side)'s" : "\(side)'s participant's"
      parts.append("\(whose) attribute \(test.attribute) is \(words(test.test))")
    }
    return parts
  }

  private func words<Word: Name>(_ test: WordTest<Word>) -> String {
    (test.excludes ? "not " : "")
      + PolicyWords.list(test.words.map(\.text), test.excludes ? "nor" : "or")
  }

  // MARK: How much

  /// A value that a measure has: an amount with the currency's digits, a count, or a duration.
  func value(
    _ value: Int128, _ quantity: Measure.Quantity, isGrouped: Bool = true
  ) -> String {
    switch quantity {
    case .amount, .balance, .supply:
      isGrouped
        ? DecimalAmount.grouped(value, exponent: exponent)
        : DecimalAmount.text(value, exponent: exponent)
    case .count, .counterparties: String(value)
    case .sinceLast: PolicyWords.duration(UInt64(clamping: value))
    }
  }

  func figure(_ value: Int128, _ quantity: Measure.Quantity) -> PolicyFigure {
    PolicyFigure(
      text: self.value(value, quantity), plain: self.value(value, quantity, isGrouped: false))
  }

  /// `nil` is for no limit.
  func figure(_ cap: Cap?, _ quantity: Measure.Quantity) -> PolicyFigure {
    guard let cap else { return PolicyFigure(text: "-", plain: "-") }
    return PolicyFigure(
      text: self.cap(cap, quantity), plain: self.cap(cap, quantity, isGrouped: false))
  }

  func cap(
    _ cap: Cap, _ quantity: Measure.Quantity, isGrouped: Bool = true
  ) -> String {
    func several(_ caps: [Cap]) -> String {
      let texts = caps.map { self.cap($0, quantity, isGrouped: isGrouped) }
      return "(\(texts.joined(separator: "; ")))"
    }
    switch cap {
    case .constant(let number):
      return value(Int128(number), quantity, isGrouped: isGrouped)
    case .attribute(let name): return "attribute \(name)"
    case .balance: return "what the account held before"
    case .share(let basisPoints, let base):
      return "\(PolicyWords.percent(basisPoints)) of "
        + self.cap(base, quantity, isGrouped: isGrouped)
    case .least(let caps): return "the least of \(several(caps))"
    case .greatest(let caps): return "the greatest of \(several(caps))"
    }
  }

  /// `at most`, `less than` or `at least`.
  func comparison(_ comparison: Rule.Comparison) -> String {
    switch comparison {
    case .atMost: "at most"
    case .under: "less than"
    case .atLeast: "at least"
    }
  }

  // MARK: What happens

  /// `the payment is denied`.
  func consequence(_ action: Rule.Action) -> String {
    switch action {
    case .deny: return "the payment is denied"
    case .flag: return "the payment is made and flagged"
    case .require(let approval):
      let group =
        groups.indices.contains(approval.group)
        ? "the \(DecimalAmount.count(groups[approval.group].keys.count, "key")) of group "
          + "\(groups[approval.group].name)"
        : "its group's keys"
      return "\(approval.count) of \(group) must sign"
    case .waterfall(let waterfall):
      return
        "the excess goes on to the linked account, or the payment is denied where there is none"
        + (waterfall.drawsShortfall
          ? "; what a payer lacks is drawn from its linked account" : "")
    case .hold(let holding):
      let end = holding.end == .released ? "released" : "reviewed"
      return "the payment is held for \(PolicyWords.duration(holding.microseconds)) and then \(end)"
        + (holding.isSticky ? ", even where the limit would by then allow it" : "")
    }
  }

  /// `2 signatures of group board`.
  func signatures(_ count: Int, of approval: Approval) -> String {
    let group =
      groups.indices.contains(approval.group) ? "group \(groups[approval.group].name)" : "its group"
    return "\(DecimalAmount.count(count, "signature")) of \(group)"
  }

  /// `in force from … until …`; `nil` where it is in force as long as its set.
  func validity(from: LedgerTime?, until: LedgerTime?) -> String? {
    switch (from, until) {
    case (nil, nil): nil
    case (let from?, nil): "in force from \(instant(from))"
    case (nil, let until?): "in force until \(instant(until))"
    case (let from?, let until?): "in force from \(instant(from)) until \(instant(until))"
    }
  }

  /// An instant as the clocks of the set's zone show it, or in UTC where it has none or several.
  func instant(_ time: LedgerTime) -> String { zone?.localTime(time) ?? time.description }

  static func capitalised(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}
