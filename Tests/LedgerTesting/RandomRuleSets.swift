package import LedgerModel

/// Random sets of both formats, with numbers so small that every rule bites often.
///
/// A set that follows another keeps most of its measures, under other tables of the same zones and
/// calendars, so that counters live on.
package struct RandomRuleSets {
  /// What one set is made from.
  struct Draft {
    var tiers: [Tier] = []
    var zones: [TimeZoneTable] = []
    var calendars: [BusinessCalendar] = []
    var attributes: [Attribute] = []
    var events: [EventDefinition] = []
    var groups: [SignerGroup] = []
    var measures: [Measure] = []
    var rules: [Rule] = []
  }

  /// What a set is about, beside chance.
  package struct Surroundings {
    let now: LedgerTime
    let outstanding: Int128
    let accounts: [AccountID]

    package init(now: LedgerTime, outstanding: Int128, accounts: [AccountID]) {
      self.now = now
      self.outstanding = outstanding
      self.accounts = accounts
    }
  }

  let currency: CurrencyCode
  /// The zones of all sets, of distinct names.
  let zones: [TimeZoneTable]
  let tiers: [Tier]
  let participants: [ParticipantID]
  let signers: [PublicKey]
  /// What every sum of money is a multiple of.
  package let scale: UInt64
  var random: SplitMix64
  private var versions: [PackName: Int] = [:]
  private var ruleCount = 0

  package init(
    currency: CurrencyCode, zones: [TimeZoneTable], tiers: [Tier], participants: [ParticipantID],
    signers: [PublicKey], scale: UInt64, random: SplitMix64
  ) {
    self.currency = currency
    self.zones = zones
    self.tiers = tiers
    self.participants = participants
    self.signers = signers
    self.scale = scale
    self.random = random
  }

  /// Returns a set of format 2.
  ///
  /// It follows `previous`, if there is one.
  ///
  /// - Throws: What is wrong with it, which is a fault of this generator.
  package mutating func make(
    _ pack: PackName, after previous: RuleSet?, in surroundings: Surroundings
  ) throws(RuleSetError) -> RuleSet {
    var draft = Draft()
    let kept = previous?.format == 1 && random.happens(percent: 50) ? nil : previous
    draw(&draft, after: kept, at: surroundings.now)
    let isTold = kept != nil && random.happens(percent: 85)
    for measure in kept?.measures ?? [] where isTold && random.happens(percent: 80) {
      let measure = altered(rebased(measure, on: draft))
      if !draft.measures.contains(measure) { draft.measures.append(measure) }
    }
    let wanted = max(1, min(draft.measures.count, 4) + Int.random(in: -1...2, using: &random))
    while draft.measures.count < wanted {
      let measure = measure(in: draft)
      if !draft.measures.contains(measure) { draft.measures.append(measure) }
    }
    for measure in draft.measures where random.happens(percent: 20) {
      guard let twin = twin(of: measure), !draft.measures.contains(twin) else { continue }
      draft.measures.append(twin)
    }
    draft.measures.shuffle(using: &random)
    for index in draft.measures.indices {
      for _ in 0..<(random.happens(percent: 30) ? 2 : 1) {
        ruleCount += 1
        draft.rules.append(
          rule(RuleID(unchecked: "r\(ruleCount)"), of: index, in: draft, surroundings))
      }
    }
    draft.rules.shuffle(using: &random)
    var supersedes: PackVersion?
    if let previous, previous.pack != pack {
      supersedes = PackVersion(pack: previous.pack, version: previous.version)
    }
    return try close(
      draft, pack, exemptions: exemptions(of: draft, surroundings), supersedes: supersedes,
      effectiveFrom: random.happens(percent: 10) ? instant(near: surroundings.now) : nil)
  }

  /// Returns a set of format 1.
  ///
  /// - Throws: What is wrong with it, which is a fault of this generator.
  package mutating func makeOfFormat1(_ pack: PackName) throws(RuleSetError) -> RuleSet {
    var draft = Draft()
    draft.tiers = tiers.shuffled(using: &random)
    draft.zones = zones.map { random.happens(percent: 70) ? $0 : variant(of: $0) }
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let measure = measureOfFormat1(in: draft)
      if !draft.measures.contains(measure) { draft.measures.append(measure) }
    }
    for index in draft.measures.indices {
      ruleCount += 1
      let constants = draft.tiers.map { _ -> UInt64? in
        if random.happens(percent: 15) { return nil }
        return random.happens(percent: 3) ? .max : cap(of: draft.measures[index])
      }
      draft.rules.append(
        Rule(
          id: RuleID(unchecked: "r\(ruleCount)"), measure: index,
          caps: .byTier(constants: constants), action: .deny))
    }
    return try close(draft, pack, format: 1)
  }

  private mutating func close(
    _ draft: Draft, _ pack: PackName, format: Int = 2, exemptions: [Exemption] = [],
    supersedes: PackVersion? = nil, effectiveFrom: LedgerTime? = nil
  ) throws(RuleSetError) -> RuleSet {
    versions[pack, default: 0] += 1
    let windows = draft.measures.map(\.window)
    let calendars = draft.calendars.filter { windows.map(\.calendar).contains($0) }
    let used = windows.map(\.zone) + calendars.map(\.zone)
    // A first payment is asked for by those sets alone that have a window of it.
    let events = draft.events.filter { event in
      event.trigger != .firstPayment || windows.contains { $0.event == event.name }
    }
    let set = RuleSet(
      format: format, pack: pack, version: versions[pack] ?? 0, currency: currency,
      sourceDigest: Bytes32(words: (0, 0, 0, 0)), tiers: draft.tiers,
      zones: draft.zones.filter { used.contains($0) }, calendars: calendars,
      attributes: draft.attributes, events: events, groups: draft.groups,
      measures: draft.measures, rules: draft.rules, exemptions: exemptions,
      supersedes: supersedes, effectiveFrom: effectiveFrom)
    try set.validate()
    return set
  }

  private mutating func exemptions(
    of draft: Draft, _ surroundings: Surroundings
  ) -> [Exemption] {
    guard random.happens(percent: 25) else { return [] }
    let rules = draft.rules.indices.filter { _ in random.happens(percent: 60) }
    let accounts = surroundings.accounts.filter { _ in random.happens(percent: 25) }
    let exempt = participants.filter { _ in random.happens(percent: 20) }
    guard !rules.isEmpty, !accounts.isEmpty || !exempt.isEmpty else { return [] }
    return [
      Exemption(
        rules: rules, accounts: accounts.sorted(), participants: exempt.sorted(),
        until: instant(near: surroundings.now), reason: LegalReference(unchecked: "order 7"))
    ]
  }

  /// The measure, or now and then one that counts something else by a hair's breadth.
  private mutating func altered(_ measure: Measure) -> Measure {
    guard random.happens(percent: 12) else { return measure }
    var filter = measure.filter
    if let twin = twin(of: measure), random.happens(percent: 60) { return twin }
    filter = PaymentFilter(
      channel: WordTest(Self.channels, excludes: random.happens(percent: 50)),
      payer: measure.filter.payer, payee: measure.filter.payee)
    return Measure(
      quantity: measure.quantity, scope: measure.scope, window: measure.window,
      direction: measure.direction, operations: measure.operations, filter: filter)
  }

  /// One that remembers more payments, or fewer, and counts the same; `nil` of one that does not
  /// roll.
  private mutating func twin(of measure: Measure) -> Measure? {
    guard case .rolling(let length, _) = measure.window else { return nil }
    return Measure(
      quantity: measure.quantity, scope: measure.scope,
      window: .rolling(microseconds: length, eventsMax: random.one(of: [1, 2, 3, 4, 6])),
      direction: measure.direction, operations: measure.operations, filter: measure.filter)
  }

  /// An instant that a history of some days will come by.
  package mutating func instant(near now: LedgerTime) -> LedgerTime {
    let microseconds = random.one(of: [0, 1, 1_000_000, 3_600_000_000, 86_400_000_000] as [UInt64])
    return now.advanced(
      byMicroseconds: microseconds * UInt64.random(in: 1...3, using: &random))
  }
}
