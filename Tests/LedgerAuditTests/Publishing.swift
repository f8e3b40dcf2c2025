import LedgerAudit
import LedgerCore
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog

/// Two witnesses; a policy asks for both.
enum SampleWitnesses {
  static let seconds: UInt64 = 1_750_000_000
  private static let keys = [31, 32].map {
    SigningKey(seed: [UInt8](repeating: $0, count: Ed25519.seedByteCount))
  }

  static func verifiers() throws -> [VerifierKey] {
    try keys.enumerated().map { index, key in
      try VerifierKey(
        name: try KeyName("witness.example/\(index + 1)"), algorithm: .ed25519Cosignature,
        publicKey: key.publicKey.value.bytes)
    }
  }

  /// The note with the cosignatures of the first `count` witnesses.
  static func cosign(
    _ note: String, count: Int = 2, at seconds: UInt64 = seconds
  ) throws -> String {
    let note = try Note(Array(note.utf8))
    let lines = zip(try verifiers(), keys).prefix(count).map { verifier, key in
      NoteSignature(cosigning: note.text, by: verifier, timestampSeconds: seconds) { key.sign($0) }
    }
    let cosigned = try Note(text: note.text, signatures: note.signatures + lines)
    return String(decoding: cosigned.encoded, as: UTF8.self)
  }

  static func policy(of log: SampleLog) throws -> AuditTrust {
    let names = try verifiers()
    let text = """
      log \(log.trust.logKey.vkey)
      witness one \(names[0].vkey)
      witness two \(names[1].vkey)
      group both all one two
      quorum both

      """
    return try AuditTrust(text: Array(text.utf8))
  }
}

extension SampleLog {
  /// The log as files, under its newest checkpoint.
  func exported(to files: MemoryTileKeeper = MemoryTileKeeper(), cosigners: Int = 2) throws
    -> MemoryTileKeeper
  {
    let keeper = MemoryCheckpointKeeper()
    if let newest = notes.last {
      try keeper.append(try SampleWitnesses.cosign(newest, count: cosigners))
    }
    let disk = MemoryDisk()
    disk.overwrite(with: rows())
    let source = try StoreSource(try disk.open(), checkpoints: keeper, trust: trust)
    var exporter = LogExporter(source, to: files, scope: .hashesAndEntries)
    _ = try exporter.export()
    return files
  }

  /// Cuts the log, and forgets the checkpoints that cover more.
  func cut(to size: Int) throws -> SampleLog {
    var part = self
    part.records = Array(records[..<size])
    part.notes = try notes.filter { note in
      try Checkpoint(text: Note(Array(note.utf8)).text).size <= UInt64(size)
    }
    return part
  }
}

/// Audits exported files.
func audit(
  _ files: MemoryTileKeeper, trust: AuditTrust?, given: [UInt8]? = nil,
  secret: CommitmentSecret? = nil, states: (any SnapshotKeeper)? = nil,
  options: AuditOptions = AuditOptions(threads: 1)
) -> AuditReport {
  guard let log = try? AuditedLog(files: files) else { preconditionFailure("memory is read") }
  return LedgerVerifier.verify(
    log, trust: trust, given: given, states: states, secret: secret,
    options: options)
}

extension LogBuilder {
  /// A log of so many entries, with a checkpoint over all; most are payments of one submission.
  static func long(_ count: Int) throws -> LogBuilder {
    var builder = try full()
    let payments = count - builder.log.records.count - 2
    try builder.submit(
      (0..<payments).map { _ in
        builder.instruction(.fund(transfer(settlement1, wallet2, 1)))
      }, by: .bank(1), signedBy: [try SampleKeys.bank(1)])
    try builder.tick()
    try builder.checkpoint()
    return builder
  }

  /// A log of ticks, which cost no signatures.
  static func ticking(_ count: Int) throws -> LogBuilder {
    var builder = try LogBuilder()
    while builder.log.records.count < count { try builder.tick() }
    try builder.checkpoint()
    return builder
  }
}
