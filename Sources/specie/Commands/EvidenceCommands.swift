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
    let id: String
    let status: String
    let party: String?
    let sequence: UInt64?
    let outcome: String?
    let code: String?
    let rule: String?
    let message: String?
    let proven: Bool
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
      case message
      case proven
      case time
    }
  }

  func run() async throws {
    let connection = try ledger.connect()
    switch try await connection.client.status(of: id, party: party) {
    case .executed(let execution): output.print(try await report(execution, connection))
    case .neverExecuted(let asOf, let time):
      output.print(
        report(
          "never_executed", time,
          "never executed, and never will be: its window has passed, as of \(asOf) entries, ledger "
            + "time \(time), by the server's word"))
    case .notYetKnown(let asOf, let time):
      output.print(
        report(
          "not_yet_known", time,
          "not yet known as of \(asOf) entries, ledger time \(time): it may still come; ask again"))
    }
  }

  private func report(_ status: String, _ time: LedgerTime, _ text: String) -> Report {
    Report(
      id: id.description, status: status, party: nil, sequence: nil, outcome: nil, code: nil,
      rule: nil, message: nil, proven: false, time: time.description, text: text)
  }

  private func report(
    _ execution: StatusAnswer.Execution, _ connection: LedgerConnection
  ) async throws -> Report {
    let entry = try await connection.entry(execution.firstSequence).entry
    guard case .instruction(let bytes, let outcome) = entry.body,
      try Instruction(canonicalBytes: bytes).id == id,
      (outcome == .accepted) == execution.isAccepted
    else {
      throw CommandFault.answerNotBelieved(
        "entry \(execution.firstSequence) does not hold this order with this outcome")
    }
    let words: String
    if execution.isAccepted {
      words = "accepted"
    } else {
      words =
        "refused: \(execution.code ?? "")" + (execution.rule.map { " by rule \($0)" } ?? "")
        + (execution.message.map { ": \($0)" } ?? "")
    }
    return Report(
      id: id.description, status: "executed", party: execution.party.description,
      sequence: execution.firstSequence.value,
      outcome: execution.isAccepted ? "accepted" : "refused", code: execution.code,
      rule: execution.rule, message: execution.message, proven: true,
      time: entry.time.description,
      text: "\(words)\nentry \(execution.firstSequence), ordered by \(execution.party) at "
        + "\(entry.time); proven in the log")
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
