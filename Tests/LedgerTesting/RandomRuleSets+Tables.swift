package import LedgerModel

extension RandomRuleSets {
  package static let channels = ["app", "card", "web"].map { Channel(unchecked: $0) }
  package static let purposes = ["FOOD", "RENT"].map { Purpose(unchecked: $0) }
  package static let kind = AttributeName(unchecked: "kind")
  package static let kinds = ["plain", "shop", "vip"].map { AttributeWord(unchecked: $0) }
  package static let classes = ["bank", "fintech"].map { AttributeWord(unchecked: $0) }
  package static let ownCap = AttributeName(unchecked: "own-cap")
  package static let netCap = AttributeName(unchecked: "net-cap")
  package static let recorded = EventName(unchecked: "checked")
  package static let opened = EventName(unchecked: "opened")
  package static let met = EventName(unchecked: "met")
  package static let toppedUp = EventName(unchecked: "topped-up")
  package static let cashedOut = EventName(unchecked: "cashed-out")

  private static let events = [
    EventDefinition(name: recorded, trigger: .recorded),
    EventDefinition(name: opened, trigger: .opened),
    EventDefinition(name: met, trigger: .firstPayment),
    EventDefinition(
      name: toppedUp,
      trigger: .payment([.pay], PaymentFilter(channel: WordTest([Channel(unchecked: "card")])))),
    EventDefinition(name: cashedOut, trigger: .payment([.cashOut], .everything)),
  ]

  /// Draws what measures and rules may name: at least what the set before had.
  mutating func draw(_ draft: inout Draft, after previous: RuleSet?, at now: LedgerTime) {
    let known = previous?.tiers ?? []
    let chance = Int.random(in: 0..<100, using: &random)
    draft.tiers =
      if previous != nil { chance < 70 ? tiers : known } else if chance < 85 {
        tiers
      } else if chance < 93 { [] } else { Array(tiers.dropLast()) }
    if previous != nil, known.isEmpty { draft.tiers = [] }
    draft.tiers.shuffle(using: &random)
    draft.zones = zones.map { random.happens(percent: 70) ? $0 : variant(of: $0) }
    // In one order always, which is that of the tests of a filter.
    let attributes = [
      Attribute(name: Self.kind, holder: .wallet, kind: .words(Self.kinds)),
      Attribute(
        name: Attribute.participantClass, holder: .participant, kind: .words(Self.classes)),
      Attribute(name: Self.ownCap, holder: .wallet, kind: .amount(amount(upTo: 300))),
      Attribute(name: Self.netCap, holder: .participant, kind: .amount(amount(upTo: 900))),
    ]
    draft.attributes = attributes.filter { attribute in
      previous?.attributes.contains { $0.name == attribute.name } ?? false
        || random.happens(percent: 75)
    }
    draft.events = Self.events.filter { event in
      previous?.events.contains { $0.name == event.name } ?? false || random.happens(percent: 75)
    }
    if random.happens(percent: 10) {
      // Another thing by the same name.
      draft.events = draft.events.map { event in
        event.name == Self.cashedOut
          ? EventDefinition(name: event.name, trigger: .payment([.pay, .cashOut], .everything))
          : event
      }
    }
    draft.events.shuffle(using: &random)
    for index in 0..<Int.random(in: 1...2, using: &random) {
      let keys = signers.filter { _ in random.happens(percent: 60) }
      draft.groups.append(
        SignerGroup(
          name: GroupName(unchecked: "group-\(index)"),
          keys: keys.isEmpty ? Array(signers.prefix(1)) : keys))
    }
    let today = Int(now.seconds / 86_400)
    for name in ["first", "second"] {
      // The zone is one of the calendar's own, so that it stays the same from set to set.
      let zone = name == "first" ? draft.zones[0] : draft.zones[draft.zones.count - 1]
      let holidays = (-3...8).filter { _ in random.happens(percent: 20) }
      draft.calendars.append(
        BusinessCalendar(
          name: CalendarName(unchecked: name), zone: zone,
          weekend: random.one(of: [[], [.saturday, .sunday], [.friday]]),
          holidays: holidays.map { today + $0 },
          cutOffSeconds: random.one(of: [1, 7_200, 61_200, 86_400])))
    }
  }

  private mutating func amount(upTo most: UInt64) -> AttributeAmount {
    let ceiling = random.happens(percent: 50) ? most * scale : nil
    let initial =
      random.happens(percent: 60) ? UInt64.random(in: 0...most, using: &random) * scale : nil
    return AttributeAmount(
      initial: initial, ceiling: ceiling,
      raiseAfterMicroseconds: random.one(of: [0, 1_000_000, 3_600_000_000, 86_400_000_000]))
  }

  /// The same zone as another version of the database has it: all of it a while off.
  mutating func variant(of zone: TimeZoneTable) -> TimeZoneTable {
    let shift = random.one(of: [-43_200, -3_600, 5_400])
    return TimeZoneTable(
      name: zone.name, firstOffset: zone.firstOffset + shift,
      transitions: zone.transitions.map { .init(at: $0.at, offset: $0.offset + shift) },
      footer: .init(
        standardOffset: zone.footer.standardOffset + shift,
        daylight: zone.footer.daylight.map {
          .init(offset: $0.offset + shift, start: $0.start, end: $0.end)
        }))
  }

  /// The measure under a draft's tables of the same names.
  func rebased(_ measure: Measure, on draft: Draft) -> Measure {
    func zone(_ old: TimeZoneTable) -> TimeZoneTable {
      draft.zones.first { $0.name == old.name } ?? old
    }
    func calendar(_ old: BusinessCalendar) -> BusinessCalendar {
      draft.calendars.first { $0.name == old.name } ?? old
    }
    let window: Window =
      switch measure.window {
      case .day(let old): .day(zone(old))
      case .week(let old, let first): .week(zone(old), first: first)
      case .month(let old): .month(zone(old))
      case .year(let old): .year(zone(old))
      case .businessDay(let old): .businessDay(calendar(old))
      case .span(let span):
        .span(
          TimeSpan(
            zone: zone(span.zone), from: span.from, to: span.to,
            days: {
              switch span.days {
              case .weekdays: span.days
              case .businessDays(let old): .businessDays(calendar(old))
              case .otherDays(let old): .otherDays(calendar(old))
              }
            }()))
      case .payment, .lifetime, .rolling, .since, .after: measure.window
      }
    return Measure(
      quantity: measure.quantity, scope: measure.scope, window: window,
      direction: measure.direction, operations: measure.operations, filter: measure.filter)
  }
}
