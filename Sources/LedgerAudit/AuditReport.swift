package import LedgerLog
package import LedgerCore
package import LedgerModel
package import MerkleLog

/// What an audit checked, and what it found.
package struct AuditReport: Hashable, Sendable, Codable {
  package let verdict: AuditVerdict
  /// As far as the audit came.
  package let summary: AuditSummary

  package init(verdict: AuditVerdict, summary: AuditSummary) {
    self.verdict = verdict
    self.summary = summary
  }
}

/// The result of an audit.
package enum AuditVerdict: Hashable, Sendable {
  case verified
  /// Internally consistent, origin unproven: there was no trust file to hold it against.
  case originUnproven
  /// Internally consistent, end of the log unproven: there was no checkpoint to hold it against.
  case endUnproven
  /// Internally consistent, end of the log unproven: the policy asks for witnesses, and enough of
  /// them have not cosigned a checkpoint over every entry.
  case endUnwitnessed
  /// All holds but the roots of the commitments to the state, which nobody could check: their
  /// secret was not given.
  case commitmentsUnproven
  case failed(LogFault)
  /// The caller ended it early.
  case cancelled

  /// The exit status of `specie audit verify`.
  package var exitCode: Int32 {
    switch self {
    case .verified: 0
    case .failed: 1
    case .originUnproven, .endUnproven, .endUnwitnessed, .commitmentsUnproven: 3
    case .cancelled: 130
    }
  }

  /// The stable name.
  package var name: String {
    switch self {
    case .verified: "verified"
    case .originUnproven: "origin_unproven"
    case .endUnproven: "end_unproven"
    case .endUnwitnessed: "end_unwitnessed"
    case .commitmentsUnproven: "commitments_unproven"
    case .failed: "failed"
    case .cancelled: "cancelled"
    }
  }
}

/// What an audit counted; complete where the verdict is not a failure.
package struct AuditSummary: Hashable, Sendable {
  /// The leaf hash of entry 0; `nil` where not even that could be read.
  package var ledger: LedgerID?
  package var origin: String?
  package var logKey: VerifierKey?
  package var stateMachineVersion: StateMachineVersion?
  /// Entries that were checked, of those that the store holds.
  package var entries: UInt64 = 0
  package var entriesTotal: UInt64 = 0
  /// Of these, the ones that an earlier audit has checked, and this one has not read; 0 for none.
  package var resumedFrom: UInt64 = 0
  /// Bytes of entries and side data, of those read.
  package var bytes: UInt64 = 0
  package var submissions: UInt64 = 0
  package var systemEntries: UInt64 = 0
  /// Of these, the ones that commit to the state.
  package var commitments: UInt64 = 0
  package var accepted: UInt64 = 0
  package var duplicates: UInt64 = 0
  package var refusedByCode: [RejectionCode: UInt64] = [:]
  package var signatures: UInt64 = 0
  /// Accepted ones that rules had something to say about.
  package var remarked: UInt64 = 0
  package var checkpoints: UInt64 = 0
  /// Entries that the newest checkpoint covers, kept or given; `nil` where there is none.
  package var checkpointSize: UInt64?
  /// Entries that the checkpoint given to the audit covers; `nil` where none was given.
  package var givenCheckpointSize: UInt64?
  /// Bytes after the last complete kept checkpoint: a torn record, or a damaged one.
  package var tornCheckpointBytes = 0
  package var participants = 0
  package var accounts = 0
  package var currencies: [CurrencyAudit] = []
  package var firstTime: LedgerTime?
  package var lastTime: LedgerTime?
  /// Over time, of the entries read.
  package var figures = AuditFigures()
  /// Over all entries checked.
  package var root: Digest = TreeHash.emptyRoot
  /// Snapshots of the ledger's state that were compared; `nil` where the log came without.
  package var snapshots: UInt64?
  /// Entries that the index of ids covers, whose ids were compared; `nil` where there was none.
  package var indexedEntries: UInt64?
  /// What held the log.
  package var source: AuditedLog.Kind = .folder
  /// Whether side data was there to be compared; an exported log has none.
  package var hasSideData = true
  /// Files of hashes that were compared.
  package var tiles: UInt64 = 0
  /// Files that a log of this size has not, and of which nobody reads one.
  package var superfluousFiles = 0
  /// Entries that the newest checkpoint covers which enough witnesses of the policy have cosigned.
  package var witnessedSize: UInt64?
  /// Who has cosigned it.
  package var witnesses: [Witnessing] = []

  package init() {}

  /// Whether a checkpoint that whoever holds the log cannot make proves its end: one that was kept
  /// elsewhere, or that enough witnesses have cosigned.
  package var isEndProven: Bool {
    entries > 0 && max(givenCheckpointSize ?? 0, witnessedSize ?? 0) >= entries
  }

  package var refused: UInt64 { refusedByCode.values.reduce(0, +) }
  package var instructions: UInt64 { accepted + duplicates + refused }
  /// Entries that no checkpoint covers: whoever holds the log's database could have cut them off or
  /// replaced them by other signed orders, and nobody could tell.
  package var unwitnessedEntries: UInt64 { entries - min(entries, checkpointSize ?? 0) }
}

/// A witness's cosignature that counted.
package struct Witnessing: Hashable, Sendable, Codable {
  /// The name of its key.
  package let name: String
  /// When, in POSIX seconds, by its own clock.
  package let seconds: UInt64

  package init(name: String, seconds: UInt64) {
    self.name = name
    self.seconds = seconds
  }
}

/// A currency's money, recomputed from the log, in minor units.
package struct CurrencyAudit: Hashable, Sendable {
  package let currency: CurrencyCode
  package let exponent: Int
  package let issued: Int128
  package let redeemed: Int128
  /// The sum of all balances but the issuance account's.
  package let held: Int128
  /// In order of admission; those that never held an account of the currency left out.
  package let holdings: [HoldingAudit]
  /// At the log's end.
  package let rules: [RuleSetStanding]

  package var outstanding: Int128 { issued - redeemed }
}

/// What one participant and its customers hold of a currency, in minor units.
package struct HoldingAudit: Hashable, Sendable {
  package let participant: ParticipantID
  package let settlement: Int128
  package let wallets: Int128
  package let walletCount: Int
}
