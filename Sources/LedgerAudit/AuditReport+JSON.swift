import FoundationEssentials
import LedgerCore
import LedgerLog
import LedgerModel
import MerkleLog

extension AuditReport {
  /// The report as JSON: keys in order, money as decimal strings, so that no reader rounds it.
  package var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a report did not encode")
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  /// Reads a report from its JSON, or returns `nil` where the bytes are none.
  package init?(json: [UInt8]) {
    guard let report = try? JSONDecoder().decode(AuditReport.self, from: Data(json)) else {
      return nil
    }
    self = report
  }

  private enum CodingKeys: String, CodingKey {
    case verdict, fault, summary
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(verdict.name, forKey: .verdict)
    if case .failed(let fault) = verdict {
      try container.encode(FaultDocument(fault), forKey: .fault)
    }
    try container.encode(SummaryDocument(summary), forKey: .summary)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .verdict)
    let verdicts: [AuditVerdict] = [
      .verified, .originUnproven, .endUnproven, .endUnwitnessed, .commitmentsUnproven, .cancelled,
    ]
    let verdict: AuditVerdict
    if let known = verdicts.first(where: { $0.name == name }) {
      verdict = known
    } else {
      verdict = .failed(try container.decode(FaultDocument.self, forKey: .fault).fault())
    }
    let summary = try container.decode(SummaryDocument.self, forKey: .summary).summary()
    self.init(verdict: verdict, summary: summary)
  }
}

/// Text that a field of the report cannot have.
private func invalid(_ text: String) -> DecodingError {
  DecodingError.dataCorrupted(
    DecodingError.Context(codingPath: [], debugDescription: "`\(text)` is not of this field"))
}

/// Returns what `parse` makes of the text.
private func parsed<Value>(_ text: String, _ parse: (String) -> Value?) throws -> Value {
  guard let value = parse(text) else { throw invalid(text) }
  return value
}

private struct FaultDocument: Codable {
  let kind: String
  let entry: UInt64
  let detail: String
  let expected: String?
  let found: String?

  init(_ fault: LogFault) {
    kind = fault.kind.rawValue
    entry = fault.sequence.value
    detail = fault.detail
    expected = fault.expected?.description
    found = fault.found?.description
  }

  func fault() throws -> LogFault {
    LogFault(
      try parsed(kind) { LogFault.Kind(rawValue: $0) }, at: SequenceNumber(entry), detail,
      expected: try expected.map { try parsed($0) { Digest(hex: $0) } },
      found: try found.map { try parsed($0) { Digest(hex: $0) } })
  }
}

private struct SummaryDocument: Codable {
  let ledger: String?
  let origin: String?
  let logKey: String?
  let stateMachineVersion: UInt32?
  let entries: UInt64
  let entriesTotal: UInt64
  let resumedFrom: UInt64
  let bytes: UInt64
  let submissions: UInt64
  let systemEntries: UInt64
  let commitments: UInt64
  let accepted: UInt64
  let remarked: UInt64
  let duplicates: UInt64
  let refused: [String: UInt64]
  let signatures: UInt64
  let checkpoints: UInt64
  let checkpointSize: UInt64?
  let givenCheckpointSize: UInt64?
  let tornCheckpointBytes: Int
  let unwitnessedEntries: UInt64
  let participants: Int
  let accounts: Int
  let currencies: [CurrencyDocument]
  let figures: FiguresDocument
  let firstTime: String?
  let lastTime: String?
  let root: String
  let snapshots: UInt64?
  let indexedEntries: UInt64?
  let source: String
  let hasSideData: Bool
  let tiles: UInt64
  let superfluousFiles: Int
  let witnessedSize: UInt64?
  let witnesses: [Witnessing]
  let isEndProven: Bool

  enum CodingKeys: String, CodingKey {
    case ledger, origin, logKey = "log_key", stateMachineVersion = "state_machine_version"
    case entries, entriesTotal = "entries_total", resumedFrom = "resumed_from", bytes, submissions
    case systemEntries = "system_entries", commitments, accepted, remarked, duplicates, refused,
      signatures
    case checkpoints, checkpointSize = "checkpoint_size"
    case givenCheckpointSize = "given_checkpoint_size"
    case tornCheckpointBytes = "torn_checkpoint_bytes"
    case unwitnessedEntries = "unwitnessed_entries", participants, accounts, currencies
    case figures, firstTime = "first_time", lastTime = "last_time", root
    case snapshots, indexedEntries = "indexed_entries"
    case source, hasSideData = "has_side_data", tiles, superfluousFiles = "superfluous_files"
    case witnessedSize = "witnessed_size", witnesses, isEndProven = "end_proven"
  }

  init(_ summary: AuditSummary) {
    ledger = summary.ledger?.description
    origin = summary.origin
    logKey = summary.logKey?.vkey
    stateMachineVersion = summary.stateMachineVersion?.value
    entries = summary.entries
    entriesTotal = summary.entriesTotal
    resumedFrom = summary.resumedFrom
    bytes = summary.bytes
    submissions = summary.submissions
    systemEntries = summary.systemEntries
    commitments = summary.commitments
    accepted = summary.accepted
    remarked = summary.remarked
    duplicates = summary.duplicates
    refused = Dictionary(
      uniqueKeysWithValues: summary.refusedByCode.map { ($0.key.rawValue, $0.value) })
    signatures = summary.signatures
    checkpoints = summary.checkpoints
    checkpointSize = summary.checkpointSize
    givenCheckpointSize = summary.givenCheckpointSize
    tornCheckpointBytes = summary.tornCheckpointBytes
    unwitnessedEntries = summary.unwitnessedEntries
    participants = summary.participants
    accounts = summary.accounts
    currencies = summary.currencies.map { CurrencyDocument($0) }
    figures = FiguresDocument(summary.figures)
    firstTime = summary.firstTime?.description
    lastTime = summary.lastTime?.description
    root = summary.root.description
    snapshots = summary.snapshots
    indexedEntries = summary.indexedEntries
    source = summary.source.rawValue
    hasSideData = summary.hasSideData
    tiles = summary.tiles
    superfluousFiles = summary.superfluousFiles
    witnessedSize = summary.witnessedSize
    witnesses = summary.witnesses
    isEndProven = summary.isEndProven
  }

