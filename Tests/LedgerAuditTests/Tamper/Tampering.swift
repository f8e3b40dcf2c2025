import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Synchronization

/// What is altered, and where.
enum TamperKind: String, CaseIterable {
  case entryField = "a field of an entry"
  case entryBytes = "bytes of an entry"
  case entryOrder = "entries swapped, repeated, left out or reordered"
  case sideData = "side data"
  case row = "framing of the store's rows"
  case checkpoints = "kept checkpoints"
  case cosigned = "the published checkpoint of a folder"
  case tail = "a log that is cut back"
  case olderCopy = "an older copy of everything"
  case resigned = "an entry, chained and signed anew by the log key"
  case bundle = "an exported bundle"
  case tile = "an exported tile of hashes"
  case both = "a bundle and the tiles above it"
  case exportedCheckpoint = "an exported checkpoint"
  case exportedFiles = "exported files swapped, missing, or of an older export"
  case state = "what an earlier audit kept"
  case index = "the index of ids"
  case snapshot = "a snapshot of the state"

  /// How often, of a hundred.
  var weight: Int {
    switch self {
    case .entryField: 18
    case .entryBytes: 8
    case .sideData, .bundle, .tile: 8
    case .entryOrder, .row, .resigned, .checkpoints, .exportedCheckpoint, .both, .state: 5
    case .cosigned, .tail, .olderCopy: 3
    case .index, .snapshot: 2
    case .exportedFiles: 4
    }
  }
}

/// What became of an alteration.
enum TamperResult: Hashable {
  /// Found, and at the entry where it lies.
  case caught
  /// The report says that the end is unproven, and nothing at hand could prove it.
  case unproven
  /// What a reader gets is what it was.
  case noData
  /// Nobody noticed, or the wrong entry was named.
  case missed(String)
}

/// Alters a ledger as an auditor gets it, audits it, and says what the audit made of it.
struct Tampering {
  let ledger: AuditedLedger
  var random: SplitMix64

  mutating func run(_ kind: TamperKind) throws -> TamperResult {
    switch kind {
    case .entryField: try entry { $0.alteredField($1) }
    case .entryBytes: try entry { $0.altered($1) }
    case .entryOrder: try entryOrder()
    case .sideData: try sideData()
    case .row: try row()
    case .checkpoints: try checkpoints()
    case .cosigned: try cosigned()
    case .tail: try tail()
    case .olderCopy: try olderCopy()
    case .resigned: try resigned()
    case .bundle: try bundle()
    case .tile: try tile()
    case .both: try both()
    case .exportedCheckpoint: try exportedCheckpoint()
    case .exportedFiles: try exportedFiles()
    case .state: try state()
    case .index: try ids()
    case .snapshot: try snapshot()
    }
  }

  // MARK: - Audits

  /// Audits a folder, under the trust file or the policy.
  func audit(
    _ log: SampleLog, rows: [StoredRow]? = nil, keeper: (any CheckpointKeeper)? = nil,
    cosigned: String?? = nil, trust: AuditTrust? = nil, given: String? = nil,
    since: UInt64 = 0, states: (any SnapshotKeeper)? = nil,
    index: (any LogIndex)? = nil, snapshots: (any SnapshotKeeper)? = nil
  ) throws -> AuditReport {
    let disk = MemoryDisk()
    disk.overwrite(with: rows ?? log.rows())
    let published = MemoryCosignedKeeper()
    if let note = cosigned ?? ledger.cosigned { try? published.replace(note) }
    var options = AuditOptions(threads: 1)
    options.cosignedSinceSeconds = since
    return LedgerVerifier.verify(
      AuditedLog(
        store: try disk.open(), checkpoints: try keeper ?? log.keeper(), cosigned: published,
        index: index.map { .success($0) }, snapshots: snapshots),
      trust: trust ?? ledger.file, given: given.map { Array($0.utf8) }, states: states,
      secret: ledger.secret, options: options)
  }

  func audit(
    _ files: [String: [UInt8]], trust: AuditTrust, given: String? = nil, since: UInt64 = 0
  ) -> AuditReport {
    let keeper = MemoryTileKeeper()
    for (path, bytes) in files { keeper.overwrite(path, with: bytes) }
    var options = AuditOptions(threads: 1)
    options.cosignedSinceSeconds = since
    return LedgerAuditTests.audit(
      keeper, trust: trust, given: given.map { Array($0.utf8) }, secret: ledger.secret,
      options: options)
  }

