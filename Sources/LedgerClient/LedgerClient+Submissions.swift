public import LedgerModel
import LedgerSchema
public import LedgerWire
public import MerkleLog
import SwiftProtobuf

/// What became of a submission, as the log itself says.
public struct VerifiedReceipt: Hashable, Sendable {
  /// Of the submission's entry, which is proven.
  public let sequence: SequenceNumber
  public let time: LedgerTime
  /// One an instruction, in order.
  public let instructions: [VerifiedOutcome]
  /// Covers all the entries.
  public let checkpoint: VerifiedCheckpoint
  /// Why the server proved nothing of it to this client, which may not read it.
  ///
  /// All outcomes are the server's word then. `nil` where it did.
  public let withheld: ServerProblem?

  /// Those that were refused, or were refused when first ordered.
  public var rejected: [VerifiedOutcome] {
    instructions.filter { if case .rejected = $0.outcome { true } else { false } }
  }
}

/// What became of one instruction.
public struct VerifiedOutcome: Hashable, Sendable {
  public let id: InstructionID
  /// Of the entry in which this copy of the order stands.
  public let sequence: SequenceNumber
  /// Of the first copy, where that was another: the outcome is that one's.
  public let firstSequence: SequenceNumber
  /// Never ``LoggedOutcome/duplicate(of:)``.
  public let outcome: LoggedOutcome
  /// The server's words for a refusal; empty where it was accepted.
  public let message: String
  /// Why a limit refused: the server's word, which an audit checks.
  public let breach: LimitBreach?
  /// Whether the breach's limit and what was used are left out, and zero here, since other
  /// participants' accounts count.
  public let isWithheld: Bool
  /// Whether the entry was fetched and proven, with these bytes and this outcome; in a submission
  /// above ``ClientOptions/provenInstructionsMax`` the others are the server's word.
  public let isProven: Bool

  public var isDuplicate: Bool { sequence != firstSequence }
}

extension LedgerClient {
  /// Submits, waits for the checkpoint that covers the answer, and verifies it.
  ///
  /// The same bytes are sent again while the server is away or says 503, which is safe: a statement
  /// is sequenced once.
  ///
  /// - Throws: ``ClientError/notTaken(_:)`` where nothing of it was taken, or will be;
  ///   ``ClientError/untrusted(_:)`` where the log does not hold what the receipt says. After any
  ///   other error it may have been taken: submit the same bytes again, or ask for the status of
  ///   the ids.
  public func submit(_ submission: Submission) async throws(ClientError) -> VerifiedReceipt {
    let bytes = try await post(submission.protobuf)
    let receipt = try Receipt(bytes, of: submission)
    let checkpoint = try await checkpoint(covering: receipt.lastSequence)
    var proven = provenIndices(count: receipt.instructions.count)
    var withheld: ServerProblem?
    do throws(ClientError) {
      try await verifySubmissionEntry(receipt, submission)
      for index in proven.sorted() {
        try await verify(
          receipt.instructions[index], Array(submission.instructions[index]), at: receipt.time)
      }
    } catch {
      withheld = try withholding(error)
      proven = []
    }
    return VerifiedReceipt(
      sequence: receipt.sequence, time: receipt.time,
      instructions: receipt.instructions.enumerated().map { index, instruction in
        VerifiedOutcome(
          id: instruction.id, sequence: instruction.sequence,
          firstSequence: instruction.firstSequence, outcome: instruction.outcome,
          message: instruction.message, breach: instruction.breach,
          isWithheld: instruction.isWithheld, isProven: proven.contains(index))
      },
      checkpoint: checkpoint, withheld: withheld)
  }

  /// Proves what a status says of an order: that the log holds it first there, with that outcome.
  ///
  /// - Returns: Whether it is proven; `false` where this client may not read the entry, and the
  ///   outcome is the server's word.
  /// - Throws: ``ClientError/untrusted(_:)`` where the log says something else.
  public func prove(
    _ execution: StatusAnswer.Execution, of instruction: Instruction
  ) async throws(ClientError) -> Bool {
    let sequence = execution.firstSequence
    do throws(ClientError) {
      _ = try await checkpoint(covering: sequence)
      guard case .instruction(let found, let outcome) = try await entry(sequence).entry.body,
        found == instruction.canonicalBytes
      else { throw .untrusted(.entry(sequence, problem: "it does not hold this order")) }
      guard execution.isTold(by: outcome) else {
        throw .untrusted(
          .entry(sequence, problem: "the log says \(outcome), and not what was told"))
      }
      return true
    } catch {
      _ = try withholding(error)
      return false
    }
  }