  func summary() throws -> AuditSummary {
    var summary = AuditSummary()
    summary.ledger = try ledger.map { try parsed($0) { Bytes32(hex: $0).map { LedgerID($0) } } }
    summary.origin = origin
    summary.logKey = try logKey.map { try VerifierKey(vkey: $0) }
    summary.stateMachineVersion = stateMachineVersion.map { StateMachineVersion($0) }
    summary.entries = entries
    summary.entriesTotal = entriesTotal
    summary.resumedFrom = resumedFrom
    summary.bytes = bytes
    summary.submissions = submissions
    summary.systemEntries = systemEntries
    summary.commitments = commitments
    summary.accepted = accepted
    summary.remarked = remarked
    summary.duplicates = duplicates
    for (code, count) in refused {
      summary.refusedByCode[try parsed(code) { RejectionCode(rawValue: $0) }] = count
    }
    summary.signatures = signatures
    summary.checkpoints = checkpoints
    summary.checkpointSize = checkpointSize
    summary.givenCheckpointSize = givenCheckpointSize
    summary.tornCheckpointBytes = tornCheckpointBytes
    summary.participants = participants
    summary.accounts = accounts
    summary.currencies = try currencies.map { try $0.audit() }
    guard let figures = figures.figures else { throw invalid("figures") }
    summary.figures = figures
    summary.firstTime = try firstTime.map { try LedgerTime(rfc3339: $0) }
    summary.lastTime = try lastTime.map { try LedgerTime(rfc3339: $0) }
    summary.root = try parsed(root) { Digest(hex: $0) }
    summary.snapshots = snapshots
    summary.indexedEntries = indexedEntries
    summary.source = try parsed(source) { AuditedLog.Kind(rawValue: $0) }
    summary.hasSideData = hasSideData
    summary.tiles = tiles
    summary.superfluousFiles = superfluousFiles
    summary.witnessedSize = witnessedSize
    summary.witnesses = witnesses
    return summary
  }
}

extension LedgerTime {
  fileprivate init(rfc3339 text: String) throws {
    self.init(microseconds: try parsed(text) { CivilDate.microseconds(rfc3339: $0) })
  }
}

private struct CurrencyDocument: Codable {
  struct Holding: Codable {
    let participant: String
    let settlement: String
    let wallets: String
    let walletCount: Int

    enum CodingKeys: String, CodingKey {
      case participant, settlement, wallets, walletCount = "wallet_count"
    }
  }

  struct Rules: Codable {
    let pack: String
    let version: Int
    let sourceDigest: String
    /// `enforce` or `shadow`.
    let mode: String
    let from: String?
    let until: String?

    enum CodingKeys: String, CodingKey {
      case pack, version, sourceDigest = "source_digest", mode, from, until
    }
  }

  let currency: String
  let exponent: Int
  let issued: String
  let redeemed: String
  let outstanding: String
  let held: String
  let holdings: [Holding]
  let rules: [Rules]

  init(_ audit: CurrencyAudit) {
    currency = audit.currency.description
    exponent = audit.exponent
    issued = String(audit.issued)
    redeemed = String(audit.redeemed)
    outstanding = String(audit.outstanding)
    held = String(audit.held)
    holdings = audit.holdings.map {
      Holding(
        participant: $0.participant.text, settlement: String($0.settlement),
        wallets: String($0.wallets), walletCount: $0.walletCount)
    }
    rules = audit.rules.map {
      Rules(
        pack: $0.version.pack.text, version: $0.version.version,
        sourceDigest: $0.sourceDigest.hex, mode: $0.isShadow ? "shadow" : "enforce",
        from: $0.from?.description, until: $0.until?.description)
    }
  }

  func audit() throws -> CurrencyAudit {
    CurrencyAudit(
      currency: try parsed(currency) { CurrencyCode($0) }, exponent: exponent,
      issued: try parsed(issued) { Int128($0) }, redeemed: try parsed(redeemed) { Int128($0) },
      held: try parsed(held) { Int128($0) },
      holdings: try holdings.map {
        HoldingAudit(
          participant: try ParticipantID($0.participant),
          settlement: try parsed($0.settlement) { Int128($0) },
          wallets: try parsed($0.wallets) { Int128($0) }, walletCount: $0.walletCount)
      },
      rules: try rules.map {
        RuleSetStanding(
          version: PackVersion(pack: try PackName($0.pack), version: $0.version),
          sourceDigest: try parsed($0.sourceDigest) { Bytes32(hex: $0) },
          isShadow: $0.mode == "shadow", from: try $0.from.map { try LedgerTime(rfc3339: $0) },
          until: try $0.until.map { try LedgerTime(rfc3339: $0) })
      })
  }
}
