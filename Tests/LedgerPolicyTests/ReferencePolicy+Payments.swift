import LedgerModel
import LedgerPolicy

extension ReferencePolicy {
  /// A payment with all that a filter may ask, as it was at its time.
  ///
  /// A class, because the whole history is walked for each decision.
  final class Payment {
    struct Side {
      let slot: Int
      let account: AccountID
      let participant: Int
      let participantID: ParticipantID
      /// `nil` for a settlement account.
      let tier: Int?
      let tierName: Tier?
      let owner: OwnerID?
      let words: [Word]
      let participantWords: [Word]
      let isLinked: Bool
      /// Before the payment and all that comes with it.
      let balance: Int64
    }

    let request: PolicyRequest
    let time: LedgerTime
    let payer: Side?
    let payee: Side?
    let firstPaid: LedgerTime?
    let listed: LedgerTime?
    /// The sets in shadow that would have refused it.
    var refusedBy: [Int] = []

    init(
      _ request: PolicyRequest, at time: LedgerTime, payer: Side?, payee: Side?,
      firstPaid: LedgerTime?, listed: LedgerTime?
    ) {
      self.request = request
      self.time = time
      self.payer = payer
      self.payee = payee
      self.firstPaid = firstPaid
      self.listed = listed
    }
  }

  /// Whose sum something is (rule 21).
  enum Key: Equatable {
    case wallet(Int)
    case owner(OwnerID)
    case pair(Int, Int)
    case participant(Int)
    case participantClass(AttributeWord)
    case tier(Int)
    case system
  }

  func payment(_ request: PolicyRequest) -> Payment {
    let amount = request.amount.minorUnits
    let payer = request.payer.map { side(of: $0, change: Int64(request.draw) - amount) }
    let payee = request.payee.map { side(of: $0, change: amount) }
    var firstPaid: LedgerTime?
    var listing: LedgerTime?
    if let payer, let payee, payer.tier != nil, payee.tier != nil {
      firstPaid = since(firstPayments, payer.slot, payee.slot)?.time
      listing = since(listed, payer.slot, payee.slot)?.time
    }
    return Payment(
      request, at: now, payer: payer, payee: payee, firstPaid: firstPaid, listed: listing)
  }

  private func side(of leg: PolicyLeg, change: Int64) -> Payment.Side {
    let account = accounts[leg.slot]
    precondition(account.participant == leg.participant, "\(leg) is of \(account.participant)")
    precondition(account.tier == leg.tier, "\(leg) has tier \(String(describing: account.tier))")
    precondition(account.balance + change == leg.balanceAfter.minorUnits, "\(leg) has \(account)")
    return Payment.Side(
      slot: leg.slot, account: leg.account, participant: leg.participant,
      participantID: participants[leg.participant], tier: leg.tier,
      tierName: leg.tier.map { tiers[$0] }, owner: account.owner, words: account.words,
      participantWords: participantWords[leg.participant], isLinked: leg.isLinked,
      balance: account.balance)
  }

  /// The keys for which a measure counts a payment (rule 22), on the payer's side and the payee's.
  func keys(
    _ measure: Measure, in set: RuleSet, _ payment: Payment
  ) -> (payer: Key?, payee: Key?) {
    guard measure.operations.contains(payment.request.operation) else { return (nil, nil) }
    let payer = measure.direction == .into ? nil : payment.payer
    let payee = measure.direction == .out ? nil : payment.payee
    let keys = (
      payer: payer.flatMap { key(measure.scope, of: $0, payment) },
      payee: payee.flatMap { key(measure.scope, of: $0, payment) }
    )
    guard keys.payer != nil || keys.payee != nil, passes(measure.filter, in: set, payment)
    else {
      return (nil, nil)
    }
    return keys
  }

  private func key(_ scope: Measure.Scope, of side: Payment.Side, _ payment: Payment) -> Key? {
    switch scope {
    case .wallet: return side.tier == nil ? nil : .wallet(side.slot)
    case .owner: return side.tier == nil ? nil : side.owner.map(Key.owner)
    case .pair:
      guard let payer = payment.payer, let payee = payment.payee, payer.tier != nil,
        payee.tier != nil, side.slot == payer.slot
      else { return nil }
      return .pair(payer.slot, payee.slot)
    case .participant: return .participant(side.participant)
    case .participantClass:
      let word = side.participantWords.first { $0.name == Attribute.participantClass }?.word
      return word.map(Key.participantClass)
    case .tier: return side.tier.map(Key.tier)
    case .system: return .system
    }
  }

  /// Whether a filter passes a payment (rule 23).
  func passes(_ filter: PaymentFilter, in set: RuleSet, _ payment: Payment) -> Bool {
    if let test = filter.channel, !passes(test, payment.request.channel) { return false }
    if let test = filter.purpose, !passes(test, payment.request.purpose) { return false }
    guard passes(filter.payer, in: set, payment.payer),
      passes(filter.payee, in: set, payment.payee)
    else { return false }
    guard let acquaintance = filter.acquaintance else { return true }
    let since = acquaintance.kind == .paid ? payment.firstPaid : payment.listed
    let isKnown = since.map { since in
      payment.time.microseconds - since.microseconds >= acquaintance.microseconds
    }
    return (isKnown ?? false) != acquaintance.excludes
  }

  private func passes<Word>(_ test: WordTest<Word>, _ word: Word?) -> Bool {
    let isListed = test.words.contains { $0 == word }
    return test.excludes ? !isListed : isListed
  }

  private func passes(_ filter: LegFilter, in set: RuleSet, _ side: Payment.Side?) -> Bool {
    guard filter.tier != nil || filter.participant != nil || !filter.attributes.isEmpty else {
      return true
    }
    // On the issuance account every test fails.
    guard let side else { return false }
    if let test = filter.tier {
      guard let tier = side.tierName, passes(test, tier) else { return false }
    }
    if let test = filter.participant, !passes(test, side.participantID) { return false }
    return filter.attributes.allSatisfy { test in
      let holder = set.attributes.first { $0.name == test.attribute }?.holder
      guard holder == .wallet else {
        return passes(test.test, side.participantWords.first { $0.name == test.attribute }?.word)
      }
      let word = side.words.first { $0.name == test.attribute }?.word
      return side.tier != nil && passes(test.test, word)
    }
  }

  /// What a payment asks of a key (rule 24); `nil` where the measure does not count it for the key.
  ///
  /// Of counterparties 1 for each that is not in `met`.
  func asked(
    _ measure: Measure, in set: RuleSet, of key: Key, by payment: Payment, met: [Int] = []
  ) -> Int128? {
    let keys = keys(measure, in: set, payment)
    guard keys.payer == key || keys.payee == key else { return nil }
    var sum: Int128 = 0
    if keys.payer == key { sum += weight(measure, payment, other: payment.payee, met) }
    if keys.payee == key {
      let weight = weight(measure, payment, other: payment.payer, met)
      sum += measure.direction == .net ? -weight : weight
    }
    return sum
  }

  private func weight(
    _ measure: Measure, _ payment: Payment, other: Payment.Side?, _ met: [Int]
  ) -> Int128 {
    switch measure.quantity {
    case .amount, .balance, .supply: return Int128(payment.request.amount.minorUnits)
    case .count: return 1
    case .counterparties:
      guard let other else { return 0 }
      return met.contains(other.slot) ? 0 : 1
    case .sinceLast: return 0
    }
  }
}
