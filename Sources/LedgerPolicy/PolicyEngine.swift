public import LedgerModel

/// The rule sets of one currency, and what has been used of them.
///
/// Pure: a decision depends on what the engine was told, in its order, and on nothing else.
/// ``decide(_:)`` looks, ``commit(_:)`` counts. Only what was committed counts, so that a refused
/// attempt consumes nothing, and payments of one batch share one headroom.
///
/// - Source: docs/formats/rule-set.md.
public struct PolicyEngine: Sendable, Equatable {
  public let currency: CurrencyCode
  /// The newest time advanced to.
  public internal(set) var now = LedgerTime(microseconds: 0)
  var facts: PolicyFacts
  /// In order of coming into force; those in shadow among them.
  var packs: [PackInForce] = []
  /// In order of coming into force.
  public internal(set) var toCome: [ScheduledRuleSet] = []
  /// The highest version of each pack that there has been.
  var newestByPack: [PackName: SignedVersion] = [:]
  /// A set that is in force for a trial; `nil` in a ledger.
  var trial: RuleSet?

  public init(currency: CurrencyCode) { self.init(currency: currency, bounds: .standard) }

  package init(currency: CurrencyCode, bounds: PolicyBounds) {
    self.currency = currency
    facts = PolicyFacts(bounds: bounds)
  }

  /// The sets in force, in order of coming into force.
  public var inForce: [RuleSet] { packs.filter { !$0.isShadow }.map(\.ruleSet) }

  /// The sets in shadow, in order of coming there.
  public var inShadow: [RuleSet] { packs.filter(\.isShadow).map(\.ruleSet) }

  /// Those of ``toCome`` that will come, unless others are taken back: not what a higher version of
  /// its pack comes before.
  public var willCome: [ScheduledRuleSet] {
    toCome.enumerated().filter { place, scheduled in
      !toCome[..<place].contains {
        scheduled.isOlder(than: $0.ruleSet, inShadow: $0.isShadow)
      }
    }.map(\.element)
  }

  /// Checks that a set may come.
  ///
  /// - Parameters:
  ///   - set: Valid.
  ///   - from: As of ``activate(_:from:inShadow:over:)``.
  ///   - isShadow: Whether it is to come into shadow.
  /// - Throws: ``ActivationError``.
  public func checkActivation(
    of set: RuleSet, from: LedgerTime?, inShadow isShadow: Bool
  ) throws(ActivationError) {
    let present = packs.filter { $0.isShadow == isShadow }.map(\.ruleSet)
    let coming = toCome.filter { $0.isShadow == isShadow }.map(\.ruleSet)
    let newest = (present + coming).filter { $0.pack == set.pack }.map(\.version).max()
    if let newest, set.version <= newest { throw .notNewer(newest: newest) }
    try checkVersion(of: set)
    let isAtOnce = start(of: set, from: from) <= now
    let staying = packs.filter { !isAtOnce || !$0.leaves(for: set, inShadow: isShadow) }
    let stillComing = toCome.filter { !isAtOnce || !$0.isOlder(than: set, inShadow: isShadow) }
    guard
      hasRoom(
        for: staying.map { ($0.ruleSet, $0.isShadow) }
          + stillComing.map { ($0.ruleSet, $0.isShadow) } + [(set, isShadow)])
    else { throw .full }
  }

  /// A version is one file for ever, whether it is in force or not, but for sets of format 1: what
  /// bears its number in a remark or a refusal can be looked up.
  private func checkVersion(of set: RuleSet) throws(ActivationError) {
    guard let newest = newestByPack[set.pack] else {
      guard newestByPack.count < Limits.packsEverPerCurrencyMax else { throw .full }
      return
    }
    guard set.format > 1 else { return }
    let isSame = set.version == newest.version && set.sourceDigest == newest.sourceDigest
    guard set.version > newest.version || isSame else {
      throw .notNewer(newest: newest.version)
    }
  }

  /// Whether there is room for sets that are all there will be, to come included; a trial's takes
  /// none.
  private func hasRoom(for all: [(set: RuleSet, isShadow: Bool)]) -> Bool {
    let sets = all.filter { $0.isShadow || $0.set.pack != trial?.pack }
    let remarks = sets.reduce(0) { $0 + ($1.isShadow ? 1 : $1.set.flagCount) }
    return sets.count <= facts.bounds.sets && remarks <= Limits.remarksPerPaymentMax
      && facts.hasRoom(for: sets.map(\.set))
  }

