internal import LedgerModel

/// What rules ask about beyond the payment in hand: names, attributes, events, acquaintances.
///
/// Events belong to the sets that define them; all else belongs to wallets and participants, and
/// outlives every rule set.
struct PolicyFacts: Sendable, Equatable {
  let bounds: PolicyBounds
  /// In order of first use in the ledger.
  private(set) var tiers: [Tier] = []
  /// In order of admission.
  private(set) var participants: [ParticipantID] = []
  /// When each wallet was opened, in microseconds, by slot; the largest number for none.
  private var openings: [UInt64] = []
  private(set) var attributes: [AttributeColumn] = []
  /// Of events that are recorded, or are payments.
  private(set) var events: [EventColumn] = []
  private(set) var listed = PayeeTable()
  /// First payments, while a set asks for them.
  private(set) var paid = PayeeTable()
  private(set) var knowsFirstPayments = false
  /// While a set asks for owners.
  private(set) var owners: OwnerTable?

  init(bounds: PolicyBounds) { self.bounds = bounds }

  mutating func nameTier(_ tier: Tier) { tiers.append(tier) }

  mutating func admit(_ participant: ParticipantID) { participants.append(participant) }

  mutating func open(slot: Int, _ account: PolicyAccount, at time: LedgerTime) {
    owners?.file(slot, of: account.owner)
    guard account.tier != nil else { return }
    if openings.count <= slot {
      openings.append(contentsOf: repeatElement(.max, count: slot + 1 - openings.count))
    }
    openings[slot] = time.microseconds
  }

  /// When the wallet was opened.
  func opening(of slot: Int) -> LedgerTime? {
    guard slot < openings.count, openings[slot] != .max else { return nil }
    return LedgerTime(microseconds: openings[slot])
  }

  /// Makes columns for what a set asks for, in place of those that neither it nor the others in
  /// force and in shadow need.
  mutating func define(_ set: RuleSet, beside others: [RuleSet]) {
    for attribute in set.attributes where column(of: attribute) == nil {
      let spare = attributes.firstIndex { column in
        column.isEmpty && !(others + [set]).contains { $0.attributes.contains(where: column.isOf) }
      }
      let column = AttributeColumn(attribute)
      if let spare { attributes[spare] = column } else { attributes.append(column) }
    }
    for event in set.events where event.trigger.hasColumn && column(of: event) == nil {
      let column = EventColumn(event)
      if let spare = events.firstIndex(where: { $0.definition == nil }) {
        events[spare] = column
      } else {
        events.append(column)
      }
    }
  }

  /// Whether there is room for what some sets ask for, which are all that there will be.
  func hasRoom(for sets: [RuleSet]) -> Bool {
    var asked: [Attribute] = []
    var events: [EventDefinition] = []
    for set in sets {
      for attribute in set.attributes
      where !asked.contains(where: { AttributeColumn($0).isOf(attribute) }) {
        asked.append(attribute)
      }
      for event in set.events where event.trigger.hasColumn && !events.contains(event) {
        events.append(event)
      }
    }
    let outliving = attributes.count { column in
      !column.isEmpty && !asked.contains(where: column.isOf)
    }
    return asked.count + outliving <= bounds.attributeColumns
      && events.count <= bounds.eventColumns
  }

  /// Forgets the events that no set defines.
  mutating func keepEvents(of sets: [RuleSet]) {
    for index in events.indices {
      guard let event = events[index].definition else { continue }
      if !sets.contains(where: { $0.events.contains(event) }) { events[index] = .spare }
    }
  }

  /// Begins or ends to keep what only some sets ask for.
  mutating func keep(
    owners needsOwners: Bool, firstPayments: Bool, over accounts: PolicyAccounts
  ) {
    if needsOwners, owners == nil {
      var table = OwnerTable()
      for slot in 0..<accounts.count { table.file(slot, of: accounts.account(slot)?.owner) }
      owners = table
    } else if !needsOwners {
      owners = nil
    }
    if !firstPayments { paid.removeAll() }
    knowsFirstPayments = firstPayments
  }

  func column(of attribute: Attribute) -> Int? {
    attributes.firstIndex { $0.isOf(attribute) }
  }

  func column(of event: EventDefinition) -> Int? {
    events.firstIndex { $0.definition == event }
  }

  /// Sets an attribute of a wallet, by slot, or of a participant, by index.
  mutating func set(
    _ attribute: Attribute, of holder: Int, to value: AttributeValue, at time: LedgerTime
  ) throws(AttributeError) {
    guard let column = column(of: attribute) else { throw .unknown }
    try attributes[column].set(holder, to: value, attribute.kind, at: time)
  }

  mutating func list(payee: Int, by payer: Int, at time: LedgerTime) throws(PayeeError) {
    guard listed[payer, payee] == nil else { throw .alreadyListed }
    guard listed.count(of: payer) < bounds.payeesPerWallet else {
      throw .full(max: bounds.payeesPerWallet)
    }
    guard listed.count < bounds.payees else { throw .full(max: bounds.payees) }
    listed.insert(payer, payee, at: time)
  }

  mutating func unlist(payee: Int, by payer: Int) throws(PayeeError) {
    guard listed[payer, payee] != nil else { throw .notListed }
    listed.remove(payer, payee)
  }

