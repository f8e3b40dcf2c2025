import LedgerModel
import LedgerPolicy
import LedgerTesting

extension PolicyHistory {
  /// Gives some order that is no payment, or none.
  mutating func order() throws(Difference) {
    switch random.offset(weighted: [720, 45, 22, 40, 65, 35, 60, 13]) {
    case 0: try restart()
    case 1: try activate()
    case 2: try withdraw()
    case 3: setTier()
    case 4: try setAttribute()
    case 5: try list()
    case 6: try record()
    default: openOrLink()
    }
  }

  /// Now and then the engine is written down, read back and goes on.
  private mutating func restart() throws(Difference) {
    guard random.happens(percent: 2) else { return }
    do throws(SnapshotError) {
      engine = try engine.readAgain(over: world.policyAccounts, bounds: bounds)
    } catch {
      throw difference("of a snapshot", engine: error, reference: "the same engine", "")
    }
    coverage.note("restarted")
  }

  mutating func activate() throws(Difference) {
    let isShadow = random.happens(percent: 22)
    let packs = ["alpha", "beta", "gamma", "delta"].map { PackName(unchecked: $0) }
    let pack = random.one(of: packs)
    let (standing, shadows) = (reference.standing, reference.shadows)
    let surroundings = RandomRuleSets.Surroundings(
      now: reference.now, outstanding: world.outstanding, accounts: world.accounts.map(\.id))
    let list = (isShadow ? shadows : standing).map(\.set)
    var previous = list.first { $0.pack == pack }
    if random.happens(percent: 25), let other = list.first(where: { $0.pack != pack }) {
      previous = other
    }
    var set: RuleSet
    do throws(RuleSetError) {
      set =
        try random.happens(percent: 8)
        ? sets.makeOfFormat1(pack) : sets.make(pack, after: previous, in: surroundings)
    } catch {
      throw difference("of validation", engine: error, reference: "valid", "a set of \(pack)")
    }
    let from = random.happens(percent: 15) ? sets.instant(near: reference.now) : nil
    // Now and then one that there was before, perhaps withdrawn by now.
    if random.happens(percent: 4), let old = reference.ordered.randomElement(using: &random) {
      set = old
    }
    var found: ActivationError?
    do throws(ActivationError) {
      try engine.checkActivation(of: set, from: from, inShadow: isShadow)
    } catch { found = error }
    let expected = reference.refusal(of: set, from: from, inShadow: isShadow)
    guard found == expected else {
      throw difference(
        "of an activation", engine: found as Any, reference: expected as Any,
        "\(set.packVersion)")
    }
    if let found {
      coverage.note(found == .full ? "no room for a set" : "not newer")
      return
    }
    engine.activate(set, from: from, inShadow: isShadow, over: world.policyAccounts)
    reference.activate(set, from: from, inShadow: isShadow)
    if let new = (isShadow ? reference.shadows : reference.standing).last, new.set == set {
      if new.countings.contains(where: { $0.epochs.count > 1 }) { coverage.note("kept a counter") }
      if new.replaced.contains(where: { $0.set.pack != pack }) { coverage.note("superseded") }
    }
    try compareSets()
  }

  private mutating func withdraw() throws(Difference) {
    let known =
      reference.standing.map(\.set) + reference.shadows.map(\.set) + reference.scheduled.map(\.set)
    guard let set = known.randomElement(using: &random) else { return }
    let isKnown = random.happens(percent: 90)
    let version = PackVersion(pack: set.pack, version: isKnown ? set.version : set.version + 1_000)
    let before = reference.standing.count
    var (found, expected): (WithdrawalError?, WithdrawalError?)
    do throws(WithdrawalError) {
      try engine.withdraw(version, over: world.policyAccounts)
    } catch { found = error }
    do throws(WithdrawalError) { try reference.withdraw(version) } catch { expected = error }
    if expected == nil { coverage.note("withdrawn") }
    if expected == .full { coverage.note("no room to come back") }
    if reference.standing.count > before - 1, reference.standing.last?.set != set {
      let isBack = reference.standing.last.map { known.contains($0.set) } ?? true
      if !isBack { coverage.note("came back") }
    }
    guard found == expected else {
      throw difference(
        "of a withdrawal", engine: found as Any, reference: expected as Any, "\(version)")
    }
    try compareSets()
  }