  /// Why the server does not prove something to this client: whoever brings another's orders may
  /// not read them.
  ///
  /// - Throws: The error, where it is another one.
  private func withholding(_ error: ClientError) throws(ClientError) -> ServerProblem {
    guard connection.showsCertificate, case .refused(let problem) = error,
      ["certificate_reads_nothing", "not_found"].contains(problem.code)
    else { throw error }
    return problem
  }

  private func post(_ body: [UInt8]) async throws(ClientError) -> [UInt8] {
    // What an attempt without an answer did is not known, whatever is answered afterwards.
    var isAnswered = true
    do throws(ClientError) {
      return try await connection.retrying(until: .now + options.submitTimeout) {
        () async throws(ClientError) in
        do throws(ClientError) {
          return try await connection.post("/v1/submissions", body)
        } catch {
          if case .refused = error {} else { isAnswered = false }
          throw error
        }
      }
    } catch {
      guard isAnswered, case .refused(let problem) = error, 400..<500 ~= problem.status else {
        throw error
      }
      throw .notTaken(problem)
    }
  }

  /// Waits for a checkpoint that covers an entry.
  ///
  /// - Throws: ``ClientError/timedOut(waitingFor:)`` after ``ClientOptions/checkpointTimeout``.
  public func checkpoint(
    covering sequence: SequenceNumber
  ) async throws(ClientError) -> VerifiedCheckpoint {
    let deadline = ContinuousClock.now + options.checkpointTimeout
    var pause = options.pauseMin
    while true {
      let newest = try await connection.retrying(until: deadline) {
        () async throws(ClientError) in try await checkpoint()
      }
      if newest.checkpoint.size > sequence.value { return newest }
      guard ContinuousClock.now + pause < deadline else {
        throw .timedOut(waitingFor: "a checkpoint that covers entry \(sequence)")
      }
      try await connection.sleep(pause)
      pause = min(pause * 2, options.pauseMax)
    }
  }

  private func verifySubmissionEntry(
    _ receipt: Receipt, _ submission: Submission
  ) async throws(ClientError) {
    let entry = try await entry(receipt.sequence).entry
    guard case .submission(let statement, _) = entry.body else {
      throw .untrusted(.entry(receipt.sequence, problem: "it is no submission"))
    }
    guard statement == submission.statementBytes else {
      throw .untrusted(.entry(receipt.sequence, problem: "it holds another statement"))
    }
    guard entry.time == receipt.time else {
      throw .untrusted(.entry(receipt.sequence, problem: "it is of another time"))
    }
  }

  /// Checks that the log holds these bytes with this outcome, and for a duplicate its first copy.
  private func verify(
    _ instruction: Receipt.Instruction, _ bytes: [UInt8], at time: LedgerTime
  ) async throws(ClientError) {
    let isDuplicate = instruction.sequence != instruction.firstSequence
    let expected =
      isDuplicate ? LoggedOutcome.duplicate(of: instruction.firstSequence) : instruction.outcome
    let entry = try await entry(instruction.sequence).entry
    guard entry.time == time else {
      throw .untrusted(.entry(instruction.sequence, problem: "it is of another time"))
    }
    try check(entry, holds: bytes, expected)
    if isDuplicate {
      let first = try await self.entry(instruction.firstSequence).entry
      try check(first, holds: bytes, instruction.outcome)
    }
  }

  private func check(
    _ entry: LogEntry, holds bytes: [UInt8], _ expected: LoggedOutcome
  ) throws(ClientError) {
    guard case .instruction(let found, let outcome) = entry.body else {
      throw .untrusted(.entry(entry.sequence, problem: "it is no instruction"))
    }
    guard found == bytes else {
      throw .untrusted(.entry(entry.sequence, problem: "it holds another instruction"))
    }
    guard outcome == expected else {
      throw .untrusted(
        .entry(entry.sequence, problem: "the receipt says \(expected), the log \(outcome)"))
    }
  }

  /// Which instructions to prove: all, or the first, the last and some at random.
  private func provenIndices(count: Int) -> Set<Int> {
    let max = options.provenInstructionsMax
    guard count > max else { return Set(0..<count) }
    guard max > 0 else { return [] }
    var indices: Set = [0]
    if max > 1 { indices.insert(count - 1) }
    while indices.count < max { indices.insert(Int.random(in: 0..<count)) }
    return indices
  }
}

extension StatusAnswer.Execution {
  /// Whether it tells what the log does.
  fileprivate func isTold(by outcome: LoggedOutcome) -> Bool {
    switch outcome {
    case .accepted, .remarked: isAccepted
    case .rejected(let code, let rule, let pack):
      !isAccepted && self.code == code.rawValue && self.rule == rule?.text
        && self.pack == pack?.text
    case .duplicate: false
    }
  }
}

