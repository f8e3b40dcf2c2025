import LedgerModel

extension PolicyComparison {
  /// What is changed in what rules name.
  var definitionChanges: [Found] {
    exemptionChanges + attributeChanges + eventChanges + calendarChanges + zoneChanges
      + groupChanges
  }

  /// The rules of both policies for which something holds in either.
  private func contrasts(
    _ isConcerned: (Rule, RuleSet) -> Bool, times: [LedgerTime] = []
  ) -> [RuleContrast] {
    pairs.filter { pair in
      (pair.old.map { isConcerned($0, old) } ?? false)
        || (pair.new.map { isConcerned($0, new) } ?? false)
    }.map { RuleContrast(old: $0.old, new: $0.new, times: times) }
  }

  // MARK: Exemptions

  private struct Exempt: Hashable {
    let rule: RuleID
    let account: AccountID?
    let participant: ParticipantID?

    var who: String { account.map { "account \($0)" } ?? participant.map { "\($0)" } ?? "nobody" }
  }

  private static func exempt(_ set: RuleSet) -> [(who: Exempt, until: LedgerTime)] {
    var all: [(who: Exempt, until: LedgerTime)] = []
    for exemption in set.exemptions {
      for rule in exemption.rules.map({ set.rules[$0].id }) {
        let accounts = exemption.accounts.map { Exempt(rule: rule, account: $0, participant: nil) }
        let participants = exemption.participants.map {
          Exempt(rule: rule, account: nil, participant: $0)
        }
        for who in accounts + participants {
          // Several exemptions of one account last as long as the longest.
          if let place = all.firstIndex(where: { $0.who == who }) {
            all[place].until = max(all[place].until, exemption.until)
          } else {
            all.append((who, exemption.until))
          }
        }
      }
    }
    return all
  }

  /// Who is exempt from a rule that is added.
  func exemptText(of rule: Rule) -> String {
    let all = Self.exempt(new).filter { $0.who.rule == rule.id }
    if all.isEmpty { return "" }
    return "; exempt: "
      + PolicyWords.list(all.map { "\($0.who.who) until \(newWords.instant($0.until))" }, "and")
  }

  private var exemptionChanges: [Found] {
    // Of a rule that came or went, nobody was exempt before, or can be after.
    let kept = pairs.filter { $0.old != nil && $0.new != nil }
    let before = Self.exempt(old).compactMap { exempt -> (who: Exempt, until: LedgerTime)? in
      guard let rule = kept.first(where: { $0.old?.id == exempt.who.rule })?.new else { return nil }
      return (
        Exempt(
          rule: rule.id, account: exempt.who.account, participant: exempt.who.participant),
        exempt.until
      )
    }
    let after = Self.exempt(new).filter { exempt in
      kept.contains { $0.new?.id == exempt.who.rule }
    }
    func found(_ who: Exempt, _ text: String, _ order: RuleOrder, _ times: [LedgerTime]) -> Found {
      let pair = pairs.first { $0.old?.id == who.rule || $0.new?.id == who.rule }
      return Found(
        kind: .exemption, subject: who.rule.text, text: text,
        order: order.besideWaterfalls([pair?.old, pair?.new].compactMap(\.self)),
        contrasts: [
          RuleContrast(
            old: pair?.old, new: pair?.new, account: who.account, participant: who.participant,
            times: times)
        ])
    }
    var changes: [Found] = []
    for (who, until) in after {
      let earlier = before.first { $0.who == who }?.until
      if earlier == until { continue }
      let soon = LedgerTime(microseconds: max(1, until.microseconds) - 1)
      let order: RuleOrder = earlier.map { $0 > until } ?? false ? .tighter : .looser
      let text =
        earlier.map { "\(who.who) was exempt until \(oldWords.instant($0))" }
        ?? "\(who.who) was not exempt"
      changes.append(
        found(
          who, "\(text), is exempt until \(newWords.instant(until))", order,
          [soon, until] + (earlier.map { [$0] } ?? [])))
    }
    for (who, until) in before where !after.contains(where: { $0.who == who }) {
      let soon = LedgerTime(microseconds: max(1, until.microseconds) - 1)
      changes.append(
        found(
          who, "\(who.who) was exempt until \(oldWords.instant(until)), is no longer", .tighter,
          [soon]))
    }
    return changes
  }