  private mutating func setTier() {
    let slot = random.one(of: world.wallets)
    let account = world.accounts[slot]
    let tier = world.tier(using: &random)
    guard let old = account.tier, old != tier else { return }
    engine.setTier(from: old, to: tier, balance: world.balance(account.balance))
    reference.setTier(of: slot, to: tier)
    world.accounts[slot].tier = tier
  }

  private mutating func setAttribute() throws(Difference) {
    var value = AttributeValue.word(
      random.one(of: RandomRuleSets.kinds + [AttributeWord(unchecked: "unheard-of")]))
    let slot = random.one(of: world.wallets)
    let participant = Int.random(in: 0..<PolicyWorld.participants.count, using: &random)
    var (mine, theirs): (AttributeError?, AttributeError?)
    let name: AttributeName
    switch random.offset(weighted: [30, 30, 20, 20]) {
    case 0: name = RandomRuleSets.kind
    case 1:
      name = RandomRuleSets.ownCap
      value = .amount(UInt64.random(in: 0...330, using: &random) * sets.scale)
    case 2:
      name = Attribute.participantClass
      value = .word(random.one(of: RandomRuleSets.classes))
    default:
      name = RandomRuleSets.netCap
      value = .amount(UInt64.random(in: 0...950, using: &random) * sets.scale)
    }
    let isOfWallet = [RandomRuleSets.kind, RandomRuleSets.ownCap].contains(name)
    if random.happens(percent: 4) {
      value = random.happens(percent: 50) ? .amount(1) : .word(RandomRuleSets.kinds[0])
    }
    do throws(AttributeError) {
      try isOfWallet
        ? engine.set(name, ofWallet: slot, to: value)
        : engine.set(name, ofParticipant: participant, to: value)
    } catch { theirs = error }
    do throws(AttributeError) {
      try isOfWallet
        ? reference.set(name, ofWallet: slot, to: value)
        : reference.set(name, ofParticipant: participant, to: value)
    } catch { mine = error }
    try compare(theirs.map { "\($0)" }, mine.map { "\($0)" }, "\(name) set to \(value)")
  }

  private mutating func list() throws(Difference) {
    let (payer, payee) = (random.one(of: world.wallets), random.one(of: world.wallets))
    guard payer != payee else { return }
    let isNew = random.happens(percent: 70)
    var (mine, theirs): (PayeeError?, PayeeError?)
    do throws(PayeeError) {
      try isNew ? engine.list(payee: payee, by: payer) : engine.unlist(payee: payee, by: payer)
    } catch { theirs = error }
    do throws(PayeeError) {
      try isNew
        ? reference.list(payee: payee, by: payer) : reference.unlist(payee: payee, by: payer)
    } catch { mine = error }
    try compare(theirs.map { "\($0)" }, mine.map { "\($0)" }, "\(payer) lists \(payee)")
  }

  private mutating func record() throws(Difference) {
    let slot = random.one(of: world.wallets)
    let event = random.happens(percent: 90) ? RandomRuleSets.recorded : RandomRuleSets.toppedUp
    var (mine, theirs): (EventError?, EventError?)
    do throws(EventError) { try engine.record(event, of: slot) } catch { theirs = error }
    do throws(EventError) { try reference.record(event, of: slot) } catch { mine = error }
    try compare(theirs.map { "\($0)" }, mine.map { "\($0)" }, "\(event) of \(slot)")
  }

  private func compare(_ found: String?, _ expected: String?, _ what: String) throws(Difference) {
    guard found == expected else {
      throw difference(
        "of an order", engine: found ?? "done", reference: expected ?? "done", what)
    }
  }

  private mutating func openOrLink() {
    if random.happens(percent: 50), world.accounts.count < 12 {
      let participant = Int.random(in: 0..<PolicyWorld.participants.count, using: &random)
      world.addWallet(of: participant, holds: 0, using: &random)
      let slot = world.accounts.count - 1
      engine.open(slot: slot, world.policyAccount(slot))
      reference.open(slot: slot, world.policyAccount(slot))
      coverage.note("opened")
    } else {
      let slot = random.one(of: world.wallets)
      world.accounts[slot].isLinked.toggle()
    }
  }
}
