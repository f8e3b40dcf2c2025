import LedgerCore
import LedgerLog
import LedgerModel
import LedgerPolicy
import LedgerStorage
import LedgerWire
import MerkleLog
import Synchronization

/// What everyone outside sees: the ledger as its durable log has it, and never a batch further.
///
/// The writer advances it batch by batch; readers take the lock for moments, and copy nothing
/// large.
final class DurableView: Sendable {
  /// The durable log's tree; a copy shares all complete tiles.
  struct Head: Sendable {
    let tree: MerkleTree
    let time: LedgerTime
  }

  struct State: Sendable {
    var tree: MerkleTree
    var runningHashes: [Digest]
    var time: LedgerTime
    /// By slot.
    var accounts: [AccountState] = []
    var slots = SlotTable()
    var participants: [ParticipantState] = []
    var tiers: [Tier] = []
    var keys: KeyRegistry
    var certificates: CertificateRegistry
    var money: [CurrencyMoney]
    /// What time alone changed under stamps that are in no log yet.
    var changesToShow: [StateChange] = []
    var unindexed: UnindexedIDs
    var checkpoint: Note?
    var checkpointSize: UInt64 = 0
    /// When it was signed.
    var checkpointTime: LedgerTime?
    /// With its cosignatures, where the ledger has witnesses.
    var published: Note?
    /// What was read ahead, for nobody.
    var accountTrace: UInt64 = 0
  }

  /// A currency's running totals.
  struct CurrencyMoney: Sendable {
    var issued: Int128 = 0
    var redeemed: Int128 = 0
    /// By participant's index.
    var settlement: [Int128] = []
    var wallets: [Int128] = []
    var rules: [RuleSetStanding]
  }

  let genesis: Genesis
  let id: LedgerID
  let store: any LedgerStore
  let index: any LogIndex
  let limits: ServiceLimits
  /// Whether what is published needs cosignatures.
  let isWitnessed: Bool
  private let state: Mutex<State>
  private let outcomes = OutcomeCounts()

  /// Creates the view of a log that was replayed so far, all of it durable.
  init(
    ledger: LedgerState, log: LogWriter, unindexed: UnindexedIDs, store: any LedgerStore,
    index: any LogIndex, limits: ServiceLimits, isWitnessed: Bool = false
  ) {
    genesis = ledger.genesis
    id = ledger.id
    self.store = store
    self.index = index
    self.limits = limits
    self.isWitnessed = isWitnessed
    var state = State(
      tree: log.tree, runningHashes: log.runningHashes, time: ledger.time,
      participants: ledger.participants, tiers: ledger.tiers, keys: ledger.keys,
      certificates: ledger.certificates,
      money: ledger.currencies.map { CurrencyMoney($0, of: ledger) },
      unindexed: unindexed)
    for (slot, account) in ledger.accounts.enumerated() { state.file(account, at: slot) }
    self.state = Mutex(state)
  }

  func withState<Result: Sendable>(_ body: (State) -> Result) -> Result {
    state.withLock { body($0) }
  }

  /// Which stages have something to do after a batch; the others are left asleep.
  struct News: Sendable {
    static let all = News(isFirstSinceCheckpoint: true, isIndexBatchFull: true)

    let isFirstSinceCheckpoint: Bool
    let isIndexBatchFull: Bool
  }

  /// Shows a durable batch.
  @discardableResult
  func advance(_ durable: BatchInFlight, as written: WrittenBatch) -> News {
    let batch = durable.batch
    defer { outcomes.count(batch) }
    return state.withLock { state in
      let isFirst = state.tree.size <= state.checkpointSize
      state.changesToShow += batch.changes
      // A batch without entries has let no time pass: its stamp is in no log.
      guard batch.entryCount > 0 else {
        return News(isFirstSinceCheckpoint: false, isIndexBatchFull: false)
      }
      state.tree = written.tree
      state.time = batch.time
      if let keys = durable.keys { state.keys = keys }
      if let certificates = durable.certificates { state.certificates = certificates }
      state.tiers = durable.tiers
      state.unindexed.append(
        batch, reaching: IndexReach(entryCount: written.tree.size, head: Bytes32(written.head)))
      for change in state.changesToShow { state.show(change) }
      state.changesToShow = []
      var hashes = written.runningHashes[...]
      for case .submission(let sequenced) in batch.records {
        state.show(sequenced, runningHashes: &hashes)
      }
      precondition(hashes.isEmpty, "\(hashes.count) effects were written and not shown")
      return News(
        isFirstSinceCheckpoint: isFirst,
        isIndexBatchFull: state.unindexed.count >= limits.indexBatchMax)
    }
  }

  var head: Head { state.withLock { Head(tree: $0.tree, time: $0.time) } }

  var checkpointSize: UInt64 { state.withLock { $0.checkpointSize } }

  func publish(_ note: Note, of size: UInt64, at now: LedgerTime) {
    state.withLock { state in
      state.checkpointTime = now
      state.checkpoint = note
      state.checkpointSize = size
    }
  }

