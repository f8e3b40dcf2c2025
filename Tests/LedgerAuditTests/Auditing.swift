import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog
import Testing

/// Audits a log, in memory.
func audit(
  _ log: SampleLog, trust: TrustFile?, rows: [StoredRow]? = nil, given: [UInt8]? = nil,
  threads: Int = 1
) throws -> AuditReport {
  try audit(
    log, trust: trust, rows: rows, keeper: try log.keeper(), given: given, threads: threads)
}

/// Audits a log against the checkpoints of a keeper.
func audit(
  _ log: SampleLog, trust: TrustFile?, rows: [StoredRow]? = nil,
  keeper: some CheckpointKeeper, given: [UInt8]? = nil, threads: Int = 1,
  states: (any SnapshotKeeper)? = nil, warn: @escaping @Sendable (String) -> Void = { _ in }
) throws -> AuditReport {
  let disk = MemoryDisk()
  disk.overwrite(with: rows ?? log.rows())
  return LedgerVerifier.verify(
    store: try disk.open(), checkpoints: keeper, trust: trust, given: given,
    states: states, options: AuditOptions(threads: threads, warn: warn))
}

/// The fault that an audit under the log's own trust file finds.
func fault(in log: SampleLog, sourceLocation: SourceLocation = #_sourceLocation) throws
  -> LogFault?
{
  try audit(log, trust: log.trust).fault
}

extension AuditReport {
  var fault: LogFault? {
    if case .failed(let fault) = verdict { fault } else { nil }
  }
}

extension SampleLog {
  /// Chains all entries from `start` on anew, as whoever holds the database can.
  mutating func rechain(from start: Int) throws {
    for index in start..<records.count where index > 0 {
      let entry = try LogEntry(canonicalBytes: records[index].entry)
      records[index].entry =
        LogEntry(
          sequence: SequenceNumber(UInt64(index)), time: entry.time,
          previous: TreeHash.leaf(records[index - 1].entry), body: entry.body
        ).canonicalBytes
    }
  }

  /// The root over the first `size` entries.
  func root(_ size: Int) -> Digest {
    TreeHash.root(of: records[..<size].map { TreeHash.leaf($0.entry) })
  }

  /// Signs all checkpoints anew, as the holder of the log's key can.
  mutating func resign(_ builder: LogBuilder) throws {
    for index in notes.indices {
      let size = try Checkpoint(text: Note(Array(notes[index].utf8)).text).size
      notes[index] = try LogBuilder.note(
        size: size, root: root(Int(size)), of: builder.state, by: SampleKeys.log)
    }
  }
}

/// The kept checkpoints as the text of their file.
struct TextKeeper: CheckpointKeeper {
  let bytes: [UInt8]
  var tornBytes = 0

  func append(_ note: String) throws(StoreError) { throw .readOnly(detail: "a copy") }

  func newest() throws(StoreError) -> String? {
    try CheckpointNotes.parse(bytes, endsTheFile: true, at: 0).notes.last
  }

  func page(from position: UInt64) throws(StoreError) -> CheckpointPage {
    let parsed = try CheckpointNotes.parse(bytes, endsTheFile: true, at: 0)
    return CheckpointPage(notes: parsed.notes, next: nil)
  }

  func close() {}
}
