import LedgerModel
import LedgerPolicy

/// One trial at work: the same payments under several rule sets, until their answers differ.
struct DiffRun {
  /// One rule set, with the rule that is in question.
  struct Contestant {
    let set: RuleSet
    /// `nil` where the set does not have it.
    let rule: Rule?
  }

  /// What is to be reached, and how.
  struct Goal {
    /// What the payments are to come to: minor units, or payments.
    var target: UInt64
    var isMoney: Bool
    /// Minor units of each payment where they are only counted.
    var size: UInt64 = 1
    /// Whether the target is reached before the payment in question.
    var isBefore = false
    /// When the payment in question is made; `nil` for when the others are.
    var lastAt: LedgerTime?
    /// What happens before the payment in question.
    var event: EventDefinition?

    /// In trials: many payments are worth several.
    var cost: Int { isMoney ? 1 : 1 + Int(target / 16) }
  }

  /// Payments of one amount at one instant.
  struct Entry {
    let at: LedgerTime
    let amount: Amount
    var count = 1
  }

  /// A payment that the two sets answer differently.
  struct Witness {
    let trial: DiffTrial
    let history: [Entry]
    let at: LedgerTime
    let amount: Amount
    let old: Answer
    let new: Answer
    /// What happened before it.
    var event: EventDefinition?
  }

  private static let stepsMax = 800

  let contestants: [Contestant]
  let direction: PolicyDiff.Direction
  /// Whether a tier that is not named is what is in question.
  let isOfTier: Bool
  let trial: DiffTrial
  /// Of each contestant.
  var ledgers: [ExampleLedger]
  var history: [Entry] = []
  var turn = 0
  /// The rules that were in the way.
  private(set) var blockers: [RuleID] = []

  /// Creates the beginning; `nil` where one of the sets cannot be told of it.
  ///
  /// Of the contestants the old rules come first and the new ones last; any between them must
  /// answer otherwise than the old ones, too.
  init?(_ trial: DiffTrial, _ contestants: [Contestant], _ contrast: RuleContrast) {
    self.trial = trial
    self.contestants = contestants
    direction = contrast.direction
    isOfTier = contrast.tier != nil
    ledgers = contestants.map { ExampleLedger($0.set, trial.example(for: $0.set)) }
    guard ledgers.allSatisfy({ $0.fault == nil }), prepare() else { return nil }
  }

  private mutating func prepare() -> Bool {
    for prelude in trial.prelude {
      switch prelude {
      case .list(let before):
        advance(to: trial.start.back(before))
        guard case .wallet(let payer)? = trial.first(isPayer: true),
          case .wallet(let payee)? = trial.first(isPayer: false)
        else { return false }
        for place in ledgers.indices {
          if ledgers[place].list(payee: payee, by: payer) != nil { return false }
        }
      case .firstPayment(let before):
        advance(to: trial.start.back(before))
        guard pay(1, operation: .pay) else { return false }
      case .receive(let amount):
        advance(to: trial.start)
        guard let amount = Amount(minorUnits: amount) else { return false }
        let payment = trial.returned(amount)
        guard payment.from != nil, payment.to != nil, pay(payment) else { return false }
      case .raise(let setting, let before):
        advance(to: trial.start.back(before))
        guard let holder = trial.first(isPayer: trial.subjectIsPayer) else {
          return false
        }
        for place in ledgers.indices {
          if ledgers[place].set(setting, of: holder) != nil { return false }
        }
      case .event(let event):
        advance(to: trial.start)
        // The opening is in the trial's beginning.
        guard event.trigger == .opened || happen(event) else { return false }
      }
    }
    advance(to: trial.start)
    return true
  }

  /// Makes an event of the wallet in question.
  private mutating func happen(_ event: EventDefinition) -> Bool {
    switch event.trigger {
    case .opened, .firstPayment: return false
    case .recorded:
      guard case .wallet(let wallet)? = trial.first(isPayer: trial.subjectIsPayer) else {
        return false
      }
      // A set that does not know the event has no window of it.
      for place in ledgers.indices { _ = ledgers[place].record(event.name, wallet: wallet) }
      return true
    case .payment(let operations, let filter):
      guard let operation = operations.first, let amount = Amount(minorUnits: 1) else {
        return false
      }
      var trial = trial
      trial.channel = filter.channel?.words.first ?? Channel(unchecked: "")
      trial.purpose = filter.purpose?.words.first ?? Purpose(unchecked: "")
      return pay(trial.payment(amount, turn: turn, isLast: false, operation: operation))
    }
  }

  private mutating func advance(to time: LedgerTime) {
    for place in ledgers.indices { ledgers[place].advance(to: time) }
  }

  var now: LedgerTime { ledgers[0].now }

  /// Whether one of the rules looks at a payment now, or draws for one.
  var looks: Bool {
    guard let amount = Amount(minorUnits: 1) else { return false }
    let payment = trial.payment(amount, turn: 0, isLast: false)
    return zip(contestants, ledgers).contains { contestant, ledger in
      guard let rule = contestant.rule else { return false }
      // A rule about the time since the last payment looks from the second one on.
      let quantity = contestant.set.measures[rule.measure].quantity
      if rule.drawsShortfall || quantity == .sinceLast { return true }
      guard case .request(let request) = ledger.prepare(payment) else { return false }
      return ledger.engine.explain(request).contains { $0.rule.id == rule.id }
    }
  }

