package import LedgerModel
package import LedgerWire

/// What became of a submission: durable, and not before.
package struct SubmissionReceipt: Hashable, Sendable {
  /// Of the submission's entry; its instructions' entries follow.
  package let sequence: SequenceNumber
  package let time: LedgerTime
  /// One an instruction, in order.
  package let instructions: [InstructionReceipt]

  package init(sequence: SequenceNumber, time: LedgerTime, instructions: [InstructionReceipt]) {
    self.sequence = sequence
    self.time = time
    self.instructions = instructions
  }
}

/// What became of one instruction.
package struct InstructionReceipt: Hashable, Sendable {
  package let id: InstructionID
  /// Of the entry in which this copy of the order stands.
  package let sequence: SequenceNumber
  /// Of the first copy, where that was another: the outcome is that one's.
  package let firstSequence: SequenceNumber
  /// Never ``LoggedOutcome/duplicate(of:)``: a duplicate has the first copy's outcome.
  package let outcome: LoggedOutcome
  private let refusal: Refusal?

  /// Apart, so that receipts of what is accepted, of which there are thousands, are small.
  private indirect enum Refusal: Hashable, Sendable {
    /// What a rejection says of another participant's account is not for the party.
    case of(Rejection?, LimitBreach?, isWithheld: Bool)
  }

  package init(
    id: InstructionID, sequence: SequenceNumber, firstSequence: SequenceNumber,
    outcome: LoggedOutcome, rejection: Rejection? = nil, breach: LimitBreach?,
    isWithheld: Bool = false
  ) {
    self.id = id
    self.sequence = sequence
    self.firstSequence = firstSequence
    self.outcome = outcome
    let isThere = rejection != nil || breach != nil
    refusal =
      isThere
      ? .of(rejection, isWithheld ? breach?.withoutFigures : breach, isWithheld: isWithheld) : nil
  }

  /// Why a limit refused, as far as the acting party may know it: of its own accounts, and without
  /// figures where others' count too; the issuer, of all.
  package var breach: LimitBreach? {
    if case .of(_, let breach, _) = refusal { breach } else { nil }
  }

  /// Whether the figures were left out.
  package var isWithheld: Bool {
    if case .of(_, _, let isWithheld) = refusal { isWithheld } else { false }
  }

  package var isDuplicate: Bool { sequence != firstSequence }

  /// Why it was refused, in words; `nil` where there are none but the code's.
  ///
  /// Made when it is asked for: of thousands of refusals, most are never read.
  package var message: String? {
    guard case .of(let rejection, let breach, let isWithheld) = refusal else { return nil }
    if let breach, isWithheld { return Self.words(withheld: breach) }
    if case .limitExceeded(let limit) = rejection, breach == nil {
      return "rule `\(limit.rule)` of the payee's wallet refuses; its figures are its own bank's"
    }
    return breach?.description ?? rejection?.description
  }
}

extension InstructionReceipt {
  /// What a party is told of a limit under which others' accounts count, too.
  private static func words(withheld breach: LimitBreach) -> String {
    let rest = "; what counts is not this participant's alone, so no more is told"
    let rule = "rule `\(breach.rule)`" + (breach.terms.map { " of `\($0.pack)`" } ?? "")
    switch breach.reason {
    case .exceeded:
      guard case .shared(let left) = breach.extent else { return "\(rule) refuses\(rest)" }
      return "\(rule) leaves `\(left)`: `\(breach.asked)` asked"
        + (breach.resets.map { ", until \($0)" } ?? "") + rest
    case .approvalMissing(let required, let signed):
      return
        "\(rule) asks for `\(required)` signatures of its group, and there are `\(signed)`\(rest)"
    case .memoryFull, .undecidable: return breach.description
    }
  }
}

/// Why a submission was not taken; nothing of it was logged.
package enum SubmitError: Error, Hashable, Sendable {
  /// The caller's mistake.
  case invalid(WireError)
  /// The request named another instruction than the one that it brought, or it brought several.
  case otherIdempotencyKey(InstructionID)
  /// What was to be tried can only be ordered: several orders, or one that moves no money.
  case notForDryRuns
  /// A queue is full: try again after that many seconds.
  case overloaded(queue: String, max: Int, retryAfterSeconds: Int)
  /// The wall clock is in doubt: an officer must confirm it first.
  case clockUnsafe(reason: String)
  /// The disk is full: try again later.
  case storageFull(retryAfterSeconds: Int)
  /// A witness knows another or a longer history: nothing more is signed.
  case signingStopped(reason: String)
  /// The service is ending.
  case stopping
  /// It is in the log, but what became of it cannot be read back.
  case outcomeUnreadable(detail: String)

  /// The stable wire name.
  package var code: String {
    switch self {
    case .invalid(let error): error.code
    case .otherIdempotencyKey: "idempotency_key_mismatch"
    case .notForDryRuns: "not_for_dry_runs"
    case .overloaded: "overloaded"
    case .clockUnsafe: "clock_unsafe"
    case .storageFull: "storage_full"
    case .signingStopped: "signing_stopped"
    case .stopping: "stopping"
    case .outcomeUnreadable: "outcome_unreadable"
    }
  }
}

extension SubmitError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalid(let error): error.description
    case .otherIdempotencyKey(let key):
      "`Idempotency-Key: \(key)` is not the id of the one instruction sent; name that id, or leave "
        + "the key out: each instruction has its own"
    case .notForDryRuns:
      "a dry run takes a submission of one order that moves money; try orders one by one"
    case .overloaded(let queue, let max, let seconds):
      "the queue of \(queue) holds `\(max)`, all it may; try again in \(seconds) s"
    case .clockUnsafe(let reason):
      "the clock is in doubt (\(reason)); an officer confirms it with `specie clock confirm`"
    case .storageFull(let seconds):
      "the disk is full; nothing was taken, try again in \(seconds) s"
    case .signingStopped(let reason):
      "the ledger signs nothing more, and takes no orders: \(reason)"
    case .stopping: "the server is stopping; try again once it is up"
    case .outcomeUnreadable:
      "the orders are in the log, but their outcome cannot be read; do not order again: ask for the "
        + "status of each id"
    }
  }
}