  mutating func anyTrust() -> AuditTrust {
    random.happens(percent: 50) ? ledger.file : ledger.policy
  }

  mutating func index(from first: Int = 0, to end: Int? = nil) -> Int {
    Int.random(in: first..<(end ?? ledger.count), using: &random)
  }

  /// The alteration must be found at one of these entries.
  func expect(
    _ report: AuditReport, at places: ClosedRange<Int>, kinds: Set<LogFault.Kind>? = nil,
    path: String? = nil, _ what: @autoclosure () -> String
  ) -> TamperResult {
    guard case .failed(let fault) = report.verdict else {
      return .missed("\(what()): \(report.verdict)")
    }
    guard places.contains(Int(clamping: fault.sequence.value)),
      kinds?.contains(fault.kind) ?? true, path.map({ fault.detail.contains($0) }) ?? true,
      report.verdict.exitCode == 1
    else { return .missed("\(what()), expected at \(places): \(fault)") }
    return .caught
  }

  // MARK: - Store

  private mutating func entry(
    _ alter: (inout SplitMix64, [UInt8]) -> [UInt8]
  ) throws -> TamperResult {
    let index = index()
    var log = ledger.log
    log.records[index].entry = alter(&random, log.records[index].entry)
    guard log.records[index].entry.count < 1 << 16, !log.records[index].entry.isEmpty else {
      return .noData
    }
    return expect(
      try audit(log, trust: anyTrust()), at: index...index, "entry \(index)")
  }

  private mutating func entryOrder() throws -> TamperResult {
    var log = ledger.log
    let (first, second) = try ordered()
    switch Int.random(in: 0..<4, using: &random) {
    case 0: log.records.swapAt(first, second)
    case 1:
      log.records.insert(log.records[first], at: first)
      return expect(
        try audit(log, trust: anyTrust()), at: first + 1...first + 1, "\(first) repeated")
    case 2: log.records.remove(at: first)
    default: log.records[first...second].reverse()
    }
    return expect(
      try audit(log, trust: anyTrust()), at: first...first, "\(first) and \(second) exchanged")
  }

  private mutating func ordered() throws -> (Int, Int) {
    let first = index(to: ledger.count - 1)
    return (first, index(from: first + 1))
  }

  private mutating func sideData() throws -> TamperResult {
    let index = index()
    var log = ledger.log
    if random.happens(percent: 20) {
      let other = self.index()
      guard log.records[index].sideData != log.records[other].sideData else { return .noData }
      let first = min(index, other)
      let data = log.records[index].sideData
      log.records[index].sideData = log.records[other].sideData
      log.records[other].sideData = data
      return expect(
        try audit(log, trust: anyTrust()), at: first...first, kinds: [.sideData],
        "side data of \(index) and \(other)")
    }
    log.records[index].sideData = random.altered(log.records[index].sideData)
    return expect(
      try audit(log, trust: anyTrust()), at: index...index, kinds: [.sideData],
      "side data of \(index)")
  }

