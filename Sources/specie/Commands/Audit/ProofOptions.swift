import ArgumentParser
import LedgerAudit
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import LedgerWire
import MerkleLog

/// A ledger's folder that something is proven from, and under which checkpoint.
struct ProofOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The ledger's folder while no server has it open, or a copy.", valueName: "folder"))
  var log: String
  @OptionGroup var trust: TrustOptions
  @Option(
    help: ArgumentHelp(
      "A signed checkpoint to prove under (default: the newest that witnesses cosigned, or else the "
        + "newest kept in the folder).", valueName: "file"))
  var checkpoint: String?

  /// Makes a proof under the best checkpoint that the folder has.
  ///
  /// One that witnesses cosigned comes first; where that proves nothing, because what is proven
  /// came after it or it does not meet the trust, the newest that the log alone has signed.
  func prove<Proof>(
    _ folder: LedgerDirectoryReader, _ trust: AuditTrust, _ make: (LogProver) throws -> Proof
  ) throws -> (proof: Proof, prover: LogProver) {
    let notes = try notes(folder)
    for (index, note) in notes.enumerated() {
      do {
        let prover = try LogProver(
          folder.store, under: note, trust: trust,
          progress: { HistoryOptions.show($0, "hashing") })
        HistoryOptions.endProgress()
        let proof = try make(prover)
        HistoryOptions.endProgress()
        return (proof, prover)
      } catch let error as EvidenceError where index + 1 < notes.count && error.mayBeTooEarly {
        HistoryOptions.endProgress()
        StandardError.write(
          "note: under the checkpoint that witnesses cosigned, \(error); what follows is under one "
            + "that the log alone has signed")
      }
    }
    throw CommandFault.invalidArgument(
      "the folder has no checkpoint yet, and nothing is proven without one; give it with "
        + "--checkpoint FILE")
  }

  /// Signed notes to prove under, the best first.
  private func notes(_ folder: LedgerDirectoryReader) throws -> [[UInt8]] {
    if let checkpoint { return [try CheckpointArgument.read(checkpoint)] }
    return [try folder.cosigned.newest(), try folder.checkpoints.newest()].compactMap(\.self)
      .map { Array($0.utf8) }
  }
}

extension EvidenceError {
  /// Whether a newer checkpoint may prove what this one does not.
  fileprivate var mayBeTooEarly: Bool {
    switch self {
    case .notCovered, .noCommitment, .noAccount, .noHolder, .evidence: true
    case .history, .noOrder, .noSecret, .currencyNeeded: false
    }
  }
}

/// Whose checkpoints are believed.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The ledger's trust file, or a C2SP policy of its log and witnesses (default: SPECIE_TRUST).",
      valueName: "file"))
  var trust: String?

  private static let bytesMax = 65_536

  func read() throws -> AuditTrust {
    guard let path = LedgerOptions.standardTrust(trust) else { throw CommandFault.noTrust }
    return try Self.read(path)
  }

  /// Reads a trust file or a policy.
  static func read(_ path: String) throws -> AuditTrust {
    do {
      return try AuditTrust(text: try LocalFile.read(path, bytesMax: bytesMax))
    } catch let fault as CommandFault {
      throw fault
    } catch {
      throw CommandFault.fileInvalid(path: path, problem: "\(error)")
    }
  }
}

/// The secret of a ledger's commitments, where something is proven by one.
struct SecretOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The secret of the ledger's commitments to its state, which auditors have (default: "
        + "`commitment-secret` in the folder).", valueName: "file"))
  var commitmentSecret: String?
}

/// Signed checkpoints in files.
enum CheckpointArgument {
  private static let bytesMax = 16_384

  /// Reads a signed note, whose last line may be followed by empty ones, as printing leaves them.
  static func read(_ path: String) throws -> [UInt8] {
    var bytes = try LocalFile.read(path, bytesMax: bytesMax)
    while bytes.suffix(2) == [0x0A, 0x0A] { bytes.removeLast() }
    return bytes
  }
}

/// A file that was written, and what it proves.
struct WrittenProof: CommandReport {
  let file: String
  let bytes: Int
  let format: String
  let checkpointSize: UInt64

  var text: String {
    "wrote \(file), \(DecimalAmount.count(bytes)) bytes, proven under a checkpoint over "
      + "\(DecimalAmount.count(checkpointSize)) entries; whoever has the trust file checks it with "
      + "`specie audit check \(file) --trust FILE`"
  }

  /// Writes a proof that must not be there yet.
  init(
    _ json: [UInt8], to file: String, format: String, bytesMax: Int, by prover: LogProver
  ) throws {
    guard json.count <= bytesMax else {
      throw CommandFault.invalidArgument(
        "the file would have \(DecimalAmount.count(json.count)) bytes, and at most "
          + "\(DecimalAmount.count(bytesMax)) are read back")
    }
    try LocalFile.create(file, json, mode: 0o600)
    self.file = file
    bytes = json.count
    self.format = format
    checkpointSize = prover.checkpoint.checkpoint.size
  }
}
