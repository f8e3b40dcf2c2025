import LedgerModel

/// The old rules with one change of the new ones, so that an example shows that change alone.
struct LoneChange {
  let set: RuleSet
}

extension PolicyComparison {
  /// Returns the old set where one rule takes one thing from the new one.
  ///
  /// - Returns: `nil` where that is no rule by itself.
  func alone(
    _ one: Rule, _ two: Rule, _ kind: PolicyDiff.Kind, tier: Tier?
  ) -> LoneChange? {
    let (before, after) = (old.measures[one.measure], new.measures[two.measure])
    guard let caps = kind == .cap ? caps(one, two, tier) : one.caps else { return nil }
    let measure = Measure(
      quantity: before.quantity, scope: kind == .scope ? after.scope : before.scope,
      window: kind == .window ? after.window : before.window,
      direction: kind == .direction ? after.direction : before.direction,
      operations: kind == .operations ? after.operations : before.operations,
      filter: kind == .filter ? after.filter : before.filter)
    var groups = old.groups
    var action = one.action
    if kind == .action {
      action = two.action
      if case .require(let approval) = two.action {
        // The old group of that name: its keys are a change of their own.
        let group = new.groups[approval.group]
        let place = groups.firstIndex { $0.name == group.name } ?? groups.count
        if place == groups.count { groups.append(group) }
        action = .require(Approval(count: approval.count, group: place))
      }
    }
    var measures = old.measures
    let place = measures.firstIndex(of: measure) ?? measures.count
    if place == measures.count { measures.append(measure) }
    let isValidity = kind == .validity
    let rule = Rule(
      id: one.id, measure: place, comparison: kind == .comparison ? two.comparison : one.comparison,
      countsPreviousOnly: kind == .counting ? two.countsPreviousOnly : one.countsPreviousOnly,
      caps: caps, action: action, from: isValidity ? two.from : one.from,
      until: isValidity ? two.until : one.until, line: one.line)
    let attributes = new.attributes.filter { attribute in
      !old.attributes.contains { $0.name == attribute.name }
    }
    let events = new.events.filter { event in !old.events.contains { $0.name == event.name } }
    return LoneChange(
      set: old.with(
        attributes: old.attributes + attributes, events: old.events + events, groups: groups,
        measures: measures, rules: old.rules.map { $0.id == one.id ? rule : $0 }))
  }

  /// The old caps, with the new one of one tier.
  private func caps(_ one: Rule, _ two: Rule, _ tier: Tier?) -> Rule.Caps? {
    switch (one.caps, two.caps, tier) {
    case (.every, .every, nil): two.caps
    case (_, _, nil): nil
    case (_, _, let tier?):
      .byTier(
        old.tiers.map { $0 == tier ? two.cap(of: $0, new.tiers) : one.cap(of: $0, old.tiers) })
    }
  }

  /// Returns the old set with one of the new set's definitions.
  func alone(attribute: Attribute) -> LoneChange {
    LoneChange(
      set: old.with(attributes: old.attributes.map { $0.name == attribute.name ? attribute : $0 }))
  }

  func alone(event: EventDefinition) -> LoneChange {
    LoneChange(set: old.with(events: old.events.map { $0.name == event.name ? event : $0 }))
  }

  func alone(group: SignerGroup) -> LoneChange {
    LoneChange(set: old.with(groups: old.groups.map { $0.name == group.name ? group : $0 }))
  }

  func alone(calendar: BusinessCalendar) -> LoneChange {
    let measures = old.measures.map { measure in
      Measure(
        quantity: measure.quantity, scope: measure.scope,
        window: measure.window.with(calendar), direction: measure.direction,
        operations: measure.operations, filter: measure.filter)
    }
    return LoneChange(set: old.with(measures: measures))
  }
}

extension Window {
  /// The same window by another calendar of that name.
  fileprivate func with(_ calendar: BusinessCalendar) -> Window {
    guard self.calendar?.name == calendar.name else { return self }
    switch self {
    case .businessDay: return .businessDay(calendar)
    case .span(let span):
      let days: TimeSpan.Days =
        if case .otherDays = span.days { .otherDays(calendar) } else { .businessDays(calendar) }
      return .span(TimeSpan(zone: span.zone, from: span.from, to: span.to, days: days))
    case .payment, .lifetime, .day, .week, .month, .year, .rolling, .since, .after: return self
    }
  }
}

extension RuleSet {
  fileprivate func with(
    attributes: [Attribute]? = nil, events: [EventDefinition]? = nil,
    groups: [SignerGroup]? = nil, measures: [Measure]? = nil, rules: [Rule]? = nil
  ) -> RuleSet {
    let measures = measures ?? self.measures
    var calendars: [BusinessCalendar] = []
    for calendar in measures.compactMap(\.window.calendar) where !calendars.contains(calendar) {
      calendars.append(calendar)
    }
    var zones: [TimeZoneTable] = []
    for zone in measures.compactMap(\.window.zone) + calendars.map(\.zone)
    where !zones.contains(zone) {
      zones.append(zone)
    }
    return RuleSet(
      format: format, pack: pack, version: version, currency: currency,
      sourceDigest: sourceDigest, tiers: tiers, zones: zones, calendars: calendars,
      attributes: attributes ?? self.attributes, events: events ?? self.events,
      groups: groups ?? self.groups, measures: measures, rules: rules ?? self.rules,
      exemptions: exemptions, supersedes: supersedes)
  }
}