  /// Whether a set in force names tiers, and so refuses others.
  public var namesTiers: Bool {
    packs.contains { !$0.isShadow && !$0.ruleSet.tiers.isEmpty }
  }

  /// Whether every set in force that names tiers names this one.
  public func takes(_ tier: Tier) -> Bool {
    packs.allSatisfy {
      $0.isShadow || $0.ruleSet.tiers.isEmpty || $0.ruleSet.tiers.contains(tier)
    }
  }

  /// The same for a tier by its place in the ledger.
  public mutating func takesTier(at place: Int) -> Bool {
    for index in packs.indices where !packs[index].isShadow && packs[index].places[place] == nil {
      return false
    }
    return true
  }

  /// Whether a set in force has a waterfall.
  public mutating func hasWaterfall() -> Bool {
    for index in packs.indices where !packs[index].isShadow && packs[index].layout.hasWaterfall {
      return true
    }
    return false
  }
}

/// Why a set cannot come.
public enum ActivationError: Error, Hashable, Sendable {
  /// It is not above a version of its pack that there is, or has been.
  case notNewer(newest: Int)
  /// There are as many sets, packs, attributes, events or rules that flag as there may be.
  case full
}

/// Why a version cannot be taken back.
public enum WithdrawalError: Error, Hashable, Sendable {
  /// It is not in force, in shadow or to come.
  case unknown
  /// What would come back does not fit beside what has come meanwhile.
  case full
}

/// The highest version of a pack, and the file that it is.
struct SignedVersion: Hashable, Sendable {
  let version: Int
  let sourceDigest: Bytes32
}

/// A set that comes into force later.
public struct ScheduledRuleSet: Hashable, Sendable {
  public let ruleSet: RuleSet
  public let from: LedgerTime
  public let isShadow: Bool

  public init(ruleSet: RuleSet, from: LedgerTime, isShadow: Bool) {
    self.ruleSet = ruleSet
    self.from = from
    self.isShadow = isShadow
  }
}

// MARK: What the ledger tells

extension PolicyEngine {
  /// Takes on a tier's name; tiers are told in order of first use.
  public mutating func nameTier(_ tier: Tier) {
    facts.nameTier(tier)
    for index in packs.indices { packs[index].nameTier(tier) }
  }

  /// Takes on a participant; they are told in order of admission.
  public mutating func admit(_ participant: ParticipantID) { facts.admit(participant) }

  /// Takes on an account that is opened now.
  public mutating func open(slot: Int, _ account: PolicyAccount) {
    facts.open(slot: slot, account, at: now)
  }

  /// Takes on that a wallet is of another tier.
  public mutating func setTier(from old: Int, to new: Int, balance: Balance) {
    for index in packs.indices { packs[index].setTier(from: old, to: new, balance: balance) }
  }

  /// Sets an attribute of a wallet.
  ///
  /// - Throws: ``AttributeError``; nothing is changed then.
  public mutating func set(
    _ name: AttributeName, ofWallet slot: Int, to value: AttributeValue
  ) throws(AttributeError) {
    try facts.set(definition(of: name, .wallet, for: value), of: slot, to: value, at: now)
  }

  /// Sets an attribute of a participant, by its place in order of admission.
  ///
  /// - Throws: ``AttributeError``; nothing is changed then.
  public mutating func set(
    _ name: AttributeName, ofParticipant index: Int, to value: AttributeValue
  ) throws(AttributeError) {
    try facts.set(definition(of: name, .participant, for: value), of: index, to: value, at: now)
  }

  /// The sets, whose definitions count in this order: those in shadow can be rehearsed.
  private var inForceFirst: [PackInForce] {
    packs.filter { !$0.isShadow } + packs.filter(\.isShadow)
  }

  /// The first definition of an attribute that has a word, or else the first of all.
  private func definition(
    of name: AttributeName, _ holder: Attribute.Holder, for value: AttributeValue
  ) throws(AttributeError) -> Attribute {
    let known = inForceFirst.flatMap(\.ruleSet.attributes).filter {
      $0.name == name && $0.holder == holder
    }
    let naming = known.first { attribute in
      guard case .words(let words) = attribute.kind, case .word(let word) = value else {
        return false
      }
      return words.contains(word)
    }
    guard let found = naming ?? known.first else { throw .unknown }
    return found
  }

