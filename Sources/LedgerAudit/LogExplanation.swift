package import LedgerCore
import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire

/// What each rule had to say about one payment of a log, or would about one that is not in it.
package struct LogExplanation: Sendable {
  /// Which payment is asked about.
  package enum Question: Sendable {
    case logged(InstructionID)
    /// One that nobody has ordered, at an instant; `nil` for the log's end.
    case hypothetical(Instruction, at: LedgerTime?)
  }

  package let instruction: Instruction
  package let time: LedgerTime
  /// Of the order's entry; `nil` where it is not in the log.
  package let sequence: SequenceNumber?
  /// What became of it; `nil` where it is not in the log.
  package let outcome: Outcome?
  /// `nil` where it moves no money between accounts that exist.
  package let rules: RulesExplanation?
  /// Of the currency that moves; `nil` where none does.
  package let currency: Currency?

  private static let entriesPerLook: UInt64 = 16_384

  /// Explains a payment by replaying the log up to it.
  ///
  /// - Parameters:
  ///   - question: Which payment.
  ///   - store: The log, which no one writes to meanwhile.
  ///   - trust: What the log must be, where it is given.
  ///   - ruleSet: Put in force for the payment, where it is given: its counters live on from those
  ///     in force that measure the same.
  ///   - progress: Called on this thread every few thousand entries.
  /// - Returns: `nil` where the log has no such order.
  /// - Throws: ``HistoryError``.
  /// - Complexity: O(entries up to it).
  package static func explain(
    _ question: Question, store: any LedgerStore, trust: TrustFile?, under ruleSet: RuleSet? = nil,
    progress: (AuditProgress) -> Void = { _ in }
  ) throws(HistoryError) -> LogExplanation? {
    var history = try LogHistory(store, trust: trust)
    defer { history.cancel() }
    let began = history.replay.state.time
    if case .hypothetical(_, let time?) = question, time < began {
      throw .beforeLedger(time, began: began)
    }
    var looks: UInt64 = 0
    while let batch = try history.next() {
      switch question {
      case .logged(let id):
        if let (submission, index) = batch.find(id) {
          return try LogExplanation(submission, index, batch, history.replay.state, ruleSet)
        }
      case .hypothetical(let instruction, let time):
        if let time, batch.time > time {
          return try LogExplanation(instruction, at: time, history.replay.state, ruleSet)
        }
      }
      _ = try history.replay(batch)
      guard history.entriesDone / entriesPerLook > looks else { continue }
      looks = history.entriesDone / entriesPerLook
      progress(history.progress)
    }
    switch question {
    case .logged: return nil
    case .hypothetical(let instruction, let time):
      return try LogExplanation(instruction, at: time, history.replay.state, ruleSet)
    }
  }

  private init(
    _ submission: VerifiedSubmission, _ index: Int, _ batch: LoggedBatch, _ state: LedgerState,
    _ ruleSet: RuleSet?
  ) throws(HistoryError) {
    var state = state
    if batch.time > state.time { state.begin(at: batch.time) }
    guard case .admitted(let admitted) = try? state.admit(submission) else {
      throw .log(LogFault(.authority, at: batch.first, "the submission is not let in"))
    }
    for earlier in submission.instructions[..<index] { _ = state.apply(earlier, in: admitted) }
    if let ruleSet { try state.trying(ruleSet) }
    instruction = submission.instructions[index].instruction
    time = batch.time
    sequence = state.nextSequence
    currency = state.currency(of: instruction)
    rules = state.explain(instruction, signers: admitted.signers)
    outcome = state.apply(submission.instructions[index], in: admitted).outcome
  }

  private init(
    _ instruction: Instruction, at time: LedgerTime?, _ state: LedgerState, _ ruleSet: RuleSet?
  ) throws(HistoryError) {
    var state = state
    if let time, time > state.time { state.begin(at: time) }
    let payment = instruction.operation.movement
    for account in [payment?.payer, payment?.payee].compactMap(\.self)
    where state.account(account) == nil {
      throw .noAccount(account, at: state.time)
    }
    if let ruleSet { try state.trying(ruleSet) }
    self.instruction = instruction
    self.time = state.time
    sequence = nil
    outcome = nil
    currency = state.currency(of: instruction)
    rules = state.explain(instruction, signers: [])
  }
}

extension LedgerState {
  fileprivate mutating func trying(_ ruleSet: RuleSet) throws(HistoryError) {
    do throws(Rejection) { try tryOut(ruleSet) } catch { throw .notTaken(error) }
  }

  fileprivate func currency(of instruction: Instruction) -> Currency? {
    guard let code = instruction.operation.movement?.currency else { return nil }
    return genesis.currencies.first { $0.code == code }
  }
}

extension LoggedBatch {
  /// Where an instruction of that id stands, if the batch has one.
  fileprivate func find(
    _ id: InstructionID
  ) -> (submission: VerifiedSubmission, index: Int)? {
    guard case .submission(let submission) = body,
      let index = submission.instructions.firstIndex(where: { $0.instruction.id == id })
    else { return nil }
    return (submission, index)
  }
}