  private mutating func row() throws -> TamperResult {
    var rows = ledger.log.rows()
    let index = Int.random(in: rows.indices, using: &random)
    let row = rows[index]
    let places = Int(row.first.value)...Int(row.end.value)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: rows.remove(at: index)
    case 1:
      rows.insert(row, at: index)
      let report = try audit(ledger.log, rows: rows, trust: anyTrust())
      // A store that has it twice shows it once, where a page of rows ends between the two.
      if report.verdict == .verified { return .noData }
      return expect(report, at: places, kinds: [.storage], "row \(index) twice")
    case 2:
      let other = Int.random(in: rows.indices, using: &random)
      guard other != index else { return .noData }
      rows.swapAt(index, other)
      let first = rows[min(index, other)].first
      // The store finds a row by its number, so that it finds none, or the wrong one.
      return expect(
        try audit(ledger.log, rows: rows, trust: anyTrust()), at: 0...ledger.count,
        "rows \(index) and \(other), \(first)")
    case 3:
      rows[index] = StoredRow(
        first: row.first, count: row.count + (random.happens(percent: 50) ? 1 : -1),
        entries: row.entries, sideData: row.sideData)
    case 4:
      rows[index] = StoredRow(
        first: SequenceNumber(row.first.value + 1), count: row.count, entries: row.entries,
        sideData: row.sideData)
    case 5:
      rows[index] = StoredRow(
        first: row.first, count: row.count, entries: random.altered(row.entries),
        sideData: row.sideData)
    default:
      rows[index] = StoredRow(
        first: row.first, count: row.count, entries: row.entries,
        sideData: random.altered(row.sideData))
    }
    let report = try audit(ledger.log, rows: rows, trust: anyTrust())
    // Where the store finds no row, it cannot say which of two neighbours is wrong.
    return expect(
      report, at: max(0, places.lowerBound - 4)...places.upperBound, "row \(index), \(places)")
  }

  // MARK: - Checkpoints

  private mutating func checkpoints() throws -> TamperResult {
    var notes = ledger.log.notes
    var bytes = try notes.flatMap { try CheckpointNotes.record(of: $0) }
    let index = Int.random(in: notes.indices, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: notes.remove(at: index)
    case 1: notes.insert(notes[index], at: Int.random(in: notes.indices, using: &random))
    case 2: notes.swapAt(index, Int.random(in: notes.indices, using: &random))
    default: notes = []
    }
    bytes =
      notes.isEmpty
      ? random.altered(bytes) : try notes.flatMap { try CheckpointNotes.record(of: $0) }
    let parsed = try? CheckpointNotes.parse(bytes, endsTheFile: true, at: 0)
    let torn = bytes.count - (parsed?.completeBytes ?? bytes.count)
    let report = try audit(
      ledger.log, keeper: TextKeeper(bytes: bytes, tornBytes: torn), cosigned: .some(nil))
    if report.fault != nil {
      // At the entry that the bad one says is its last.
      return expect(
        report, at: 0...Int.max, kinds: [.checkpoint, .tree, .truncated], "checkpoints")
    }
    if parsed?.notes.last == ledger.log.notes.last { return .noData }
    let summary = report.summary
    guard summary.tornCheckpointBytes > 0 || summary.unwitnessedEntries > 0,
      !summary.isEndProven
    else { return .missed("checkpoints: \(report.verdict)") }
    return .unproven
  }

  private mutating func cosigned() throws -> TamperResult {
    let altered = random.altered(Array(ledger.cosigned.utf8))
    let note = String(decoding: altered, as: UTF8.self)
    guard Array(note.utf8) == altered, (try? CheckpointNotes.record(of: note)) != nil else {
      // The keeper refuses what is no note.
      return .caught
    }
    let report = try audit(ledger.log, cosigned: note, trust: ledger.policy)
    switch report.verdict {
    case .failed(let fault) where fault.kind == .checkpoint: return .caught
    case .endUnwitnessed: return .caught
    default:
      return (try? Note(altered)) == (try? Note(Array(ledger.cosigned.utf8)))
        ? .noData : .missed("cosigned: \(report.verdict), \(note)")
    }
  }

  // MARK: - The whole

  /// The tail is cut off: without its checkpoints, with them, or with them and seen from elsewhere.
  private mutating func tail() throws -> TamperResult {
    let size = ledger.starts[Int.random(in: 1..<ledger.starts.count, using: &random)]
    let cut = try ledger.log.cut(to: size)
    var kept = cut
    kept.notes = ledger.log.notes
    let last = ledger.log.notes.last
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      return expect(
        try audit(kept, cosigned: .some(nil), trust: anyTrust()), at: size...size,
        kinds: [.truncated], "cut to \(size), with its checkpoints")
    case 1:
      return expect(
        try audit(cut, cosigned: .some(nil), given: last), at: size...size, kinds: [.truncated],
        "cut to \(size), one given")
    case 2:
      return expect(
        try audit(cut, trust: anyTrust()), at: size...size, kinds: [.truncated],
        "cut to \(size), one published")
    default:
      let report = try audit(cut, cosigned: .some(nil))
      guard report.fault == nil, !report.summary.isEndProven, report.text.contains("UNPROVEN")
      else { return .missed("cut to \(size): \(report.verdict)") }
      return .unproven
    }
  }

  private mutating func olderCopy() throws -> TamperResult {
    let sizes = try ledger.log.notes.dropLast().map {
      try Int(Checkpoint(text: Note(Array($0.utf8)).text).size)
    }
    let size = random.one(of: Array(sizes))
    let old = try ledger.log.cut(to: size)
    let note = try SampleWitnesses.cosign(old.notes[old.notes.count - 1])
    let last = ledger.log.notes.last
    let isExport = random.happens(percent: 50)
    let files = isExport ? try old.exported().files : [:]
    func run(_ trust: AuditTrust, given: String? = nil, since: UInt64 = 0) throws -> AuditReport {
      isExport
        ? audit(files, trust: trust, given: given, since: since)
        : try audit(old, cosigned: note, trust: trust, given: given, since: since)
    }
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      return expect(
        try run(ledger.file, given: last), at: size...size, kinds: [.truncated],
        "older copy of \(size), one given")
    case 1:
      let report = try run(ledger.policy, since: SampleWitnesses.seconds + 1)
      return report.verdict == .endUnwitnessed
        ? .caught : .missed("older copy of \(size), cosigned too long ago: \(report.verdict)")
    default:
      let report = try run(ledger.file)
      guard report.fault == nil, !report.summary.isEndProven, report.text.contains("UNPROVEN")
      else { return .missed("older copy of \(size): \(report.verdict)") }
      return .unproven
    }
  }

  /// By whoever has stolen the log key: every link and every checkpoint is made anew.
  private mutating func resigned() throws -> TamperResult {
    let index = index(from: 1)
    var log = ledger.log
    log.records[index].entry = random.alteredField(log.records[index].entry)
    try log.relink(from: index)
    guard log.records.allSatisfy({ 1..<1 << 16 ~= $0.entry.count }),
      TreeHash.leaf(log.records[index].entry) != TreeHash.leaf(ledger.log.records[index].entry)
    else { return .noData }
    try log.resign(ledger.builder)
    let earlier = try ledger.log.cut(to: max(1, ledger.batch(of: index).lowerBound))
    let old = try earlier.notes.last.map { try SampleWitnesses.cosign($0) }
    // Where its link was altered, nothing tells it from the entry before.
    let places = ledger.batch(of: index).lowerBound - 1...(ledger.count - 1)
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      return expect(
        try audit(log, cosigned: .some(nil), given: ledger.log.notes.last), at: places,
        "\(index) rewritten, a checkpoint given")
    case 1:
      return expect(
        try audit(log, trust: anyTrust()), at: places, "\(index) rewritten, the old one published")
    default:
      // What witnesses cosigned before is left as it was.
      let report = try audit(log, cosigned: .some(old), trust: ledger.policy)
      if report.fault != nil {
        return expect(report, at: places, "\(index) rewritten, an older one published")
      }
      return report.verdict == .endUnwitnessed
        ? .caught : .missed("\(index) rewritten, an older one published: \(report.verdict)")
    }
  }

  private mutating func state() throws -> TamperResult {
    let states = MemorySnapshotKeeper()
    let size = ledger.starts[Int.random(in: 1..<ledger.starts.count, using: &random)]
    let first = try audit(try ledger.log.cut(to: size), cosigned: .some(nil), states: states)
    guard first.fault == nil else { return .missed("cut to \(size): \(first.verdict)") }
    let files = states.files().sorted { "\($0)" < "\($1)" }
    let file = random.one(of: files)
    let bytes = try states.read(file, at: 0, count: try states.byteCount(of: file))
    let altered = random.altered(bytes)
    states.damage(file) { $0 = altered }
    let report = try audit(ledger.log, states: states)
    // Passed over, and all is read.
    guard report.verdict == .verified, report.summary.resumedFrom == 0 else {
      return .missed("state of \(size), \(file): \(report.verdict), \(report.summary.resumedFrom)")
    }
    return .caught
  }
}

extension SampleLog {
  /// Puts every link after an entry right, whatever the entry has become.
  fileprivate mutating func relink(from index: Int) throws {
    for next in (index + 1)..<max(records.count, index + 1) {
      guard var fields = WireField.parse(records[next].entry),
        let link = fields.firstIndex(where: { $0.number == 3 })
      else { continue }
      fields[link].payload = TreeHash.leaf(records[next - 1].entry).bytes
      fields[link].fields = nil
      records[next].entry = WireField.encode(fields)
    }
  }
}