  // MARK: Attributes and events

  private var attributeChanges: [Found] {
    var changes: [Found] = []
    for attribute in new.attributes {
      guard let before = old.attributes.first(where: { $0.name == attribute.name }),
        before != attribute
      else { continue }
      let concerned = contrasts { rule, set in
        rule.caps.all.contains { $0.attributes.contains(attribute.name) }
          || set.measures[rule.measure].filter.asks(attribute.name)
      }
      let uses = concerned.flatMap { [$0.old, $0.new] }.compactMap(\.self)
        .filter { $0.caps.all.contains { $0.attributes.contains(attribute.name) } }
      let (text, order) = Self.compare(
        before, attribute, comparisons: uses.map(\.comparison), newWords)
      changes.append(
        Found(
          kind: .attribute, subject: "attribute \(attribute.name)", text: text,
          order: order.besideWaterfalls(uses), contrasts: concerned,
          alone: alone(attribute: attribute)))
    }
    return changes
  }

  /// Tells what differs in an attribute, and orders it for rules that compare in some ways.
  ///
  /// A larger value is the looser one for a maximum, and the tighter one for a minimum.
  static func compare(
    _ before: Attribute, _ after: Attribute, comparisons: [Rule.Comparison], _ words: MeasureWords
  ) -> (text: String, order: RuleOrder) {
    guard case .amount(let one) = before.kind, case .amount(let two) = after.kind,
      before.holder == after.holder
    else { return ("its holder or its words are others", .unordered("it can be set otherwise")) }
    func text(_ value: UInt64?, _ none: String) -> String {
      value.map { words.value(Int128($0), .amount) } ?? none
    }
    let why = "part of it lets more pass, and part of it less"
    func ordered(isLarger: Bool) -> RuleOrder {
      let larger = isLarger ? RuleOrder.looser : .tighter
      guard comparisons.contains(.atLeast) else { return larger }
      return comparisons.allSatisfy { $0 == .atLeast }
        ? larger.reversed
        : .unordered("it stands in a minimum and in a maximum")
    }
    var parts: [String] = []
    var order = RuleOrder.same
    if one.initial != two.initial {
      parts.append(
        "initial value changed from \(text(one.initial, "none")) to \(text(two.initial, "none"))")
      if let one = one.initial, let two = two.initial {
        order = order.and(ordered(isLarger: one < two), why)
      } else {
        // Without a value its rules deny.
        order = order.and(one.initial == nil ? .looser : .tighter, why)
      }
    }
    if one.ceiling != two.ceiling {
      parts.append(
        "ceiling changed from \(text(one.ceiling, "none")) to \(text(two.ceiling, "none"))")
      order = order.and(ordered(isLarger: one.ceiling ?? .max < two.ceiling ?? .max), why)
    }
    if one.raiseAfterMicroseconds != two.raiseAfterMicroseconds {
      parts.append(
        "a raise takes \(PolicyWords.duration(two.raiseAfterMicroseconds)), no longer "
          + PolicyWords.duration(one.raiseAfterMicroseconds))
      order = order.and(
        ordered(isLarger: one.raiseAfterMicroseconds > two.raiseAfterMicroseconds), why)
    }
    return (PolicyWords.list(parts, "and"), order)
  }

  private var eventChanges: [Found] {
    new.events.compactMap { event in
      guard let before = old.events.first(where: { $0.name == event.name }), before != event else {
        return nil
      }
      return Found(
        kind: .event, subject: "event \(event.name)", text: "is another event",
        order: .unordered("windows begin at other times"),
        contrasts: contrasts({ rule, set in
          set.measures[rule.measure].window.event == event.name
        }), alone: alone(event: event))
    }
  }

