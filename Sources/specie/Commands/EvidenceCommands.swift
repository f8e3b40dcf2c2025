import ArgumentParser
import LedgerClient
import LedgerModel
import LedgerWire
import MerkleLog

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Tell what became of an order, by its id.",
    discussion: """
      An executed order is proven in the log. Only `never executed` permits the same order under a \
      new id: `not yet known` may still come.

        specie status 0198c5a1-7b3e-7c21-9d4f-1a2b3c4d5e6f --trust trust
      """)

  @Argument(help: "The order's id.", transform: { try TextArgument.instruction($0) })
  var id: InstructionID
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("Who ordered, where several used the id.", valueName: "party"),
    transform: { try Party($0) })
  var party: Party?
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    /// What the log does not say: the server's word.
    struct Unproven: Encodable {
      /// Only where the submission's entry was not looked at.
      let party: String?
      let message: String?
    }

    let id: String
    let status: String
    let party: String?
    let sequence: UInt64?
    let outcome: String?
    let code: String?
    let rule: String?
    /// Whether all members but ``unproven`` are proven.
    let proven: Bool
    let unproven: Unproven?
    let time: String
    let text: String

    enum CodingKeys: CodingKey {
      case id
      case status
      case party
      case sequence
      case outcome
      case code
      case rule
      case proven
      case unproven
      case time
    }
  }

  func run() async throws {
    let connection = try ledger.connect()
    switch try await connection.client.status(of: id, party: party) {
    case .executed(let execution): output.print(try await report(execution, connection))
    case .neverExecuted(let party, let asOf, let time):
      output.print(
        report(
          "never_executed", time,
          "never executed\(party.map { " by \($0)" } ?? ""), and never will be: its window has "
            + "passed, as of \(asOf) entries, ledger time \(time), by the server's word"))
    case .notYetKnown(_, let asOf, let time):
      output.print(
        report(
          "not_yet_known", time,
          "not yet known as of \(asOf) entries, ledger time \(time): it may still come; ask again"))
    }
  }

  private func report(_ status: String, _ time: LedgerTime, _ text: String) -> Report {
    Report(
      id: id.description, status: status, party: nil, sequence: nil, outcome: nil, code: nil,
      rule: nil, proven: false, unproven: nil, time: time.description, text: text)
  }

  private func report(
    _ execution: StatusAnswer.Execution, _ connection: LedgerConnection
  ) async throws -> Report {
    let sequence = execution.firstSequence
    let entry = try await connection.entry(sequence).entry
    guard case .instruction(let bytes, let outcome) = entry.body,
      try Instruction(canonicalBytes: bytes).id == id
    else {
      throw CommandFault.answerNotBelieved("entry \(sequence) does not hold this order")
    }
    if case .duplicate(let first) = outcome {
      throw CommandFault.answerNotBelieved(
        "entry \(sequence) is a copy of \(first), and said to be the first")
    }
    let refusal = Refusal(outcome)
    guard (refusal == nil) == execution.isAccepted, refusal?.code.rawValue == execution.code,
      refusal?.rule?.text == execution.rule
    else {
      throw CommandFault.answerNotBelieved(
        "entry \(sequence) holds this order with another outcome than was told")
    }
    let proven = try await connection.party(ofInstructionAt: sequence)
    let asked = party ?? execution.party
    guard proven == nil || (proven == execution.party && proven == asked) else {
      throw CommandFault.answerNotBelieved(
        "entry \(sequence) was not ordered by \(execution.party) as told")
    }
    var lines = [refusal.map { "refused: \($0.text)" } ?? "accepted"]
    if refusal != nil, let message = execution.message {
      lines.append("  \(message.shown) (the server's words)")
    }
    lines.append(
      proven == nil
        ? "entry \(sequence) at \(entry.time); proven in the log, except that \(execution.party) "
          + "ordered it, which is the server's word"
        : "entry \(sequence), ordered by \(execution.party) at \(entry.time); proven in the log")
    return Report(
      id: id.description, status: "executed", party: proven?.description,
      sequence: sequence.value, outcome: refusal == nil ? "accepted" : "rejected",
      code: refusal?.code.rawValue, rule: refusal?.rule?.text, proven: true,
      unproven: Report.Unproven(
        party: proven == nil ? execution.party.description : nil, message: execution.message),
      time: entry.time.description, text: lines.joined(separator: "\n"))
  }
}

struct CheckpointCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Print the newest checkpoint, checked.",
    discussion: """
      The note is as C2SP tools read it (tlog-checkpoint). Keep it: a log that later denies it is \
      caught.

        specie checkpoint --trust trust > checkpoint-today
      """)

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let origin: String
    let size: UInt64
    let root: String
    let note: String

    var text: String { String(note.dropLast()) }
  }

  func run() async throws {
    let verified = try await ledger.connect().client.checkpoint()
    output.print(
      Report(
        origin: verified.checkpoint.origin.description, size: verified.checkpoint.size,
        root: verified.checkpoint.root.description,
        note: String(decoding: verified.note.encoded, as: UTF8.self)))
  }
}

struct ProofCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proof", abstract: "Fetch one entry with the proof that it is in the log.",
    discussion: """
      The file is a C2SP tlog-proof with the entry's bytes as its extra line; it holds for ever, and \
      needs no server.

        specie proof 42 --out payment.tlog-proof --trust trust
      """)

  @Argument(help: "The entry's sequence number.") var sequence: UInt64
  @Option(
    name: .customLong("out"), help: ArgumentHelp("The file to write.", valueName: "file"))
  var file: String
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let sequence: UInt64
    let leaf: String
    let size: UInt64
    let root: String
    let file: String

    var text: String {
      "wrote \(file): entry \(sequence), leaf \(leaf), proven in the log of \(size) entries"
    }
  }

  func run() async throws {
    guard sequence < LogLimits.treeSizeMax else {
      throw CommandFault.invalidArgument("`\(sequence)` is above any log's last entry")
    }
    let connection = try ledger.connect()
    let entry = try await connection.entry(SequenceNumber(sequence))
    let proof = try LogProof(
      inclusion: entry.proof.inclusion, note: entry.proof.note, extra: entry.bytes)
    let checkpoint = try Checkpoint(text: proof.note.text)
    try LocalFile.create(file, proof.encoded, mode: 0o644)
    output.print(
      Report(
        sequence: sequence, leaf: TreeHash.leaf(entry.bytes).description, size: checkpoint.size,
        root: checkpoint.root.description, file: file))
  }
}
