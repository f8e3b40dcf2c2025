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
  public internal(set) var certificates = CertificateRegistry()

  var slots = SlotTable()
  var indexByParticipant: [ParticipantID: Int32]
  var indexByTier: [Tier: UInt16]
  var rtgsReferences = UsedReferences()
  /// What each participant has of what is shared out, by its index.
  var shares: [ParticipantShare] = []
  /// Tiers that participants brought in where no rules named them.
  var freeTierCount = 0
  /// Where waterfalls send what a wallet may not hold, and draw what it lacks, by its slot.
  var links: [Int32: Int32] = [:]
  let bounds: StateBounds
  var liveIDs: LiveIDs
  /// What ``locate(_:of:_:)`` read, for nobody.
  var locatingTrace: UInt64 = 0
  var sequencedSubmissions: SequencedSubmissions
  /// `nil` where the genesis has no schedule of commitments.
  var commitmentTimes: CommitmentTimes?
  /// Whether the batch in hand begins with a commitment: see ``commit()``.
  public internal(set) var isCommitmentDue = false

  /// Creates the state after entry 0.
  ///
  /// - Parameters:
  ///   - genesis: Valid: ``Genesis/validate()`` did not throw.
  ///   - id: The leaf hash of entry 0.
  ///   - time: Of entry 0.
  public init(genesis: Genesis, id: LedgerID, at time: LedgerTime) {
    self.init(genesis: genesis, id: id, at: time, bounds: .standard)
  }

  /// Creates the same with other bounds, so that a test can reach them.
  package init(genesis: Genesis, id: LedgerID, at time: LedgerTime, bounds: StateBounds) {
    self.bounds = bounds
    self.genesis = genesis
    self.id = id
    self.time = time
    self.nextSequence = SequenceNumber.genesis.next
    self.currencies = []
    self.participants = []
    self.accounts = []
    self.tiers = []
    self.keys = KeyRegistry(genesis, at: time)
    self.indexByParticipant = [:]
    self.indexByTier = [:]
    self.liveIDs = LiveIDs(at: time)
    self.sequencedSubmissions = SequencedSubmissions(at: time)
    commitmentTimes = genesis.parameters.commitments.map { CommitmentTimes($0, from: time) }
    for currency in genesis.currencies {
      let slot = open(
        AccountState(
          id: currency.issuanceAccount, kind: .issuance, participant: nil,
          currency: currencies.count))
      currencies.append(CurrencyState(currency: currency, issuanceSlot: slot))
    }
  }

  /// Starts a batch: all its entries bear `time`.
  ///
  /// Where ``isCommitmentDue`` holds then, ``commit()`` comes before all else.
  ///
  /// - Precondition: `time` is after the last batch's.
  /// - Returns: What time alone has changed: rules that came into force.
  /// - Complexity: O(ids and statements that expire), amortised one each.
  @discardableResult
  public mutating func begin(at time: LedgerTime) -> [StateChange] {
    precondition(time > self.time, "ledger time \(time) is not after \(self.time)")
    self.time = time
    liveIDs.forget(before: time)
    sequencedSubmissions.forget(before: time)
    isCommitmentDue = isCommitmentDue(at: time)
    var changes: [StateChange] = []
    for index in currencies.indices {
      let begun = currencies[index].policy.advance(
        to: time, over: Self.policyAccounts(accounts, currency: index))
      if !begun.isEmpty {
        changes.append(.rules(currency: index, currencies[index].policy.standing))
      }
    }
    return changes
  }

  /// Places an entry that only lets ledger time pass.
  public mutating func tick() -> SequenceNumber {
    checkNoCommitmentIsDue()
    return takeSequence()
  }

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
    if let known = account.asRulesSeeIt, account.currency < currencies.count {
      currencies[account.currency].policy.open(slot: slot, known)
    }
    return slot
  }

  /// Returns the index of a tier's name, which is new the first time.
  mutating func intern(_ tier: Tier) -> UInt16 {
    if let index = indexByTier[tier] { return index }
    precondition(tiers.count < Limits.tiersPerLedgerMax, "the tier after \(tiers.count) is none")
    let index = UInt16(tiers.count)
    tiers.append(tier)
    indexByTier[tier] = index
    for currency in currencies.indices { currencies[currency].policy.nameTier(tier) }
    return index
  }
}

/// What one participant has of what all share.
struct ParticipantShare: Sendable {
  /// Opened ever, settlement accounts included.
  var accounts: Int
  /// Tiers that it brought in where no rules named them.
  var freeTiers = 0
}

/// The bounds of ``Limits`` that no test could reach as they are.
package struct StateBounds: Sendable {
  package static let standard = StateBounds(
    accountsPerParticipant: Limits.accountsPerParticipantMax,
    rtgsReferencesPerParty: Limits.rtgsReferencesPerPartyMax)

  package let accountsPerParticipant: Int
  package let rtgsReferencesPerParty: Int

  package init(accountsPerParticipant: Int, rtgsReferencesPerParty: Int) {
    self.accountsPerParticipant = accountsPerParticipant
    self.rtgsReferencesPerParty = rtgsReferencesPerParty
  }
}

/// The RTGS references that each party has used: the issuer to issue, a participant to redeem.
///
/// Each is unique for its party for ever, so none is forgotten; apart, so that no party can use up
/// another's.
struct UsedReferences: Sendable {
  /// By the party's number.
  private var lanes: [Set<RTGSReference>] = []

  func contains(_ reference: RTGSReference, of party: PartyNumber) -> Bool {
    party.value < lanes.count && lanes[party.value].contains(reference)
  }

  func count(of party: PartyNumber) -> Int {
    party.value < lanes.count ? lanes[party.value].count : 0
  }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(lanes.count)
    for lane in lanes {
      snapshot.write(lane.count)
      for text in lane.map(\.text).sorted() { snapshot.write(text) }
    }
  }

  init() {}

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    for _ in 0..<(try snapshot.count(max: Limits.participantsMax + 2)) {
      var lane: Set<RTGSReference> = []
      for _ in 0..<(try snapshot.count(max: .max)) {
        lane.insert(RTGSReference(unchecked: try snapshot.text()))
      }
      lanes.append(lane)
    }
  }

  mutating func insert(_ reference: RTGSReference, of party: PartyNumber) {
    while lanes.count <= party.value { lanes.append([]) }
    lanes[party.value].insert(reference)
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
  public internal(set) var policy: PolicyEngine

  init(currency: Currency, issuanceSlot: Int) {
    self.currency = currency
    self.issuanceSlot = issuanceSlot
    policy = PolicyEngine(currency: currency.code)
  }

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
