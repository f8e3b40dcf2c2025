import LedgerModel
import LedgerPolicy
import LedgerTesting

/// One random history, told to the engine and to the reference alike.
struct PolicyHistory {
  /// Where the two differ first.
  struct Difference: Error, CustomStringConvertible {
    let description: String
  }

  let seed: UInt64
  var random: SplitMix64
  var engine: PolicyEngine
  var reference: ReferencePolicy
  var world: PolicyWorld
  var sets: RandomRuleSets
  var coverage = PolicyCoverage()
  /// An instant that a calendar may get wrong, not long after the beginning.
  let trap: LedgerTime
  private(set) var bounds = PolicyBounds.standard
  private var step = 0

  init(seed: UInt64) {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    let (zones, trap) = Self.setting(using: &random)
    let early = UInt64.random(
      in: 0...random.one(of: [7_200_000_000, 3 * 86_400_000_000]), using: &random)
    self.trap = trap
    // Now and then so much that sums pass 64 bits.
    let scale: Int64 = random.happens(percent: 10) ? 1_000_000_000_000_000 : 1
    bounds.sets = random.one(of: [3, 3, Limits.packsPerCurrencyMax])
    engine = PolicyEngine(currency: .cny, bounds: bounds)
    reference = ReferencePolicy(currency: .cny, setsMax: bounds.sets)
    world = PolicyWorld(scale: scale, using: &random)
    sets = RandomRuleSets(
      currency: .cny, zones: zones, tiers: PolicyWorld.tiers,
      participants: PolicyWorld.participants, signers: PolicyWorld.signers, scale: UInt64(scale),
      random: SplitMix64(seed: random.next()))
    self.random = random
    for tier in PolicyWorld.tiers + [PolicyWorld.strangeTier] {
      engine.nameTier(tier)
      reference.nameTier(tier)
    }
    for participant in PolicyWorld.participants {
      engine.admit(participant)
      reference.admit(participant)
    }
    for slot in world.accounts.indices {
      engine.open(slot: slot, world.policyAccount(slot))
      reference.open(slot: slot, world.policyAccount(slot))
    }
    let start = LedgerTime(microseconds: trap.microseconds - min(early, trap.microseconds))
    engine.advance(to: start, over: world.policyAccounts)
    reference.advance(to: start)
  }

  /// Makes so many decisions.
  ///
  /// - Throws: The first ``Difference``.
  mutating func run(decisions: Int) throws(Difference) {
    for _ in 0..<2 { try activate() }
    for step in 0..<decisions {
      self.step = step
      try passTime()
      try order()
      try pay()
    }
  }

  private mutating func pay() throws(Difference) {
    let request = world.request(using: &random)
    let expected = reference.decide(request)
    coverage.note(
      expected, of: reference.standing.map(\.set) + reference.shadows.map(\.set))
    let isRefused = random.happens(percent: 8)
    let decidesAtOnce = !isRefused && random.happens(percent: 50)
    let found =
      decidesAtOnce ? engine.decideAndCommit(request) : engine.decide(request)
    guard found == expected else {
      throw difference("of a payment", engine: found, reference: expected, "\(request)")
    }
    guard expected.isPermit else { return }
    guard !isRefused else {
      coverage.note("refused by the ledger")
      return
    }
    if request.draw > 0 { coverage.note("drawn") }
    if !decidesAtOnce { engine.commit(request) }
    reference.commit(request)
    var sweep: UInt64 = 0
    if case .permitWith(let conditions) = expected { sweep = conditions.sweep }
    world.apply(request, sweep: sweep)
  }

  private mutating func passTime() throws(Difference) {
    let time = nextTime()
    if time == reference.now { coverage.note("same instant") }
    let waiting = reference.scheduled.count
    engine.advance(to: time, over: world.policyAccounts)
    reference.advance(to: time)
    guard reference.scheduled.count < waiting else { return }
    coverage.note("scheduled")
    try compareSets()
  }

  /// Compares which sets are in force, in shadow and to come.
  func compareSets() throws(Difference) {
    func names(_ sets: [RuleSet]) -> [String] { sets.map { "\($0.pack) \($0.version)" } }
    func names(_ sets: [(set: RuleSet, from: LedgerTime, isShadow: Bool)]) -> [String] {
      sets.sorted {
        ($0.from, $0.set.pack, $0.set.version) < ($1.from, $1.set.pack, $1.set.version)
      }
      .map { "\($0.set.pack) \($0.set.version) from \($0.from), shadow \($0.isShadow)" }
    }
    let found = [
      names(engine.inForce), names(engine.inShadow),
      names(engine.toCome.map { (set: $0.ruleSet, from: $0.from, isShadow: $0.isShadow) }),
    ]
    let expected = [
      names(reference.standing.map(\.set)), names(reference.shadows.map(\.set)),
      names(reference.scheduled.map { (set: $0.set, from: $0.from, isShadow: $0.isShadow) }),
    ]
    guard found == expected, engine.now == reference.now else {
      throw difference("of the sets", engine: found, reference: expected, "at \(engine.now)")
    }
  }

  func difference(
    _ what: String, engine found: some Any, reference expected: some Any, _ about: String
  ) -> Difference {
    var lines = [
      "seed \(seed), step \(step), at \(reference.now): the decision \(what) differs", about,
      "engine:    \(found)", "reference: \(expected)",
    ]
    for (noun, standings) in [("in force", reference.standing), ("in shadow", reference.shadows)] {
      for standing in standings {
        let set = standing.set
        lines.append("\(noun): \(set.pack) \(set.version), format \(set.format), \(set.tiers)")
        for (measure, counting) in zip(set.measures, standing.countings) {
          let since = counting.epochs.map { "\($0.since.time) #\($0.since.index)" }
          lines.append("  measure \(measure), since \(since)")
        }
        for rule in set.rules { lines.append("  \(rule)") }
        lines.append("  events \(set.events)")
        lines.append("  attributes \(set.attributes)")
        if !set.exemptions.isEmpty { lines.append("  exemptions \(set.exemptions)") }
      }
    }
    return Difference(description: lines.joined(separator: "\n"))
  }
}