  /// Lists a payee for a payer, by their slots.
  ///
  /// - Throws: ``PayeeError/alreadyListed`` or ``PayeeError/full(max:)``.
  public mutating func list(payee: Int, by payer: Int) throws(PayeeError) {
    try facts.list(payee: payee, by: payer, at: now)
  }

  /// Strikes a payee off a payer's list.
  ///
  /// - Throws: ``PayeeError/notListed``.
  public mutating func unlist(payee: Int, by payer: Int) throws(PayeeError) {
    try facts.unlist(payee: payee, by: payer)
  }

  /// Records an event of a wallet.
  ///
  /// - Throws: ``EventError/unknown``.
  public mutating func record(_ name: EventName, of slot: Int) throws(EventError) {
    for pack in inForceFirst {
      guard let event = pack.ruleSet.definition(of: name), event.trigger == .recorded,
        let column = facts.column(of: event)
      else { continue }
      facts.record(event: column, of: slot, at: now)
      return
    }
    throw .unknown
  }
}

// MARK: Sets that come and go

extension PolicyEngine {
  /// Moves to the time of the next batch, before its decisions.
  ///
  /// - Parameters:
  ///   - time: Not before ``now``.
  ///   - accounts: Asked where a set comes into force.
  /// - Returns: The sets that came into force.
  /// - Complexity: O(sets), and what their windows need.
  @discardableResult
  public mutating func advance(
    to time: LedgerTime, over accounts: @autoclosure () -> PolicyAccounts
  ) -> [ScheduledRuleSet] {
    precondition(time >= now, "time goes back from \(now) to \(time)")
    var begun: [ScheduledRuleSet] = []
    // Each comes at its own instant, though no payment may have come since.
    while let due = toCome.first, due.from <= time {
      toCome.removeFirst()
      move(to: due.from)
      install(due.ruleSet, inShadow: due.isShadow, over: accounts())
      begun.append(due)
    }
    move(to: time)
    return begun
  }

  private mutating func move(to time: LedgerTime) {
    now = time
    for index in packs.indices { packs[index].advance(to: time) }
  }

  /// Puts a set in force, or in shadow, from an instant on.
  ///
  /// - Parameters:
  ///   - ruleSet: `ruleSet.validate()` passed, and ``checkActivation(of:from:inShadow:)``.
  ///   - from: Where it is later than now, and than the set itself says, the set is to come.
  ///   - isShadow: Whether it only says what it would have done.
  ///   - accounts: All there are.
  /// - Complexity: O(accounts · counters).
  public mutating func activate(
    _ ruleSet: RuleSet, from: LedgerTime?, inShadow isShadow: Bool, over accounts: PolicyAccounts
  ) {
    precondition(ruleSet.currency == currency, "a set of \(ruleSet.currency) for \(currency)")
    let start = start(of: ruleSet, from: from)
    let newest = newestByPack[ruleSet.pack]
    if newest.map({ $0.version < ruleSet.version }) ?? true {
      newestByPack[ruleSet.pack] = SignedVersion(
        version: ruleSet.version, sourceDigest: ruleSet.sourceDigest)
    }
    guard start > now else {
      install(ruleSet, inShadow: isShadow, over: accounts)
      return
    }
    let scheduled = ScheduledRuleSet(ruleSet: ruleSet, from: start, isShadow: isShadow)
    let place = toCome.firstIndex { $0.from > start } ?? toCome.endIndex
    toCome.insert(scheduled, at: place)
  }

  private func start(of set: RuleSet, from: LedgerTime?) -> LedgerTime {
    max(from ?? now, set.effectiveFrom ?? now)
  }

  /// Takes a version of a pack back: what it had replaced comes back, where it was in force.
  ///
  /// It is the one in force, or else the one in shadow, or else the first to come.
  ///
  /// - Throws: ``WithdrawalError``; nothing is changed then.
  /// - Complexity: O(accounts · counters).
  public mutating func withdraw(
    _ version: PackVersion, over accounts: PolicyAccounts
  ) throws(WithdrawalError) {
    if let index = packs.firstIndex(where: { $0.ruleSet.packVersion == version && !$0.isShadow }) {
      try withdrawInForce(index, over: accounts)
    } else if let index = packs.firstIndex(where: { $0.ruleSet.packVersion == version }) {
      packs.remove(at: index)
    } else if let index = toCome.firstIndex(where: { $0.ruleSet.packVersion == version }) {
      toCome.remove(at: index)
    } else {
      throw .unknown
    }
    keepWhatIsAsked(over: accounts)
  }

