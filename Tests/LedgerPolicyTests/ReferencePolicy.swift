import LedgerModel
import LedgerPolicy
import LedgerTesting

/// The rules once more, slow and obvious: it keeps all that it was told, and adds up anew.
///
/// Left out is what a test of a few hundred payments cannot reach: rule 36, sums past 96 bits, and
/// of the bounds of rule 37 all but the number of sets.
///
/// - Source: docs/formats/rule-set.md, whose rules the comments number.
struct ReferencePolicy {
  /// A place in the one order of all that happens.
  struct Moment {
    let time: LedgerTime
    /// How many payments had been accepted.
    let index: Int
  }

  struct Account {
    let participant: Int
    var tier: Int?
    let owner: OwnerID?
    var balance: Int64
    let opened: Moment
    var words: [Word] = []
  }

  /// An attribute that is a word.
  struct Word {
    let name: AttributeName
    var word: AttributeWord
  }

  /// An order that set an attribute to an amount.
  struct AmountOrder {
    let name: AttributeName
    let holder: Attribute.Holder
    let index: Int
    let amount: UInt64
    let time: LedgerTime
    /// Not in force before.
    let from: LedgerTime
  }

  /// One payer and one payee, since when.
  struct Pair {
    let payer: Int
    let payee: Int
    let since: Moment
  }

  struct Event {
    let definition: EventDefinition
    let slot: Int
    let moment: Moment
  }

  let currency: CurrencyCode
  private(set) var now = LedgerTime(microseconds: 0)
  private(set) var tiers: [Tier] = []
  private(set) var participants: [ParticipantID] = []
  private(set) var participantWords: [[Word]] = []
  private(set) var accounts: [Account] = []
  private(set) var history: [Payment] = []
  private(set) var amountOrders: [AmountOrder] = []
  private(set) var listed: [Pair] = []
  var firstPayments: [Pair] = []
  var events: [Event] = []

  // The sets, written by `ReferencePolicy+Sets.swift` alone.
  var standing: [Standing] = []
  var shadows: [Standing] = []
  var scheduled: [Scheduled] = []
  var activationCount = 0
  /// Every set that was ever activated, in order.
  var ordered: [RuleSet] = []
  /// Of each zone that was ever asked for; nothing but a cache.
  var calendars: [TimeZoneTable: ReferenceCalendar] = [:]

  /// How many sets there may be, to come included.
  let setsMax: Int

  init(currency: CurrencyCode, setsMax: Int) {
    self.currency = currency
    self.setsMax = setsMax
  }

  var moment: Moment { Moment(time: now, index: history.count) }

  mutating func nameTier(_ tier: Tier) { tiers.append(tier) }

  mutating func admit(_ participant: ParticipantID) {
    participants.append(participant)
    participantWords.append([])
  }

  mutating func open(slot: Int, _ account: PolicyAccount) {
    precondition(slot == accounts.count, "slot \(slot) of \(accounts.count)")
    accounts.append(
      Account(
        participant: account.participant, tier: account.tier, owner: account.owner,
        balance: account.balance.minorUnits, opened: moment))
  }

  mutating func setTier(of slot: Int, to tier: Int) { accounts[slot].tier = tier }

  mutating func move(to time: LedgerTime) {
    precondition(time >= now, "time goes back from \(now) to \(time)")
    now = time
  }
}

extension ReferencePolicy {
  mutating func set(
    _ name: AttributeName, ofWallet slot: Int, to value: AttributeValue
  ) throws(AttributeError) {
    try order(name, of: .wallet, slot, to: value)
    if case .word(let word) = value { Self.set(name, to: word, in: &accounts[slot].words) }
  }

  mutating func set(
    _ name: AttributeName, ofParticipant index: Int, to value: AttributeValue
  ) throws(AttributeError) {
    try order(name, of: .participant, index, to: value)
    if case .word(let word) = value { Self.set(name, to: word, in: &participantWords[index]) }
  }

  private static func set(_ name: AttributeName, to word: AttributeWord, in words: inout [Word]) {
    words.removeAll { $0.name == name }
    words.append(Word(name: name, word: word))
  }