  // MARK: Towards the goal

  /// Pays until the answers differ; `nil` where they do not.
  mutating func reach(_ goal: Goal) -> Witness? {
    var total: UInt64 = 0
    let isLastApart = goal.isBefore || goal.lastAt != nil || goal.event != nil
    for _ in 0..<Self.stepsMax {
      let left = goal.target - total
      if left == 0, let event = goal.event, !happen(event) { return nil }
      if left == 0, let lastAt = goal.lastAt {
        advance(to: max(now, lastAt))
        if let witness = opened(goal) { return witness }
      }
      if left == 0 || (!isLastApart && (goal.isMoney || left == 1)) {
        let amount = goal.isMoney ? max(1, left) : goal.size
        if var witness = witness(amount, isLast: true) {
          witness.event = left == 0 ? goal.event : nil
          return witness
        }
        if left == 0 { return nil }
      }
      let step = goal.isMoney ? left - (isLastApart ? 0 : 1) : goal.size
      // The last payment itself may have to wait for another rule.
      guard step > 0 else {
        guard case .blocked(let resets) = largest(upTo: left, isExact: true, isLast: true),
          let resets,
          resets > now, isSameWindow(resets)
        else { return nil }
        advance(to: resets)
        continue
      }
      switch largest(upTo: step, isExact: !goal.isMoney, isLast: false) {
      case .witness(let witness): return witness
      case .amount(let amount):
        guard pay(amount) else { return nil }
        total += goal.isMoney ? amount : 1
      case .blocked(let resets):
        guard let resets, resets > now, resets < goal.lastAt ?? .end, isSameWindow(resets)
        else { return nil }
        advance(to: resets)
      }
    }
    return nil
  }

  /// Tries the last payment at its time, or when other rules let it through after that.
  private mutating func opened(_ goal: Goal) -> Witness? {
    let amount = goal.isMoney ? 1 : goal.size
    for _ in 0..<8 {
      if let witness = witness(amount, isLast: true) { return witness }
      guard case .blocked(let resets) = largest(upTo: amount, isExact: true, isLast: true),
        let resets,
        resets > now
      else { return nil }
      advance(to: resets)
    }
    return nil
  }

  private enum Step {
    case amount(UInt64)
    case witness(Witness)
    case blocked(until: LedgerTime?)
  }

  /// The largest amount that both sets permit now.
  private mutating func largest(upTo most: UInt64, isExact: Bool, isLast: Bool) -> Step {
    var amount = min(most, UInt64(Amount.max.minorUnits))
    var resets: LedgerTime?
    for _ in 0..<12 {
      guard amount > 0, let answers = answers(amount, isLast: isLast) else { break }
      if let witness = witness(amount, isLast: isLast) { return .witness(witness) }
      if answers.allSatisfy(\.isPermit) { return .amount(amount) }
      var next = isExact ? 0 : amount - 1
      for (answer, contestant) in zip(answers, contestants) {
        guard case .deny(let breach) = answer else { continue }
        if !blockers.contains(breach.rule) { blockers.append(breach.rule) }
        next = min(next, contestant.set.headroom(breach))
        if let time = breach.resets { resets = max(resets ?? time, time) }
      }
      amount = next
    }
    return .blocked(until: resets)
  }

  /// Whether waiting until then keeps what counts for the rules in question.
  private func isSameWindow(_ time: LedgerTime) -> Bool {
    let windows = contestants.compactMap { contestant in
      contestant.rule.map { contestant.set.measures[$0.measure].window }
    }
    return windows.allSatisfy { window in
      switch window {
      case .payment: return true
      case .rolling(let length, _): return time < trial.start.advanced(byMicroseconds: length)
      case .after(_, let length): return time < trial.start.advanced(byMicroseconds: length)
      case .lifetime, .since: return true
      case .day, .week, .month, .year, .businessDay, .span:
        return CalendarWindow(window, at: time)?.start
          == CalendarWindow(window, at: trial.start)?.start
      }
    }
  }
}

extension RuleSet {
  /// What a breach leaves to be asked, of money.
  fileprivate func headroom(_ breach: LimitBreach) -> UInt64 {
    guard let rule = rules.first(where: { $0.id == breach.rule }),
      measures[rule.measure].quantity.isMoney, rule.comparison != .atLeast,
      !rule.countsPreviousOnly
    else { return 0 }
    switch breach.reason {
    case .exceeded, .approvalMissing:
      return UInt64(
        clamping: Int128(breach.limit) - breach.used - (rule.comparison == .under ? 1 : 0))
    case .memoryFull, .undecidable: return 0
    }
  }
}

extension Rule {
  /// Whether what payers lack is drawn for them.
  var drawsShortfall: Bool {
    if case .waterfall(let waterfall) = action { waterfall.drawsShortfall } else { false }
  }
}

extension LedgerTime {
  fileprivate static let end = LedgerTime(microseconds: .max)

  fileprivate func back(_ microseconds: UInt64) -> LedgerTime {
    LedgerTime(
      microseconds: self.microseconds > microseconds ? self.microseconds - microseconds : 1)
  }
}
