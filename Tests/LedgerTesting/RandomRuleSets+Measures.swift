import LedgerModel

extension RandomRuleSets {
  mutating func measure(in draft: Draft) -> Measure {
    let quantities = Measure.Quantity.allCases
    switch quantities[random.offset(weighted: [34, 18, 14, 8, 13, 13])] {
    case .balance: return balance(in: draft)
    case .supply:
      return Measure(
        quantity: .supply, scope: .system, window: .payment, direction: .into,
        operations: [.issue], filter: random.happens(percent: 70) ? .everything : filter(in: draft))
    case .counterparties:
      return Measure(
        quantity: .counterparties, scope: .wallet, window: plainWindow(in: draft),
        direction: random.one(of: [.out, .into]), operations: operations(),
        filter: filter(in: draft))
    case .sinceLast:
      let scope = scope(in: draft)
      return Measure(
        quantity: .sinceLast, scope: scope, window: .lifetime,
        direction: scope == .pair ? .out : random.one(of: [.out, .into]),
        operations: operations(), filter: filter(in: draft))
    case .amount: return sum(.amount, in: draft)
    case .count: return sum(.count, in: draft)
    }
  }

  mutating func measureOfFormat1(in draft: Draft) -> Measure {
    let quantity = random.one(of: [.amount, .amount, .count, .balance] as [Measure.Quantity])
    let zone = random.one(of: draft.zones)
    let windows: [Window] = [.payment, .lifetime, .day(zone), .month(zone), .year(zone)]
    var operations = [Measure.Operation.fund, .pay, .cashOut].filter { _ in
      random.happens(percent: 50)
    }
    if !operations.contains(.pay) { operations = [.pay] }
    return Measure(
      quantity: quantity, scope: .wallet,
      window: quantity == .balance ? .payment : random.one(of: windows),
      direction: quantity == .balance ? .into : random.one(of: [.out, .into]),
      operations: operations)
  }

  private mutating func balance(in draft: Draft) -> Measure {
    Measure(
      quantity: .balance, scope: random.one(of: [.wallet, .owner, .participant, .tier]),
      window: .payment, direction: .into, operations: operations(),
      filter: random.happens(percent: 70) ? .everything : filter(in: draft))
  }

  private mutating func sum(_ quantity: Measure.Quantity, in draft: Draft) -> Measure {
    var scope = scope(in: draft)
    let (isOfEvent, event) = (
      random.happens(percent: 35), draft.events.randomElement(using: &random)
    )
    var window = random.happens(percent: 12) ? Window.payment : plainWindow(in: draft)
    if isOfEvent, let event {
      scope = event.trigger == .firstPayment ? .pair : .wallet
      let microseconds = random.one(
        of: [1, 3_600_000_000, 86_400_000_000, 4 * 86_400_000_000, 30 * 86_400_000_000] as [UInt64])
      window =
        random.happens(percent: 30)
        ? .since(event.name) : .after(event.name, microseconds: microseconds)
    }
    return Measure(
      quantity: quantity, scope: scope, window: window,
      direction: scope == .pair ? .out : direction(),
      operations: operations(), filter: filter(in: draft))
  }

  private mutating func scope(in draft: Draft) -> Measure.Scope {
    let scopes = Measure.Scope.allCases
    let scope = scopes[random.offset(weighted: [30, 14, 12, 14, 12, 10, 8])]
    guard scope == .participantClass else { return scope }
    return draft.attributes.contains { $0.name == Attribute.participantClass } ? scope : .wallet
  }

  private mutating func direction() -> Measure.Direction {
    Measure.Direction.allCases[random.offset(weighted: [28, 26, 20, 26])]
  }

  /// Some operations, one at least of which touches every scope and direction.
  private mutating func operations() -> [Measure.Operation] {
    Measure.Operation.allCases.filter { $0 == .pay || random.happens(percent: 60) }
  }

  /// A window that counts, of no event.
  private mutating func plainWindow(in draft: Draft) -> Window {
    let zone = random.one(of: draft.zones)
    switch random.offset(weighted: [6, 11, 10, 9, 9, 15, 20, 20]) {
    case 0: return .lifetime
    case 1: return .day(zone)
    case 2: return .week(zone, first: random.one(of: Weekday.allCases))
    case 3: return .month(zone)
    case 4: return .year(zone)
    case 5: return .businessDay(random.one(of: draft.calendars))
    case 6: return .span(span(in: draft))
    default:
      // Hours: what leaves at once is seldom met.
      let hours = random.one(of: [0, 1, 24, 24, 72, 240] as [UInt64])
      return .rolling(
        microseconds: hours == 0 ? random.one(of: [1, 1_000_000]) : hours * 3_600_000_000,
        eventsMax: random.one(of: [1, 2, 3, 4, 6, 20]))
    }
  }

  private mutating func span(in draft: Draft) -> TimeSpan {
    let zone = random.one(of: draft.zones)
    // Near midnight and near the hours at which clocks change.
    let (from, to) = random.one(of: [
      (72_000, 21_600), (0, 3_600), (82_800, 3_600), (7_200, 10_800), (5_400, 9_000),
      (28_800, 61_200), (0, 86_400), (43_200, 43_199), (61_200, 86_400),
    ])
    let days: TimeSpan.Days
    switch random.offset(weighted: [50, 25, 25]) {
    case 0:
      let weekdays = Weekday.allCases.filter { _ in random.happens(percent: 80) }
      days = .weekdays(weekdays.isEmpty ? [.sunday] : weekdays)
    case 1: days = .businessDays(random.one(of: draft.calendars))
    default: days = .otherDays(random.one(of: draft.calendars))
    }
    return TimeSpan(zone: zone, from: from, to: to, days: days)
  }

  private mutating func filter(in draft: Draft) -> PaymentFilter {
    guard random.happens(percent: 45) else { return .everything }
    var acquaintance: Acquaintance?
    if random.happens(percent: 30) {
      acquaintance = Acquaintance(
        kind: random.one(of: Acquaintance.Kind.allCases),
        microseconds: random.one(of: [0, 1, 3_600_000_000, 86_400_000_000]),
        excludes: random.happens(percent: 60))
    }
    let channel = random.happens(percent: 25) ? words(Self.channels) : nil
    let purpose = random.happens(percent: 20) ? words(Self.purposes) : nil
    let (payer, payee) = (leg(in: draft), leg(in: draft))
    return PaymentFilter(
      channel: channel, purpose: purpose, payer: payer, payee: payee, acquaintance: acquaintance)
  }

  private mutating func leg(in draft: Draft) -> LegFilter {
    guard random.happens(percent: 30) else { return .everything }
    let tiers = draft.tiers.sorted()
    var tests: [AttributeTest] = []
    for attribute in draft.attributes {
      guard case .words(let all) = attribute.kind, random.happens(percent: 40) else { continue }
      tests.append(AttributeTest(attribute: attribute.name, test: words(all)))
    }
    return LegFilter(
      tier: !tiers.isEmpty && random.happens(percent: 30) ? words(tiers) : nil,
      participant: random.happens(percent: 25) ? words(participants) : nil, attributes: tests)
  }

  private mutating func words<Word>(_ all: [Word]) -> WordTest<Word> {
    let chosen = all.filter { _ in random.happens(percent: 50) }
    return WordTest(
      chosen.isEmpty ? Array(all.prefix(1)) : chosen, excludes: random.happens(percent: 50))
  }
}
