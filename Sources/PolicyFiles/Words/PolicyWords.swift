import LedgerModel

/// Writes a rule set in words that can be read out.
struct PolicyWords {
  let set: RuleSet
  let exponent: Int

  init(_ set: RuleSet, exponent: Int) {
    self.set = set
    self.exponent = exponent
  }

  /// A rule as one sentence, and one more where it has a validity of its own.
  func sentence(_ rule: Rule) -> String {
    let measure = set.measures[rule.measure]
    var text = Self.capitalised(fullSubject(measure, previousOnly: rule.countsPreviousOnly))
    if let condition = condition(measure.filter) { text += ", \(condition)," }
    text += " \(bound(rule, measure)); otherwise \(consequence(rule.action))."
    if let validity = validity(rule) { text += " \(validity)" }
    return text
  }

  // MARK: What is measured

  /// `amount out of a wallet by pay`, for a column of a table.
  func subject(_ measure: Measure) -> String {
    let noun =
      switch measure.quantity {
      case .amount: "amount"
      case .count: "count of payments"
      case .balance: "balance"
      case .supply: "supply"
      case .counterparties: "count of counterparties"
      case .sinceLast: "time since the last payment"
      }
    if measure.quantity == .supply { return "supply after issue" }
    let direction =
      measure.quantity == .balance
      ? " of \(scope(measure.scope)) after"
      : " \(direction(measure.direction)) \(scope(measure.scope)) by"
    let filtered = measure.filter == .everything ? "" : ", of some"
    return noun + direction + " \(operations(measure, "or"))" + filtered
  }

  private func fullSubject(_ measure: Measure, previousOnly: Bool) -> String {
    let who = scope(measure.scope)
    let by = operations(measure, "or")
    let when = time(measure.window)
    let earlier = previousOnly ? "earlier " : ""
    switch measure.quantity {
    case .amount:
      if measure.window == .payment, measure.direction != .net {
        return "one payment \(direction(measure.direction)) \(who) by \(by)"
      }
      let noun = measure.direction == .net ? "net amount" : "amount"
      return
        "the \(noun) of \(earlier)payments \(direction(measure.direction)) \(who) by \(by)\(when)"
    case .count:
      return
        "the number of \(earlier)payments \(direction(measure.direction)) \(who) by \(by)\(when)"
    case .balance:
      return measure.scope == .wallet
        ? "what a wallet holds after \(by)" : "what \(who) hold together after \(by)"
    case .supply: return "what is outstanding after an issuance"
    case .counterparties:
      let noun = measure.direction == .out ? "paid by" : "paying"
      return "the number of \(previousOnly ? "earlier " : "")different accounts \(noun) \(who) by "
        + "\(by)\(when)"
    case .sinceLast:
      return "the time since the last payment \(direction(measure.direction)) \(who) by \(by)"
    }
  }

  private func operations(_ measure: Measure, _ joint: String) -> String {
    Self.list(measure.operations.map(\.word), joint)
  }

