import LedgerModel
import LedgerService
import LedgerStorage
import Synchronization

/// One webhook while the server runs: what is kept of it, and how it stands.
///
/// Its owner changes it on one side, its courier moves it on the other; what the courier began
/// before a change counts for nothing after it.
final class Webhook: Sendable {
  /// How delivery stands.
  enum Standing: Hashable, Sendable {
    case delivering
    /// The last try failed; the next is then, by the wall clock.
    case retrying(at: LedgerTime)
    /// The next event was refused, and there is no room for it among the dead letters.
    case deadLettersFull(retryAt: LedgerTime)
    /// Its owner reads nothing now, or not that account.
    case noAccess
    /// The server's operator does not permit its host any more.
    case hostNotPermitted

    /// What it is called on the wire.
    enum Name: String, CaseIterable {
      case delivering
      case retrying
      case deadLettersFull = "dead_letters_full"
      case noAccess = "no_access"
      case hostNotPermitted = "host_not_permitted"
    }

    var name: Name {
      switch self {
      case .delivering: .delivering
      case .retrying: .retrying
      case .deadLettersFull: .deadLettersFull
      case .noAccess: .noAccess
      case .hostNotPermitted: .hostNotPermitted
      }
    }

    /// When the next try is.
    var retryTime: LedgerTime? {
      switch self {
      case .retrying(let time), .deadLettersFull(let time): time
      case .delivering, .noAccess, .hostNotPermitted: nil
      }
    }
  }

  /// What the courier goes by, as of one change.
  struct Plan: Sendable {
    let kept: KeptWebhook
    let revision: UInt64
    /// In a row, so far.
    let failures: Int
  }

  private struct State {
    var kept: KeptWebhook
    var revision: UInt64 = 0
    var isRemoved = false
    var standing = Standing.delivering
    /// Failures in a row.
    var failures = 0
    var lastAnswer: (words: String, time: LedgerTime)?
    var lastDelivery: LedgerTime?
    /// How far the log was gone through; the kept position trails where nothing was found.
    var reach: SequenceNumber
    /// When the first event happened that the receiver does not have; `nil` where none is known.
    var oldestUndelivered: LedgerTime?
    /// Whether there was nothing left to send when it was last looked.
    var isCaughtUp = false
    var deadLetterCount: Int
    /// Whether dead letters may wait to be sent again.
    var mayHaveDue = true
  }

  let id: WebhookID
  /// One for each time that there may be something to do; they end with the webhook.
  let wakes: AsyncStream<Void>

  private let wake: AsyncStream<Void>.Continuation
  private let store: any WebhookStore
  private let state: Mutex<State>