  /// Checks an order about an attribute, and keeps it where it is about an amount (rule 46).
  private mutating func order(
    _ name: AttributeName, of holder: Attribute.Holder, _ index: Int, to value: AttributeValue
  ) throws(AttributeError) {
    // The first set that defines it says what it is; sets in shadow come after those in force. A
    // word may be any set's.
    let all = (standing + shadows).flatMap(\.set.attributes)
      .filter { $0.name == name && $0.holder == holder }
    var defined = all.first
    if case .word(let word) = value {
      for attribute in all.reversed() {
        if case .words(let words) = attribute.kind, words.contains(word) { defined = attribute }
      }
    }
    switch (defined?.kind, value) {
    case (nil, _): throw .unknown
    case (.words(let words), .word(let word)):
      guard words.contains(word) else { throw .wordUnknown }
    case (.amount(let limits), .amount(let amount)):
      if let ceiling = limits.ceiling, amount > ceiling { throw .aboveCeiling(ceiling) }
      let before = self.amount(name, of: holder, index) ?? limits.initial
      let isRaised = before.map { amount > $0 } ?? false
      amountOrders.append(
        AmountOrder(
          name: name, holder: holder, index: index, amount: amount, time: now,
          from: isRaised ? now.advanced(byMicroseconds: limits.raiseAfterMicroseconds) : now))
    case (.words, .amount), (.amount, .word): throw .wrongKind
    }
  }

  /// The amount that an attribute has been set to and that is in force; `nil` where there is none.
  func amount(_ name: AttributeName, of holder: Attribute.Holder, _ index: Int) -> UInt64? {
    let orders = amountOrders.filter {
      $0.name == name && $0.holder == holder && $0.index == index
    }
    var amount: UInt64?
    for (place, order) in orders.enumerated() {
      // A newer order replaces one that still waits.
      let last = place + 1 < orders.count ? orders[place + 1].time : now
      if order.from <= last { amount = order.amount }
    }
    return amount
  }

  mutating func list(payee: Int, by payer: Int) throws(PayeeError) {
    guard since(listed, payer, payee) == nil else { throw .alreadyListed }
    listed.append(Pair(payer: payer, payee: payee, since: moment))
  }

  mutating func unlist(payee: Int, by payer: Int) throws(PayeeError) {
    guard since(listed, payer, payee) != nil else { throw .notListed }
    listed.removeAll { $0.payer == payer && $0.payee == payee }
  }

  func since(_ pairs: [Pair], _ payer: Int, _ payee: Int) -> Moment? {
    pairs.first { $0.payer == payer && $0.payee == payee }?.since
  }

  mutating func record(_ event: EventName, of slot: Int) throws(EventError) {
    let definition = EventDefinition(name: event, trigger: .recorded)
    guard (standing + shadows).contains(where: { $0.set.events.contains(definition) }) else {
      throw .unknown
    }
    events.append(Event(definition: definition, slot: slot, moment: moment))
  }

  /// Keeps a payment that was permitted and accepted (rule 33).
  mutating func commit(_ request: PolicyRequest) {
    let payment = payment(request)
    let verdict = verdict(on: payment)
    payment.refusedBy = verdict.refusedBy
    move(Int64(verdict.sweep), of: payment)
    history.append(payment)
    guard let payer = payment.payer, payer.tier != nil else { return }
    if let payee = payment.payee, payee.tier != nil,
      since(firstPayments, payer.slot, payee.slot) == nil,
      (standing + shadows).contains(where: { $0.set.asksForFirstPayments })
    {
      firstPayments.append(Pair(payer: payer.slot, payee: payee.slot, since: moment))
    }
    var begun: [EventDefinition] = []
    for standing in standing + shadows where !payment.refusedBy.contains(standing.id) {
      for event in standing.set.events {
        if case .payment(let operations, let filter) = event.trigger,
          operations.contains(request.operation), passes(filter, in: standing.set, payment),
          !begun.contains(event)
        {
          begun.append(event)
        }
      }
    }
    for event in begun {
      events.append(Event(definition: event, slot: payer.slot, moment: moment))
    }
  }

  private mutating func move(_ sweep: Int64, of payment: Payment) {
    let amount = payment.request.amount.minorUnits
    let draw = Int64(payment.request.draw)
    if let payer = payment.payer {
      accounts[payer.slot].balance += draw - amount
      if draw > 0 { accounts[linkedAccount(of: payer)].balance -= draw }
    }
    if let payee = payment.payee {
      accounts[payee.slot].balance += amount - sweep
      if sweep > 0 { accounts[linkedAccount(of: payee)].balance += sweep }
    }
  }

  /// A settlement account of the wallet's participant; which one makes no difference to any rule.
  private func linkedAccount(of side: Payment.Side) -> Int {
    let slot = accounts.firstIndex { $0.participant == side.participant && $0.tier == nil }
    guard let slot else { preconditionFailure("\(side.account) has no linked account") }
    return slot
  }
}

extension RuleSet {
  /// Whether a measure's filter or window needs to know who has paid whom.
  var asksForFirstPayments: Bool {
    measures.contains { measure in
      measure.filter.acquaintance?.kind == .paid
        || events.contains { $0.trigger == .firstPayment && $0.name == measure.window.event }
    }
  }
}