  private func scope(_ scope: Measure.Scope) -> String {
    switch scope {
    case .wallet: "a wallet"
    case .owner: "all wallets of an owner"
    case .pair: "one wallet to one payee"
    case .participant: "all accounts of a participant"
    case .participantClass: "all participants of a class"
    case .tier: "all wallets of a tier"
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

  // MARK: Windows

  /// `day in Asia/Shanghai`, for a column of a table.
  func window(_ measure: Measure) -> String {
    switch measure.quantity {
    case .balance, .supply: "after each payment"
    case .sinceLast: "since the last"
    case .amount, .count, .counterparties:
      measure.window == .payment
        ? "payment" : Self.withoutPreposition(time(measure.window, isShort: true))
    }
  }

  private static func withoutPreposition(_ text: String) -> String {
    text.hasPrefix(" in ") ? String(text.dropFirst(4)) : String(text.dropFirst())
  }

  private func time(_ window: Window, isShort: Bool = false) -> String {
    switch window {
    case .payment: return " in one payment"
    case .lifetime: return " in all its lifetime"
    case .day(let zone): return " in a day in \(zone.name)"
    case .week(let zone, let first): return " in a week from \(first.word) on in \(zone.name)"
    case .month(let zone): return " in a month in \(zone.name)"
    case .year(let zone): return " in a year in \(zone.name)"
    case .businessDay(let calendar): return " in a business day of calendar \(calendar.name)"
    case .span(let span):
      let days =
        switch span.days {
        case .weekdays(let weekdays) where weekdays.count == 7: "every day"
        case .weekdays(let weekdays): Self.list(weekdays.map(\.word), "and")
        case .businessDays(let calendar): "business days of calendar \(calendar.name)"
        case .otherDays(let calendar): "days that are no business days of calendar \(calendar.name)"
        }
      return " from \(Self.timeOfDay(span.from)) to \(Self.timeOfDay(span.to))"
        + "\(span.crossesMidnight ? " of the next day" : "") on \(days) in \(span.zone.name)"
    case .rolling(let length, let events):
      return " in the last \(Self.duration(length))"
        + (isShort ? "" : " (of at most \(events) payments)")
    case .since(let event): return " since the newest event \(event)"
    case .after(let event, let length):
      return " in the \(Self.duration(length)) after event \(event)"
    }
  }

  // MARK: Filters

  func condition(_ filter: PaymentFilter) -> String? {
    var parts: [String] = []
    if let test = filter.channel { parts.append("the channel is \(words(test))") }
    if let test = filter.purpose { parts.append("the purpose is \(words(test))") }
    parts += conditions(filter.payer, "the payer")
    parts += conditions(filter.payee, "the payee")
    if let known = filter.acquaintance {
      let since =
        known.kind == .paid ? "the payer first paid the payee" : "the payer listed the payee"
      parts.append(
        known.excludes
          ? "\(since) less than \(Self.duration(known.microseconds)) ago or never"
          : "\(since) at least \(Self.duration(known.microseconds)) ago")
    }
    return parts.isEmpty ? nil : "where " + Self.list(parts, "and")
  }

  private func conditions(_ leg: LegFilter, _ side: String) -> [String] {
    var parts: [String] = []
    if let test = leg.tier { parts.append("\(side)'s tier is \(words(test))") }
    if let test = leg.participant { parts.append("\(side)'s participant is \(words(test))") }
    for test in leg.attributes {
      let holder = set.attributes.first { $0.name == test.attribute }?.holder ?? .wallet
      let whose = holder == .wallet ? "\(side)'s" : "\(side)'s participant's"
      parts.append("\(whose) attribute \(test.attribute) is \(words(test.test))")
    }
    return parts
  }

  private func words<N: Name>(_ test: WordTest<N>) -> String {
    (test.excludes ? "not " : "") + Self.list(test.words.map(\.text), test.excludes ? "nor" : "or")
  }

  // MARK: Caps

  private func bound(_ rule: Rule, _ measure: Measure) -> String {
    let verb =
      switch rule.comparison {
      case .atMost: "is at most"
      case .under: "is less than"
      case .atLeast: "is at least"
      }
    switch rule.caps {
    case .every(let cap): return "\(verb) \(text(cap, measure.quantity))"
    case .byTier(let caps):
      // Tiers of one cap are named together.
      var groups: [(cap: Cap?, tiers: [String])] = []
      for (tier, cap) in zip(set.tiers, caps) {
        if let place = groups.firstIndex(where: { $0.cap == cap }) {
          groups[place].tiers.append(tier.text)
        } else {
          groups.append((cap, [tier.text]))
        }
      }
      let bounded = groups.filter { $0.cap != nil }.map { group in
        (group.cap.map { text($0, measure.quantity) } ?? "") + " for \(Self.tiers(group.tiers))"
      }
      let free = groups.first { $0.cap == nil }.map { Self.tiers($0.tiers) }
      guard !bounded.isEmpty else { return "is without limit in every tier" }
      return "\(verb) \(Self.list(bounded, "and"))"
        + (free.map { ", without limit for \($0)" } ?? "")
    }
  }

  /// The caps for a table, by tier.
  func cells(_ rule: Rule) -> [String] {
    let quantity = set.measures[rule.measure].quantity
    switch rule.caps {
    case .every(let cap):
      return Array(repeating: text(cap, quantity), count: max(1, set.tiers.count))
    case .byTier(let caps): return caps.map { $0.map { text($0, quantity) } ?? "none" }
    }
  }

  private func text(_ cap: Cap, _ quantity: Measure.Quantity) -> String {
    switch cap {
    case .constant(let value):
      switch quantity {
      case .amount, .balance, .supply: DecimalAmount.text(Int128(value), exponent: exponent)
      case .count, .counterparties: String(value)
      case .sinceLast: Self.duration(value)
      }
    case .attribute(let name): "attribute \(name)"
    case .balance: "what the account held before"
    case .share(let basisPoints, let base):
      "\(Self.percent(basisPoints)) of \(text(base, quantity))"
    case .least(let caps):
      "the least of (\(caps.map { text($0, quantity) }.joined(separator: "; ")))"
    case .greatest(let caps):
      "the greatest of (\(caps.map { text($0, quantity) }.joined(separator: "; ")))"
    }
  }

  // MARK: Actions and validity

  private func consequence(_ action: Rule.Action) -> String {
    switch action {
    case .deny: return "the payment is denied"
    case .flag: return "the payment is made and flagged"
    case .require(let approval):
      let group = set.groups[approval.group]
      return "\(approval.count) of the \(group.keys.count) keys of group \(group.name) must sign"
    case .waterfall(let waterfall):
      return
        "the excess goes on to the linked account, or the payment is denied where there is none"
        + (waterfall.drawsShortfall
          ? "; what a payer lacks is drawn from its linked account" : "")
    case .hold(let holding):
      let end = holding.end == .released ? "released" : "reviewed"
      return "the payment is held for \(Self.duration(holding.microseconds)) and then \(end)"
        + (holding.isSticky ? ", even where the limit would by then allow it" : "")
    }
  }

  private func validity(_ rule: Rule) -> String? {
    let until = rule.until == commonEnd ? nil : rule.until
    return switch (rule.from, until) {
    case (nil, nil): nil
    case (let from?, nil): "In force from \(from)."
    case (nil, let until?): "In force until \(until)."
    case (let from?, let until?): "In force from \(from) until \(until)."
    }
  }

  /// The last instant at which a rule ends, where all end: the set's own end.
  private var commonEnd: LedgerTime? {
    let ends = set.rules.map(\.until)
    return ends.contains(nil) ? nil : ends.compactMap(\.self).max()
  }

  /// When the set comes into force and ends, and what leaves then.
  var validity: String {
    (set.effectiveFrom.map { ", in force from \($0)" } ?? "")
      + (commonEnd.map { ", until \($0)" } ?? "")
      + (set.supersedes.map { ", in place of \($0)" } ?? "")
  }

  // MARK: Plain text

  static func duration(_ microseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [
      (86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"),
      (1_000_000, "second"), (1, "microsecond"),
    ]
    // A single day may mean the calendar's, so it is told in hours.
    for (length, noun) in units where microseconds > 0 && microseconds.isMultiple(of: length) {
      let count = microseconds / length
      if noun == "day", count == 1 { continue }
      return "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return "0 seconds"
  }

  static func percent(_ basisPoints: Int) -> String {
    let whole = basisPoints / 100
    let part = basisPoints % 100
    if part == 0 { return "\(whole)%" }
    let digits = part < 10 ? "0\(part)" : part % 10 == 0 ? "\(part / 10)" : "\(part)"
    return "\(whole).\(digits)%"
  }

  static func timeOfDay(_ seconds: Int) -> String {
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(padded(seconds / 3_600)):\(padded(seconds / 60 % 60))"
      + (seconds % 60 == 0 ? "" : ":\(padded(seconds % 60))")
  }

  private static func tiers(_ names: [String]) -> String {
    (names.count == 1 ? "tier " : "tiers ") + list(names, "and")
  }

  static func list(_ items: [String], _ joint: String) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(joint) \(last)"
  }

  private static func capitalised(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}