/// A receipt as it came: of the submission's shape, and no more is known.
private struct Receipt {
  struct Instruction {
    let id: InstructionID
    let sequence: SequenceNumber
    let firstSequence: SequenceNumber
    let outcome: LoggedOutcome
    let message: String
    let breach: LimitBreach?
    let isWithheld: Bool
  }

  let sequence: SequenceNumber
  let time: LedgerTime
  let instructions: [Instruction]

  var lastSequence: SequenceNumber {
    SequenceNumber(sequence.value + UInt64(instructions.count))
  }

  init(_ bytes: [UInt8], of submission: Submission) throws(ClientError) {
    guard let message = try? Specie_V1_SubmissionReceipt(serializedBytes: bytes) else {
      throw .malformedAnswer(path: "/v1/submissions", reason: "it is no receipt in protobuf")
    }
    guard message.instructions.count == submission.instructions.count else {
      throw .untrusted(
        .receipt(
          problem: "`\(message.instructions.count)` outcomes of "
            + "`\(submission.instructions.count)` instructions"))
    }
    guard message.sequence < LogLimits.treeSizeMax - UInt64(message.instructions.count) else {
      throw .untrusted(.receipt(problem: "number `\(message.sequence)` is out of range"))
    }
    sequence = SequenceNumber(message.sequence)
    time = LedgerTime(microseconds: message.time)
    var instructions: [Instruction] = []
    instructions.reserveCapacity(message.instructions.count)
    for (index, found) in message.instructions.enumerated() {
      let instruction = try Instruction(found)
      let expected = message.sequence + 1 + UInt64(index)
      guard instruction.sequence.value == expected, found.firstSequence <= expected else {
        throw .untrusted(
          .receipt(
            problem: "instruction \(index) is said to be entry \(found.sequence), first "
              + "\(found.firstSequence), where entry \(expected) is its place"))
      }
      let sent = try? LedgerModel.Instruction(canonicalBytes: submission.instructions[index])
      guard let sent, sent.id == instruction.id else {
        throw .untrusted(.receipt(problem: "instruction \(index) has another id"))
      }
      instructions.append(instruction)
    }
    self.instructions = instructions
  }
}

extension Receipt.Instruction {
  fileprivate init(_ message: Specie_V1_InstructionReceipt) throws(ClientError) {
    guard let id = Bytes16([UInt8](message.id)).flatMap({ InstructionID($0) }) else {
      throw .untrusted(.receipt(problem: "an id is no UUIDv7"))
    }
    var breach: LimitBreach?
    switch message.outcome {
    case .accepted(let accepted): outcome = try Self.outcome(accepted)
    case .rejected(let rejected):
      guard let code = RejectionCode(rawValue: rejected.code) else {
        throw .untrusted(.receipt(problem: "code `\(rejected.code)` is not known here"))
      }
      var rule: RuleID?
      var pack: PackName?
      do throws(NameError) {
        if !rejected.rule.isEmpty { rule = try RuleID(rejected.rule) }
        if !rejected.pack.isEmpty { pack = try PackName(rejected.pack) }
      } catch {
        throw .untrusted(.receipt(problem: error.description))
      }
      outcome = .rejected(code: code, rule: rule, pack: pack)
      if message.hasLimit, let rule {
        do throws(WireError) {
          breach = try SideData.Breach(message.limit).breach(of: rule, in: pack)
        } catch {
          throw .untrusted(.receipt(problem: error.description))
        }
      }
    case nil: throw .untrusted(.receipt(problem: "an outcome is missing"))
    }
    self.id = id
    self.breach = breach
    isWithheld = message.withheld
    sequence = SequenceNumber(message.sequence)
    firstSequence = SequenceNumber(message.firstSequence)
    self.message = message.message
  }

  private static func outcome(
    _ accepted: Specie_V1_Accepted
  ) throws(ClientError) -> LoggedOutcome {
    var remarks: [Remark] = []
    for remark in accepted.remarks {
      guard let kind = Remark.Kind(rawValue: remark.kind.rawValue) else {
        throw .untrusted(.receipt(problem: "a remark of kind \(remark.kind) is not known here"))
      }
      guard remark.rule.isEmpty == (kind == .shadowTierUnknown) else {
        throw .untrusted(.receipt(problem: "a remark and its rule disagree"))
      }
      do throws(NameError) {
        let rule = remark.rule.isEmpty ? nil : try RuleID(remark.rule)
        remarks.append(Remark(kind: kind, pack: try PackName(remark.pack), rule: rule))
      } catch {
        throw .untrusted(.receipt(problem: error.description))
      }
    }
    return remarks.isEmpty ? .accepted : .remarked(remarks)
  }
}
