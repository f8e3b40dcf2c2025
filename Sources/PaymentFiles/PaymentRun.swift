package import LedgerModel
import Synchronization

/// The ledger as a run of payments needs it, with whoever signs.
package protocol PaymentLedger: Sendable {
  /// The wall clock.
  var now: LedgerTime { get }

  /// How far back an id of the party may lie.
  var horizonMicroseconds: UInt64 { get }

  /// Chooses an id of now, at random.
  func newID() -> InstructionID

  /// Asks what became of an order; what was executed is proven where the reader may see that.
  func status(of order: Instruction) async throws -> PaymentStatus

  /// Sends orders under one signature, as often as it takes to be answered.
  ///
  /// - Returns: What became of each, in order.
  func send(_ orders: [Instruction]) async throws -> [PaymentDecision]

  /// Waits a little, before what is not known is asked for again.
  func pause() async throws
}

/// What became of an id.
package enum PaymentStatus: Hashable, Sendable {
  case executed(PaymentDecision)
  /// It never was, and never will be: only now may the payment be ordered under a new id.
  case neverExecuted
  case notYetKnown
}

/// Takes the payments of a journal to their outcomes: each is made once, wherever this or an
/// earlier run was cut off.
///
/// 1. What has an outcome is done, and a refusal is an outcome.
/// 2. Of every other order that may have been sent the ledger is asked first. What was executed is
///    kept; what is ``PaymentStatus/neverExecuted`` gets a new id, which the journal has before it
///    is sent.
/// 3. What is ``PaymentStatus/notYetKnown`` is sent again under its own id while the ledger still
///    takes that, which executes it at most once; afterwards it is asked for again.
///
/// - Source: docs/formats/payment-journal.md.
package final class PaymentRun: Sendable {
  /// How payments are sent, and for how long what is not known is asked for.
  package struct Options: Sendable {
    /// Payments of one submission.
    package var partRows = 1_000
    /// Pauses after which nothing more has become known, before what is open is left open.
    package var idlePausesMax = 180
    /// Orders of which the ledger is asked at once, and which are then kept at once.
    package var askedAtOnceMax = PaymentFileLimits.askedAtOnceMax

    package init() {}
  }

  /// Sent again under its own id, an order needs as long until that is too old.
  private static let marginMicroseconds: UInt64 = 60_000_000

  private let ledger: any PaymentLedger
  private let options: Options
  private let write: @Sendable ([UInt8]) throws -> Void
  private let onProgress: @Sendable (PaymentCounts) -> Void
  private let journal: Mutex<PaymentJournal>
  /// Whether no order of the journal was ever sent.
  private let isNew: Bool

  /// - Parameters:
  ///   - journal: As the disk has it.
  ///   - isNew: Whether it was begun just now, and nothing of it was sent.
  ///   - ledger: Where the payments are made.
  ///   - options: How.
  ///   - write: Adds lines to the journal on the disk, durably.
  ///   - onProgress: Told of how far it is; called on any task.
  package init(
    _ journal: PaymentJournal, isNew: Bool, on ledger: any PaymentLedger,
    options: Options = Options(), write: @escaping @Sendable ([UInt8]) throws -> Void,
    onProgress: @escaping @Sendable (PaymentCounts) -> Void = { _ in }
  ) {
    self.journal = Mutex(journal)
    self.isNew = isNew
    self.ledger = ledger
    self.options = options
    self.write = write
    self.onProgress = onProgress
  }

  /// The journal as the disk has it now; from any thread.
  package var current: PaymentJournal { journal.withLock { $0 } }

  /// Asks, issues anew and sends, until nothing is open or nothing more comes of it.
  ///
  /// - Throws: What the ledger or the disk throws: all that was known before is in the journal, and
  ///   the next run goes on from there.
  package func finish() async throws {
    // Those that may be sent without asking first: they never were, or are executed at most once.
    var sendable = isNew ? Set(openIndices) : []
    var idlePauses = 0
    while true {
      let before = openIndices
      guard !before.isEmpty else { return }
      try await ask(before.filter { !sendable.contains($0) }, &sendable)
      try await send(openIndices.filter { sendable.contains($0) }, &sendable)
      let openCount = current.counts.open
      guard openCount > 0 else { return }
      idlePauses = openCount < before.count ? 0 : idlePauses + 1
      guard idlePauses <= options.idlePausesMax else { return }
      try await ledger.pause()
    }
  }

  private var openIndices: [Int] {
    journal.withLock { journal in journal.payments.indices.filter { journal.isOpen($0) } }
  }

  /// Finds out what became of orders that may have been sent.
  private func ask(_ indices: [Int], _ sendable: inout Set<Int>) async throws {
    var never: [Int] = []
    for start in stride(from: 0, to: indices.count, by: options.askedAtOnceMax) {
      let part = indices[start..<min(start + options.askedAtOnceMax, indices.count)]
      var decisions: [(index: Int, decision: PaymentDecision)] = []
      for (index, status) in try await statuses(of: Array(part)) {
        switch status {
        case .executed(let decision): decisions.append((index, decision))
        case .neverExecuted: never.append(index)
        case .notYetKnown: if isTaken(index) { sendable.insert(index) }
        }
      }
      try decide(decisions)
    }
    guard !never.isEmpty else { return }
    try journal.withLock { journal in
      try journal.issueAnew(never, newID: ledger.newID, write)
    }
    sendable.formUnion(never)
  }

  private func statuses(of indices: [Int]) async throws -> [(Int, PaymentStatus)] {
    let orders = journal.withLock { journal in indices.map { journal.payments[$0].order } }
    return try await withThrowingTaskGroup(of: (Int, PaymentStatus).self) { group in
      for (index, order) in zip(indices, orders) {
        group.addTask { [ledger] in (index, try await ledger.status(of: order)) }
      }
      var statuses: [(Int, PaymentStatus)] = []
      for try await status in group { statuses.append(status) }
      // As the file has them, so that a journal does not depend on which answer came first.
      return statuses.sorted { $0.0 < $1.0 }
    }
  }

  /// Sends orders that the journal has, in parts, each under one signature, one after the other.
  private func send(_ indices: [Int], _ sendable: inout Set<Int>) async throws {
    for start in stride(from: 0, to: indices.count, by: options.partRows) {
      var part = Array(indices[start..<min(start + options.partRows, indices.count)])
      sendable.subtract(part)
      // Those that grew old meanwhile are asked for instead.
      part.removeAll { !isTaken($0) }
      guard !part.isEmpty else { continue }
      let orders = journal.withLock { journal in part.map { journal.payments[$0].order } }
      let decisions = try await ledger.send(orders)
      precondition(decisions.count == part.count, "\(decisions.count) of \(part.count) outcomes")
      try decide(zip(part, decisions).filter { !$0.1.leavesIDOpen }.map { ($0, $1) })
    }
  }

  private func decide(_ decisions: [(index: Int, decision: PaymentDecision)]) throws {
    let counts = try journal.withLock { journal in
      try journal.decide(decisions, write)
      return journal.counts
    }
    onProgress(counts)
  }

  /// Whether the ledger still takes an order under its id, and so executes it once at most.
  private func isTaken(_ index: Int) -> Bool {
    let id = journal.withLock { $0.payments[index].order.id }
    return ledger.now.microseconds + Self.marginMicroseconds
      < id.time.microseconds + ledger.horizonMicroseconds
  }
}

extension PaymentJournal {
  fileprivate func isOpen(_ index: Int) -> Bool { payments[index].decision == nil }
}