  private mutating func withdrawInForce(
    _ index: Int, over accounts: PolicyAccounts
  ) throws(WithdrawalError) {
    let withdrawn = packs[index]
    var staying = packs
    staying.remove(at: index)
    // A pack of which another version has come meanwhile does not come back.
    let returning = withdrawn.replaced.filter { old in
      !staying.contains { !$0.isShadow && $0.ruleSet.pack == old.ruleSet.pack }
        && !standsIn(for: old.ruleSet.pack, format: old.ruleSet.format)
    }
    guard
      hasRoom(
        for: staying.map { ($0.ruleSet, $0.isShadow) } + toCome.map { ($0.ruleSet, $0.isShadow) }
          + returning.map { ($0.ruleSet, false) })
    else { throw .full }
    packs = staying
    for old in returning {
      bringIn(
        old.ruleSet, inShadow: false, after: [withdrawn], replaced: old.replaced, over: accounts)
    }
  }

  private mutating func install(
    _ ruleSet: RuleSet, inShadow isShadow: Bool, over accounts: PolicyAccounts
  ) {
    let leaving = packs.indices.filter {
      packs[$0].leaves(for: ruleSet, inShadow: isShadow)
        && packs[$0].ruleSet.pack != trial?.pack
    }
    let old = leaving.map { packs[$0] }
    for index in leaving.reversed() { packs.remove(at: index) }
    toCome.removeAll { $0.isOlder(than: ruleSet, inShadow: isShadow) }
    let replaced = old.map { ReplacedSet(ruleSet: $0.ruleSet, replaced: $0.replaced).cut() }
    bringIn(
      ruleSet, inShadow: isShadow, after: ruleSet.ownFirst(old), replaced: isShadow ? [] : replaced,
      over: accounts)
    keepWhatIsAsked(over: accounts)
  }

  mutating func bringIn(
    _ ruleSet: RuleSet, inShadow isShadow: Bool, after old: [PackInForce],
    replaced: [ReplacedSet], over accounts: PolicyAccounts
  ) {
    facts.define(ruleSet, beside: packs.map(\.ruleSet) + old.map(\.ruleSet))
    facts.keep(
      owners: facts.owners != nil || ruleSet.asksOwners,
      firstPayments: facts.knowsFirstPayments || ruleSet.asksFirstPayments, over: accounts)
    packs.append(
      PackInForce(
        ruleSet, isShadow: isShadow, after: old, replaced: replaced, facts: facts,
        over: accounts, at: now))
  }

  mutating func keepWhatIsAsked(over accounts: PolicyAccounts) {
    facts.keepEvents(of: packs.map(\.ruleSet))
    facts.keep(
      owners: packs.contains { $0.ruleSet.asksOwners },
      firstPayments: packs.contains { $0.ruleSet.asksFirstPayments }, over: accounts)
  }
}

extension PackInForce {
  /// Whether it leaves when another set comes.
  fileprivate func leaves(for other: RuleSet, inShadow isOtherShadow: Bool) -> Bool {
    guard isShadow == isOtherShadow else { return false }
    return ruleSet.pack == other.pack || other.format == 1
      || other.supersedes == ruleSet.packVersion
  }
}

extension ScheduledRuleSet {
  /// Whether it is an older version of a set that comes before it.
  fileprivate func isOlder(than other: RuleSet, inShadow isOtherShadow: Bool) -> Bool {
    isShadow == isOtherShadow && ruleSet.pack == other.pack && ruleSet.version < other.version
  }
}

extension RuleSet {
  /// How many remarks a payment may get of it.
  fileprivate var flagCount: Int { rules.count { $0.action == .flag } }

  /// The sets that it replaces in the order in which its counters go on from theirs: its own pack's
  /// first, which may have begun before the others.
  func ownFirst(_ old: [PackInForce]) -> [PackInForce] {
    old.filter { $0.ruleSet.pack == pack } + old.filter { $0.ruleSet.pack != pack }
  }
}
