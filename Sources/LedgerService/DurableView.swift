import LedgerCore
import LedgerLog
import LedgerModel
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
    /// By slot; balance, count and newest entry are in `movements`.
    var accounts: [AccountState] = []
    var movements: [Movement] = []
    var slotByAccount: [AccountID: Int] = [:]
    var participants: [ParticipantState] = []
    var tiers: [Tier] = []
    var keys: KeyRegistry
    var money: [CurrencyMoney]
    /// Ids that the index does not cover yet, and the same in log order.
    var recent: [InstructionID: [IndexedInstruction]] = [:]
    var unindexed: [IndexedInstruction] = []
    var indexedSize: UInt64
    var checkpoint: Note?
    var checkpointSize: UInt64 = 0
  }

  /// What an account's entries have come to.
  struct Movement: Sendable {
    var balance: Balance = .zero
    var entryCount: UInt64 = 0
    var lastSequence: SequenceNumber?
  }

  /// A currency's running totals.
  struct CurrencyMoney: Sendable {
    var issued: Int128 = 0
    var redeemed: Int128 = 0
    /// By participant's index.
    var settlement: [Int128] = []
    var wallets: [Int128] = []
    var rules: RuleSetReading?
  }

  let genesis: Genesis
  let id: LedgerID
  let store: any LedgerStore
  let index: any InstructionIndex
  let limits: ServiceLimits
  private let state: Mutex<State>

  /// Creates the view of a log that has its genesis alone.
  init(
    ledger: LedgerState, log: LogWriter, store: any LedgerStore, index: any InstructionIndex,
    indexedSize: UInt64, limits: ServiceLimits
  ) {
    genesis = ledger.genesis
    id = ledger.id
    self.store = store
    self.index = index
    self.limits = limits
    var state = State(
      tree: log.tree, runningHashes: log.runningHashes, time: ledger.time, keys: ledger.keys,
      money: ledger.currencies.map { _ in CurrencyMoney() }, indexedSize: max(1, indexedSize))
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
  func advance(_ durable: BatchInFlight, log: LogWriter) -> News {
    state.withLock { state in
      let isFirst = state.tree.size <= state.checkpointSize
      state.tree = log.tree
      state.time = max(state.time, durable.batch.time)
      if let keys = durable.keys { state.keys = keys }
      state.tiers = durable.tiers
      for (offset, record) in durable.batch.records.enumerated() {
        guard case .instruction(let verified, let applied, let party) = record else { continue }
        state.apply(verified.instruction.operation, applied)
        for effect in [applied.debit, applied.credit] {
          if let effect { state.setRunningHash(log.runningHashes[effect.slot], of: effect.slot) }
        }
        let sequence = SequenceNumber(durable.batch.first.value + UInt64(offset))
        if sequence.value >= state.indexedSize, applied.outcome.isFirstUse {
          state.remember(
            IndexedInstruction(party: party, id: verified.instruction.id, sequence: sequence))
        }
      }
      return News(
        isFirstSinceCheckpoint: isFirst,
        isIndexBatchFull: state.unindexed.count >= limits.indexBatchMax)
    }
  }

  var head: Head { state.withLock { Head(tree: $0.tree, time: $0.time) } }

  var checkpointSize: UInt64 { state.withLock { $0.checkpointSize } }

  func publish(_ note: Note, of size: UInt64) {
    state.withLock { state in
      state.checkpoint = note
      state.checkpointSize = size
    }
  }

  /// The next ids for the index, in log order, and how far it reaches with them.
  func unindexed(max: Int) -> (instructions: [IndexedInstruction], coveringUpTo: UInt64) {
    state.withLock { state in
      let instructions = Array(state.unindexed.prefix(max))
      let isAll = instructions.count == state.unindexed.count
      let last = instructions.last.map { $0.sequence.value + 1 } ?? state.indexedSize
      return (instructions, isAll ? Swift.max(last, state.tree.size) : last)
    }
  }

  /// The index has taken the next `count` ids.
  func indexed(_ count: Int, coveringUpTo: UInt64) {
    state.withLock { state in
      for instruction in state.unindexed.prefix(count) {
        state.recent[instruction.id]?.removeAll { $0 == instruction }
        if state.recent[instruction.id]?.isEmpty ?? false { state.recent[instruction.id] = nil }
      }
      state.unindexed.removeFirst(count)
      state.indexedSize = coveringUpTo
    }
  }
}

extension Outcome {
  /// Whether the entry is the one that its id is remembered by: not a copy, and not a refusal that
  /// left the id free.
  fileprivate var isFirstUse: Bool {
    switch self {
    case .accepted: true
    case .rejected(let rejection): !rejection.leavesIDFree
    case .duplicate: false
    }
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
    movements.append(DurableView.Movement())
    slotByAccount[account.id] = slot
  }

  /// Copied hash by hash: a shared array would make the writer copy it whole at each batch.
  fileprivate mutating func setRunningHash(_ hash: Digest, of slot: Int) {
    while runningHashes.count <= slot { runningHashes.append(.zero) }
    runningHashes[slot] = hash
  }

  fileprivate mutating func remember(_ instruction: IndexedInstruction) {
    recent[instruction.id, default: []].append(instruction)
    unindexed.append(instruction)
  }

  fileprivate mutating func apply(_ operation: Operation, _ applied: Applied) {
    guard applied.outcome == .accepted else { return }
    for change in applied.changes {
      switch change {
      case .account(let slot, let account): file(account, at: slot)
      case .participant(let index, let participant):
        if index < participants.count {
          participants[index] = participant
        } else {
          participants.append(participant)
          for currency in money.indices {
            money[currency].settlement.append(0)
            money[currency].wallets.append(0)
          }
        }
      case .keys: break  // The batch brings the whole registry.
      case .ruleSet(let currency, let ruleSet):
        money[currency].rules = RuleSetReading(
          pack: ruleSet.pack, version: ruleSet.version, sourceDigest: ruleSet.sourceDigest)
      }
    }
    if let effect = applied.debit { move(effect, at: applied.sequence) }
    if let effect = applied.credit { move(effect, at: applied.sequence) }
    switch operation {
    case .issue(let order): count(order.payee, Int128(order.amount)) { $0.issued += $1 }
    case .redeem(let order): count(order.payer, Int128(order.amount)) { $0.redeemed += $1 }
    default: break
    }
  }

  private mutating func count(
    _ account: AccountID, _ amount: Int128,
    _ add: (inout DurableView.CurrencyMoney, Int128) -> Void
  ) {
    guard let slot = slotByAccount[account] else { return }
    add(&money[accounts[slot].currency], amount)
  }

  private mutating func move(_ effect: AccountEffect, at sequence: SequenceNumber) {
    let account = accounts[effect.slot]
    let change =
      Int128(effect.posting.balance.minorUnits)
      - Int128(movements[effect.slot].balance.minorUnits)
    movements[effect.slot].balance = effect.posting.balance
    movements[effect.slot].entryCount += 1
    movements[effect.slot].lastSequence = sequence
    guard let participant = account.participant else { return }
    switch account.kind {
    case .settlement: money[account.currency].settlement[participant] += change
    case .wallet: money[account.currency].wallets[participant] += change
    case .issuance: break
    }
  }
}
