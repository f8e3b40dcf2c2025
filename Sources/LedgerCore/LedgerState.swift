public import LedgerModel
public import LedgerPolicy

/// The ledger: a pure function of its log.
///
/// One owner, one thread. There is no clock, randomness, I/O or suspension in here, so the same
/// orders at the same times give the same state on every machine. The path of one batch:
/// ``begin(at:)``, then for each submission ``admit(_:)`` and, instruction by instruction,
/// ``apply(_:in:)``.
public struct LedgerState: Sendable {
  public let genesis: Genesis
  public let id: LedgerID
  /// Of the batch in hand, or of the last one.
  public internal(set) var time: LedgerTime
  /// Of the entry that comes next.
  public internal(set) var nextSequence: SequenceNumber

  /// In order of genesis, with their running totals.
  public internal(set) var currencies: [CurrencyState]
  /// In order of admission; a participant's index never changes.
  public internal(set) var participants: [ParticipantState]
  /// In order of opening; an account's slot never changes, closed ones stay.
  public internal(set) var accounts: [AccountState]
  /// Tier names in order of first use; accounts hold the index.
  public internal(set) var tiers: [Tier]
  public internal(set) var keys: KeyRegistry

  var slots = SlotTable()
  var indexByParticipant: [ParticipantID: Int32]
  var indexByTier: [Tier: UInt16]
  /// RTGS references are unique for ever, so they are never forgotten.
  var rtgsReferences: Set<RTGSReference>
  var liveIDs: LiveIDs
  /// What ``locate(_:of:_:)`` read, for nobody.
  var locatingTrace: UInt64 = 0
  var sequencedSubmissions: SequencedSubmissions

  /// Creates the state after entry 0.
  ///
  /// - Parameters:
  ///   - genesis: Valid: ``Genesis/validate()`` did not throw.
  ///   - id: The leaf hash of entry 0.
  ///   - time: Of entry 0.
  public init(genesis: Genesis, id: LedgerID, at time: LedgerTime) {
    self.genesis = genesis
    self.id = id
    self.time = time
    self.nextSequence = SequenceNumber.genesis.next
    self.currencies = []
    self.participants = []
    self.accounts = []
    self.tiers = []
    self.keys = KeyRegistry()
    self.indexByParticipant = [:]
    self.indexByTier = [:]
    self.rtgsReferences = []
    self.liveIDs = LiveIDs(at: time)
    self.sequencedSubmissions = SequencedSubmissions(at: time)
    for currency in genesis.currencies {
      let slot = open(
        AccountState(
          id: currency.issuanceAccount, kind: .issuance, participant: nil,
          currency: currencies.count))
      currencies.append(CurrencyState(currency: currency, issuanceSlot: slot))
    }
    for officer in genesis.officers { keys.add(officer.key, to: .issuer, from: time, until: nil) }
    for holder in genesis.recovery { keys.add(holder.key, to: .recovery, from: time, until: nil) }
  }

  /// Starts a batch: all its entries bear `time`.
  ///
  /// - Precondition: `time` is after the last batch's.
  /// - Complexity: O(ids and statements that expire), amortised one each.
  public mutating func begin(at time: LedgerTime) {
    precondition(time > self.time, "ledger time \(time) is not after \(self.time)")
    self.time = time
    liveIDs.forget(before: time)
    sequencedSubmissions.forget(before: time)
    for index in currencies.indices { currencies[index].policy.advance(to: time) }
  }

  /// Places an entry that only lets ledger time pass.
  public mutating func tick() -> SequenceNumber { takeSequence() }

  /// Ids that are remembered now.
  public var liveIDCount: Int { liveIDs.count }

  /// Ids of one party that are remembered now.
  package func liveIDCount(of party: Party) -> Int {
    liveIDs.count(of: PartyNumber(party, participant: participantIndex(of: party)))
  }

  /// Returns the account, or `nil` where there is none.
  public func account(_ id: AccountID) -> AccountState? {
    slot(of: id).map { accounts[$0] }
  }

  /// Returns the account's slot, or `nil` where there is none.
  public func slot(of id: AccountID) -> Int? { slots.slot(of: id, in: accounts) }

  /// Returns the participant, or `nil` where there is none.
  public func participant(_ id: ParticipantID) -> ParticipantState? {
    indexByParticipant[id].map { participants[Int($0)] }
  }

  mutating func takeSequence() -> SequenceNumber {
    defer { nextSequence = nextSequence.next }
    return nextSequence
  }

  /// Files a new account, and returns its slot.
  mutating func open(_ account: AccountState) -> Int {
    precondition(slot(of: account.id) == nil, "account \(account.id) is filed twice")
    let slot = accounts.count
    accounts.append(account)
    slots.file(slot, of: accounts)
    return slot
  }

  /// Returns the index of a tier's name, which is new the first time.
  mutating func intern(_ tier: Tier) -> UInt16 {
    if let index = indexByTier[tier] { return index }
    let index = UInt16(tiers.count)
    tiers.append(tier)
    indexByTier[tier] = index
    for currency in currencies.indices {
      currencies[currency].policyTiers.append(currencies[currency].policy.tierIndex(of: tier))
    }
    return index
  }
}

/// One currency, its rules and its running totals.
public struct CurrencyState: Sendable {
  public let currency: Currency
  public let issuanceSlot: Int
  /// Minor units, since genesis.
  public internal(set) var issued: Int128 = 0
  public internal(set) var redeemed: Int128 = 0
  /// What all accounts but the issuance account hold: kept posting by posting, so that it checks
  /// `issued - redeemed` rather than repeating it.
  public internal(set) var held: Int128 = 0
  /// The limits on this currency, and what was used of them.
  public internal(set) var policy = PolicyEngine()
  /// By index into ``LedgerState/tiers``: the tier's index in the active rule set, if it has one.
  var policyTiers: [Int?] = []

  /// What is outstanding, in minor units.
  public var outstanding: Int128 { issued - redeemed }
}

/// An institution admitted to hold accounts.
public struct ParticipantState: Hashable, Sendable {
  public let id: ParticipantID
  public let name: ParticipantName
  public let admitted: SequenceNumber
  public internal(set) var isSuspended = false
  /// Of its settlement accounts; `nil` where they are not frozen.
  public internal(set) var freeze: FrozenCredits?
  /// By index of currency.
  public internal(set) var settlementSlots: [Int?]
}