  // MARK: Calendars, zones and groups

  private var calendarChanges: [Found] {
    new.calendars.compactMap { calendar in
      guard let before = old.calendars.first(where: { $0.name == calendar.name }),
        before.weekend != calendar.weekend || before.holidays != calendar.holidays
          || before.cutOffSeconds != calendar.cutOffSeconds
          || before.zone.name != calendar.zone.name
      else { return nil }
      let came = calendar.holidays.filter { !before.holidays.contains($0) }
      let gone = before.holidays.filter { !calendar.holidays.contains($0) }
      var parts: [String] = []
      if !came.isEmpty { parts.append("new holidays \(Self.dates(came))") }
      if !gone.isEmpty { parts.append("no longer holidays \(Self.dates(gone))") }
      if before.weekend != calendar.weekend { parts.append("another weekend") }
      if before.cutOffSeconds != calendar.cutOffSeconds {
        parts.append(
          "cut-off moved from \(PolicyWords.timeOfDay(before.cutOffSeconds)) to "
            + PolicyWords.timeOfDay(calendar.cutOffSeconds))
      }
      if before.zone.name != calendar.zone.name { parts.append("in \(calendar.zone.name)") }
      let noon = (came + gone).prefix(8).compactMap { date in
        UInt64(exactly: date).map { LedgerTime(microseconds: ($0 * 86_400 + 43_200) * 1_000_000) }
      }
      return Found(
        kind: .calendar, subject: "calendar \(calendar.name)",
        text: PolicyWords.list(parts, "and"),
        order: .unordered("what was apart in two business days is together in one, or the reverse"),
        contrasts: contrasts(
          { rule, set in set.measures[rule.measure].window.calendar?.name == calendar.name },
          times: noon), alone: alone(calendar: calendar))
    }
  }

  private static func dates(_ days: [Int]) -> String {
    PolicyWords.list(
      days.map { day in
        let seconds = UInt64(max(0, day)) * 86_400
        return String(CivilDate.rfc3339(microseconds: seconds * 1_000_000).prefix(10))
      }, "and")
  }

  private var zoneChanges: [Found] {
    new.zones.compactMap { zone in
      guard let before = old.zones.first(where: { $0.name == zone.name }), before != zone else {
        return nil
      }
      return Found(
        kind: .zone, subject: "zone \(zone.name)", text: "its clocks change at other times",
        order: .unordered("windows begin and end at other times"),
        contrasts: contrasts { rule, set in
          set.measures[rule.measure].window.zone?.name == zone.name
        })
    }
  }

  private var groupChanges: [Found] {
    new.groups.compactMap { group in
      guard let before = old.groups.first(where: { $0.name == group.name }),
        before.keys != group.keys
      else { return nil }
      let came = group.keys.filter { !before.keys.contains($0) }
      let gone = before.keys.filter { !group.keys.contains($0) }
      let order: RuleOrder =
        gone.isEmpty
        ? .looser : came.isEmpty ? .tighter : .unordered("some keys come, and others go")
      var parts: [String] = []
      if !came.isEmpty { parts.append("new keys \(came.map { "\($0)" }.joined(separator: ", "))") }
      if !gone.isEmpty { parts.append("without \(gone.map { "\($0)" }.joined(separator: ", "))") }
      return Found(
        kind: .group, subject: "group \(group.name)", text: PolicyWords.list(parts, "and"),
        order: order,
        contrasts: contrasts({ rule, set in
          guard case .require(let approval) = rule.action else { return false }
          return set.groups[approval.group].name == group.name
        }), alone: alone(group: group))
    }
  }
}

extension PaymentFilter {
  fileprivate func asks(_ name: AttributeName) -> Bool {
    (payer.attributes + payee.attributes).contains { $0.attribute == name }
  }
}