  mutating func record(event column: Int, of slot: Int, at time: LedgerTime) {
    events[column].add(slot, at: time)
  }

  /// How many first payments there are where a payment would be one more, and there is no room.
  func maxForFirstPayment(_ payer: Int, _ payee: Int) -> Int? {
    guard knowsFirstPayments, paid[payer, payee] == nil else { return nil }
    if paid.count(of: payer) >= bounds.payeesPerWallet { return bounds.payeesPerWallet }
    return paid.count >= bounds.payees ? bounds.payees : nil
  }

  /// Takes on a payment between two wallets.
  mutating func meet(_ payer: Int, _ payee: Int, at time: LedgerTime) {
    guard knowsFirstPayments, paid[payer, payee] == nil,
      maxForFirstPayment(payer, payee) == nil
    else { return }
    paid.insert(payer, payee, at: time)
  }
}

extension PolicyFacts {
  /// Writes all but events, and what ``keep(owners:firstPayments:over:)`` makes anew.
  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(tiers.count)
    for tier in tiers { snapshot.write(tier.text) }
    snapshot.write(participants.count)
    for participant in participants { snapshot.write(participant.text) }
    snapshot.write(openings.count)
    for opening in openings { snapshot.write(opening) }
    snapshot.write(attributes.count)
    for column in attributes { column.write(to: &snapshot) }
    listed.write(to: &snapshot)
    paid.write(to: &snapshot)
  }

  init(
    reading snapshot: inout SnapshotReader, bounds: PolicyBounds
  ) throws(SnapshotError) {
    self.init(bounds: bounds)
    for _ in 0..<(try snapshot.count(max: Limits.tiersPerLedgerMax)) {
      tiers.append(Tier(unchecked: try snapshot.text()))
    }
    for _ in 0..<(try snapshot.count(max: Limits.participantsMax)) {
      participants.append(ParticipantID(unchecked: try snapshot.text()))
    }
    let openingCount = try snapshot.count(max: Limits.accountsMax)
    openings.reserveCapacity(min(openingCount, 1 << 26))
    for _ in 0..<openingCount { openings.append(try snapshot.uint64()) }
    for _ in 0..<(try snapshot.count(max: bounds.attributeColumnsEver)) {
      attributes.append(try AttributeColumn(reading: &snapshot))
    }
    listed = try PayeeTable(reading: &snapshot)
    paid = try PayeeTable(reading: &snapshot)
  }

  /// Writes the events, each as one that a set defines, of all in force and in shadow.
  func writeEvents(to snapshot: inout SnapshotWriter, of sets: [RuleSet]) {
    let defined = sets.flatMap(\.events)
    snapshot.write(events.count)
    for column in events {
      snapshot.write(defined.firstIndex { $0 == column.definition } ?? defined.count)
      column.write(to: &snapshot)
    }
  }

  mutating func readEvents(
    _ snapshot: inout SnapshotReader, of sets: [RuleSet]
  ) throws(SnapshotError) {
    let defined = sets.flatMap(\.events)
    for _ in 0..<(try snapshot.count(max: bounds.eventColumnsEver)) {
      let place = try snapshot.count(max: defined.count)
      events.append(
        try EventColumn(place < defined.count ? defined[place] : nil, reading: &snapshot))
    }
  }
}

/// The bounds of what rules remember, which a test can make small enough to reach.
package struct PolicyBounds: Hashable, Sendable {
  package static let standard = PolicyBounds()

  package var sets = Limits.packsPerCurrencyMax
  package var payeesPerWallet = Limits.payeesPerWalletMax
  package var payees = Limits.payeesMax
  package var pairsPerMeasure = Limits.pairsPerMeasureMax
  package var paymentsPerMeasure = Limits.paymentsPerMeasureMax
  let attributeColumns = Limits.attributesPerSetMax
  let eventColumns = Limits.eventsPerSetMax
  /// Columns that there may be, spare ones included: those of a set that leaves are there until the
  /// set that comes has its own.
  var attributeColumnsEver: Int { 2 * attributeColumns }
  var eventColumnsEver: Int { 2 * eventColumns }

  package init() {}
}

extension EventDefinition.Trigger {
  /// Whether the newest event of each wallet has to be kept for it.
  fileprivate var hasColumn: Bool {
    switch self {
    case .recorded, .payment: true
    case .opened, .firstPayment: false
    }
  }
}

/// The owner of each wallet, as a dense number: 4 bytes a wallet, 40 an owner.
struct OwnerTable: Sendable, Equatable {
  private var numbers: [OwnerID: Int32] = [:]
  private var numberBySlot: [Int32] = []

  mutating func file(_ slot: Int, of owner: OwnerID?) {
    guard let owner else { return }
    if numberBySlot.count <= slot {
      numberBySlot.append(contentsOf: repeatElement(-1, count: slot + 1 - numberBySlot.count))
    }
    let number = numbers[owner] ?? Int32(numbers.count)
    numbers[owner] = number
    numberBySlot[slot] = number
  }

  func number(of slot: Int) -> Int? {
    guard slot < numberBySlot.count, numberBySlot[slot] >= 0 else { return nil }
    return Int(numberBySlot[slot])
  }
}