  init(_ kept: KeptWebhook, deadLetterCount: Int, in store: any WebhookStore) {
    id = kept.id
    self.store = store
    state = Mutex(State(kept: kept, reach: kept.next, deadLetterCount: deadLetterCount))
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  func ring() { wake.yield() }

  // MARK: - The owner's side

  /// Puts another URL and filter in the place of the last; the position stays.
  ///
  /// - Returns: Whether the webhook is there still.
  func change(
    url: String, account: AccountID?, kinds: [String]?
  ) throws(StoreError) -> Bool {
    try amend { state throws(StoreError) in
      state.kept.url = url
      state.kept.account = account
      state.kept.kinds = kinds
    }
    return plan != nil
  }

  /// Sets the position back.
  ///
  /// - Returns: Whether it was not before that entry already.
  func replay(from next: SequenceNumber) throws(StoreError) -> Bool {
    guard state.withLock({ next <= $0.reach }) else { return false }
    try amend { state throws(StoreError) in state.kept.next = next }
    return true
  }

  /// Has the dead letters sent again, from an entry on.
  func resend(from sequence: SequenceNumber) throws(StoreError) {
    try amend { state throws(StoreError) in
      try store.makeDeadLettersDue(of: id, from: sequence)
      state.mayHaveDue = true
    }
  }

  func removeDeadLetters() throws(StoreError) {
    try amend { state throws(StoreError) in
      try store.removeDeadLetters(of: id, at: nil)
      state.deadLetterCount = 0
    }
  }

  func remove() throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      try store.remove(id)
      state.isRemoved = true
    }
    wake.finish()
  }

  /// Changes what is kept, and has the courier begin anew at the kept position.
  private func amend(
    _ body: (inout State) throws(StoreError) -> Void
  ) throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      guard !state.isRemoved else { return }
      var changed = state
      changed.kept.next = state.reach
      try body(&changed)
      if changed.kept != state.kept { try store.keep(changed.kept) }
      changed.revision += 1
      changed.reach = changed.kept.next
      changed.standing = .delivering
      changed.failures = 0
      changed.oldestUndelivered = nil
      changed.isCaughtUp = false
      state = changed
    }
    wake.yield()
  }

  // MARK: - The courier's side

  /// What to do; `nil` once the webhook is removed.
  var plan: Plan? {
    state.withLock { state in
      state.isRemoved
        ? nil : Plan(kept: state.kept, revision: state.revision, failures: state.failures)
    }
  }

  /// Returns the next dead letter that waits to be sent again.
  func dueDeadLetter() throws(StoreError) -> DeadLetter? {
    try state.withLock { state throws(StoreError) in
      guard state.mayHaveDue else { return nil }
      let letter = try store.dueDeadLetter(of: id)
      state.mayHaveDue = letter != nil
      return letter
    }
  }

  /// Events were found, or none up to an entry.
  func found(_ oldest: LedgerTime?, reach: SequenceNumber, isCaughtUp: Bool, _ plan: Plan) {
    state.withLock { state in
      guard state.revision == plan.revision else { return }
      state.oldestUndelivered = oldest
      state.reach = reach
      state.isCaughtUp = isCaughtUp
      if oldest == nil { state.standing = .delivering }
    }
  }

  /// The receiver has all before an entry.
  func delivered(to next: SequenceNumber, _ answer: String, at now: LedgerTime, _ plan: Plan) {
    state.withLock { state in
      guard state.revision == plan.revision else { return }
      state.standing = .delivering
      state.failures = 0
      state.lastAnswer = (answer, now)
      state.lastDelivery = now
      state.oldestUndelivered = nil
      state.reach = next
    }
  }

  /// Says how delivery stands.
  ///
  /// - Returns: Whether it stood otherwise before.
  @discardableResult
  func stands(
    _ standing: Standing, failures: Int, _ answer: (String, LedgerTime)?, _ plan: Plan
  ) -> Bool {
    state.withLock { state in
      guard state.revision == plan.revision else { return false }
      defer { state.standing = standing }
      state.isCaughtUp = false
      state.failures = failures
      if let answer { state.lastAnswer = answer }
      return state.standing.name != standing.name
    }
  }

  /// Keeps how far the webhook has come, where that is further than what is kept by `margin`.
  func keepReach(margin: UInt64 = 1, _ plan: Plan) throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      guard state.revision == plan.revision, !state.isRemoved,
        state.reach.value >= state.kept.next.value + margin
      else { return }
      var kept = state.kept
      kept.next = state.reach
      try store.keep(kept)
      state.kept = kept
    }
  }

  /// Keeps a refused event as a dead letter, and goes on behind it.
  ///
  /// - Returns: Whether there was room; else nothing has changed.
  func bury(
    _ letter: DeadLetter, goingOnWith next: SequenceNumber, max: Int, _ plan: Plan
  ) throws(StoreError) -> Bool {
    try state.withLock { state throws(StoreError) in
      guard state.revision == plan.revision, !state.isRemoved else { return true }
      if state.deadLetterCount >= max {
        // One that was replayed has its place already.
        let kept = try store.deadLetters(of: id, from: letter.sequence, countMax: 1).first
        guard kept?.sequence == letter.sequence else { return false }
      }
      try store.keep(letter, of: id, movingTo: next)
      state.deadLetterCount = try store.deadLetterCount(of: id)
      state.kept.next = next
      state.reach = next
      state.failures = 0
      state.oldestUndelivered = nil
      return true
    }
  }

  /// A dead letter was sent again: it is forgotten, or kept as `left`.
  func settle(
    _ letter: DeadLetter, left: DeadLetter?, _ answer: (String, LedgerTime), _ plan: Plan
  ) throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      guard state.revision == plan.revision, !state.isRemoved else { return }
      if let left {
        try store.keep(left, of: id, movingTo: nil)
      } else {
        try store.removeDeadLetters(of: id, at: letter.sequence)
        state.lastDelivery = answer.1
      }
      state.deadLetterCount = try store.deadLetterCount(of: id)
      state.standing = .delivering
      state.failures = 0
      state.lastAnswer = answer
    }
  }

  // MARK: - Reading

  /// How the webhook stands, beside a log of some size.
  func reading(size: UInt64, at now: LedgerTime) -> WebhookReading {
    state.withLock { state in
      let lagSeconds: Int64? =
        state.isCaughtUp ? 0 : state.oldestUndelivered.map { max(0, now.seconds - $0.seconds) }
      return WebhookReading(
        kept: state.kept, standing: state.standing, failures: state.failures,
        lastAnswer: state.lastAnswer?.words, lastAnswerTime: state.lastAnswer?.time,
        lastDelivery: state.lastDelivery, next: state.reach,
        lagEntries: state.isCaughtUp ? 0 : size - min(size, state.reach.value),
        lagSeconds: lagSeconds, deadLetterCount: state.deadLetterCount, asOf: size)
    }
  }
}

/// How a webhook stands.
struct WebhookReading: Sendable {
  let kept: KeptWebhook
  let standing: Webhook.Standing
  let failures: Int
  let lastAnswer: String?
  let lastAnswerTime: LedgerTime?
  let lastDelivery: LedgerTime?
  /// The entry that it goes on with.
  let next: SequenceNumber
  /// Entries that were not gone through yet for it.
  let lagEntries: UInt64
  /// Since the first event that its receiver does not have; `nil` where that is not known.
  let lagSeconds: Int64?
  let deadLetterCount: Int
  let asOf: UInt64
}
