package import LedgerCore
import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire

/// What each rule had to say about one payment of a log, or would about one that is not in it.
package struct LogExplanation: Sendable {
  /// Which payment is asked about.
  package enum Question: Sendable {
    /// An order of that id, of a party where several used it.
    case logged(InstructionID, of: Party? = nil)
    /// One that nobody has ordered, at an instant; `nil` for the log's end.
    case hypothetical(HypotheticalPayment, at: LedgerTime?)
  }

  /// An order of the log.
  package struct Logged: Hashable, Sendable {
    package let party: Party
    package let sequence: SequenceNumber
    package let outcome: Outcome
  }

  package let instruction: Instruction
  package let time: LedgerTime
  /// `nil` where nobody has ordered it.
  package let logged: Logged?
  /// What the ledger answers under the rules that are explained: what it answered, where those are
  /// its own; `nil` of what nobody ordered and moves no money.
  package let outcome: Outcome?
  /// `nil` where it moves no money between accounts that exist.
  package let rules: RulesExplanation?
  /// Of the currency that moves; `nil` where none does.
  package let currency: Currency?

  private static let entriesPerLook: UInt64 = 16_384

  /// Explains a payment by replaying the log up to it.
  ///
  /// An order that left its id free, for want of signatures say, is passed over where the party
  /// gave it again.
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
  /// - Complexity: O(entries up to it, and until its id can no longer come).
  package static func explain(
    _ question: Question, store: any LedgerStore, trust: TrustFile?, under ruleSet: RuleSet? = nil,
    progress: (AuditProgress) -> Void = { _ in }
  ) throws(HistoryError) -> LogExplanation? {
    var history = try LogHistory(store, trust: trust)
    defer { history.cancel() }
    switch question {
    case .logged(let id, let party):
      return try find(id, of: party, in: &history, under: ruleSet, progress)
    case .hypothetical(let payment, let time):
      let began = history.replay.state.time
      if let time, time < began { throw .beforeLedger(time, began: began) }
      _ = try replay(&history, progress) { batch in
        time.map { batch.time > $0 } ?? false
      }
      return try LogExplanation(payment, at: time, history.replay.state, ruleSet)
    }
  }

  /// Replays until something asks for an end before a batch.
  ///
  /// - Returns: That batch, which is not replayed; `nil` at the log's end.
  private static func replay(
    _ history: inout LogHistory, _ progress: (AuditProgress) -> Void,
    until isWanted: (LoggedBatch) -> Bool
  ) throws(HistoryError) -> LoggedBatch? {
    var looks = history.entriesDone / entriesPerLook
    while let batch = try history.next() {
      if isWanted(batch) { return batch }
      _ = try history.replay(batch)
      guard history.entriesDone / entriesPerLook > looks else { continue }
      looks = history.entriesDone / entriesPerLook
      progress(history.progress)
    }
    return nil
  }

  private static func find(
    _ id: InstructionID, of party: Party?, in history: inout LogHistory, under ruleSet: RuleSet?,
    _ progress: (AuditProgress) -> Void
  ) throws(HistoryError) -> LogExplanation? {
    let parameters = history.genesis.parameters
    let lastUse = id.time.advanced(
      byMicroseconds: max(
        parameters.participantHorizonMicroseconds, parameters.officerHorizonMicroseconds))
    var found: [LogExplanation] = []
    while true {
      let hasFound = !found.isEmpty
      let next = try replay(&history, progress) { batch in
        (hasFound && batch.time > lastUse) || batch.index(of: id, party) != nil
      }
      guard let batch = next, let index = batch.index(of: id, party) else { break }
      let former = found.firstIndex { $0.logged?.party == batch.party }
      if let former, found[former].hasUsedItsID {
        _ = try history.replay(batch)
        continue
      }
      let state = history.replay.state
      let sequenced = try history.replay(batch)
      let explanation = try LogExplanation(index, of: batch, sequenced, on: state, ruleSet)
      if let former {
        if explanation.hasUsedItsID { found[former] = explanation }
      } else {
        found.append(explanation)
      }
    }
    guard found.count <= 1 else {
      let parties = found.compactMap { $0.logged?.party }
      throw .ambiguous(parties: parties.sorted { $0.description < $1.description })
    }
    return found.first
  }

  /// Whether no other order of the party can have the id.
  private var hasUsedItsID: Bool {
    if case .rejected(let rejection)? = logged?.outcome { !rejection.leavesIDFree } else { true }
  }

  /// Explains an instruction of a batch that the log's own replay has gone through.
  private init(
    _ index: Int, of batch: LoggedBatch, _ sequenced: SequencedBatch, on state: LedgerState,
    _ ruleSet: RuleSet?
  ) throws(HistoryError) {
    var state = state
    if batch.time > state.time { state.begin(at: batch.time) }
    guard case .submission(let record)? = sequenced.records.first,
      case .admitted(let admitted) = try? state.admit(record.submission)
    else { throw .log(LogFault(.authority, at: batch.first, "the submission is not let in")) }
    let instructions = record.submission.instructions
    for earlier in instructions[..<index] { _ = state.apply(earlier, in: admitted) }
    instruction = instructions[index].instruction
    time = batch.time
    logged = Logged(
      party: admitted.party, sequence: record.applied[index].sequence,
      outcome: record.applied[index].outcome)
    currency = state.currency(of: instruction)
    if let ruleSet { try state.trying(ruleSet) }
    rules = state.explain(instruction, signers: admitted.signers)
    outcome =
      ruleSet == nil
      ? record.applied[index].outcome : state.apply(instructions[index], in: admitted).outcome
    try check()
  }

  private init(
    _ payment: HypotheticalPayment, at time: LedgerTime?, _ state: LedgerState,
    _ ruleSet: RuleSet?
  ) throws(HistoryError) {
    var state = state
    if let time, time > state.time { state.begin(at: time) }
    instruction = try payment.instruction(on: state)
    if let ruleSet { try state.trying(ruleSet) }
    self.time = state.time
    logged = nil
    outcome = state.outcome(ofHypothetical: instruction, signers: payment.signers)
    currency = state.currency(of: instruction)
    rules = state.explain(instruction, signers: payment.signers)
    try check()
  }

  /// A help desk must never read out the opposite of what was decided.
  private func check() throws(HistoryError) {
    guard let rules, let outcome, !rules.agrees(with: outcome) else { return }
    throw .contradiction(explained: "\(rules.decision)", decided: "\(outcome)")
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
  /// Who ordered; `nil` where nobody did.
  fileprivate var party: Party? {
    if case .submission(let submission) = body { submission.statement.party } else { nil }
  }

  /// Where an instruction of that id, and of a party if it is given, stands in the submission.
  fileprivate func index(of id: InstructionID, _ party: Party?) -> Int? {
    guard case .submission(let submission) = body,
      party.map({ $0 == submission.statement.party }) ?? true
    else { return nil }
    return submission.instructions.firstIndex { $0.instruction.id == id }
  }
}