  /// Shows a checkpoint that enough witnesses have cosigned.
  func publish(cosigned note: Note) { state.withLock { $0.published = note } }

  /// The next ids for the index.
  var unindexed: [UnindexedIDs.Chunk] { state.withLock { $0.unindexed.first } }

  /// The index has taken the chunks that came first.
  func indexed(_ chunks: [UnindexedIDs.Chunk]) {
    state.withLock { $0.unindexed.remove(chunks) }
  }

  /// Whether so many ids wait for the index that no more may come.
  var isIndexFarBehind: Bool {
    state.withLock { $0.unindexed.count >= limits.unindexedInstructionsMax }
  }
}

extension DurableView.CurrencyMoney {
  /// - Complexity: O(accounts).
  fileprivate init(_ currency: CurrencyState, of ledger: LedgerState) {
    issued = currency.issued
    redeemed = currency.redeemed
    settlement = [Int128](repeating: 0, count: ledger.participants.count)
    wallets = settlement
    rules = currency.policy.standing
    for account in ledger.accounts where account.currency == ledger.index(of: currency) {
      guard let participant = account.participant else { continue }
      let balance = Int128(account.balance.minorUnits)
      switch account.kind {
      case .settlement: settlement[participant] += balance
      case .wallet: wallets[participant] += balance
      case .issuance: break
      }
    }
  }
}

extension LedgerState {
  fileprivate func index(of currency: CurrencyState) -> Int {
    accounts[currency.issuanceSlot].currency
  }
}

extension DurableView.State {
  fileprivate mutating func file(_ account: AccountState, at slot: Int) {
    if slot < accounts.count {
      accounts[slot] = account
      return
    }
    precondition(slot == accounts.count, "account \(account.id) skips a slot")
    accounts.append(account)
    slots.file(slot, of: accounts)
  }

  fileprivate mutating func show(
    _ sequenced: SequencedSubmission, runningHashes hashes: inout ArraySlice<Digest>
  ) {
    for index in sequenced.applied.indices {
      if index.isMultiple(of: Self.readAheadMax) {
        readAccounts(of: sequenced.applied[index...].prefix(Self.readAheadMax))
      }
      let applied = sequenced.applied[index]
      guard applied.outcome.isAccepted else { continue }
      for change in applied.changes { show(change) }
      if let effect = applied.debit { move(effect, at: applied.sequence, &hashes) }
      if let effect = applied.credit { move(effect, at: applied.sequence, &hashes) }
      for effect in applied.cascade { move(effect, at: applied.sequence, &hashes) }
      switch sequenced.submission.instructions[index].instruction.operation {
      case .issue(let order): count(order.payee, Int128(order.amount)) { $0.issued += $1 }
      case .redeem(let order): count(order.payer, Int128(order.amount)) { $0.redeemed += $1 }
      default: break
      }
    }
  }

  private static var readAheadMax: Int { 128 }

  /// Reads the accounts that are about to change in one loop, so that the memory of many is under
  /// way at once: see `LedgerState.locate`.
  private mutating func readAccounts(of applied: ArraySlice<Applied>) {
    var trace: UInt64 = 0
    for index in applied.indices {
      if let slot = applied[index].debit?.slot, slot < runningHashes.count {
        trace &+= accounts[slot].entryCount &+ runningHashes[slot].bigEndianWords.0
      }
      if let slot = applied[index].credit?.slot, slot < runningHashes.count {
        trace &+= accounts[slot].entryCount &+ runningHashes[slot].bigEndianWords.0
      }
    }
    accountTrace = trace
  }

  fileprivate mutating func show(_ change: StateChange) {
    switch change {
    case .account(let slot, let account): file(account, at: slot)
    case .participant(let index, let participant):
      if index < participants.count {
        participants[index] = participant
        return
      }
      participants.append(participant)
      for currency in money.indices {
        money[currency].settlement.append(0)
        money[currency].wallets.append(0)
      }
    case .keys, .certificates: break  // The batch brings the whole registry.
    case .rules(let currency, let standing): money[currency].rules = standing
    }
  }

  private mutating func count(
    _ account: AccountID, _ amount: Int128,
    _ add: (inout DurableView.CurrencyMoney, Int128) -> Void
  ) {
    guard let slot = slots.slot(of: account, in: accounts) else { return }
    add(&money[accounts[slot].currency], amount)
  }

  private mutating func move(
    _ effect: AccountEffect, at sequence: SequenceNumber, _ hashes: inout ArraySlice<Digest>
  ) {
    let slot = effect.slot
    let change =
      Int128(effect.posting.balance.minorUnits) - Int128(accounts[slot].balance.minorUnits)
    accounts[slot].post(effect.posting.balance, at: sequence)
    while runningHashes.count <= slot { runningHashes.append(.zero) }
    runningHashes[slot] = hashes.removeFirst()
    guard let participant = accounts[slot].participant else { return }
    let currency = accounts[slot].currency
    switch accounts[slot].kind {
    case .settlement: money[currency].settlement[participant] += change
    case .wallet: money[currency].wallets[participant] += change
    case .issuance: break
    }
  }
}
