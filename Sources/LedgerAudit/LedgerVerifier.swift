import Foundation
import LedgerLog
import LedgerModel
package import LedgerStorage
package import LedgerWire
import MerkleLog

/// Proves a whole ledger, or says where it is wrong: every byte is read again.
///
/// One streaming pass. Memory holds the ledger's state, 32 bytes for each 256 entries, and bounded
/// buffers.
package enum LedgerVerifier {
  /// Verifies a ledger in its folder, as
  /// ``verify(_:trust:given:states:secret:options:progress:)`` does.
  package static func verify(
    store: any LedgerStore, checkpoints: any CheckpointKeeper, trust: TrustFile?,
    given: [UInt8]? = nil, states: (any SnapshotKeeper)? = nil, secret: CommitmentSecret? = nil,
    options: AuditOptions = AuditOptions(), progress: (AuditProgress) -> Void = { _ in }
  ) -> AuditReport {
    verify(
      AuditedLog(store: store, checkpoints: checkpoints), trust: trust.map { AuditTrust($0) },
      given: given, states: states, secret: secret, options: options, progress: progress)
  }

  /// Verifies a log, wherever it is.
  ///
  /// What is checked, entry by entry: the framing of rows or bundles; each entry against the hash
  /// that the next one names, and against the published tiles; the genesis against the trust file;
  /// the tree against each checkpoint, and that one's signature; all signatures, with keys and
  /// quorum at their ledger time; the one encoding; every decision, by deciding again; side data,
  /// where the log comes with it; and at the end the balances, the supply and every tile.
  ///
  /// - Parameters:
  ///   - log: The log, which no one writes to meanwhile.
  ///   - trust: What the auditor pins; without it the origin stays unproven.
  ///   - given: A checkpoint that was kept elsewhere, a signed note: the log must have signed it,
  ///     have as many entries, and agree with it.
  ///   - states: Where earlier audits have kept how far they came: the newest is gone on from, and
  ///     this one's is kept where nothing is wrong. It must be the auditor's own.
  ///   - secret: Of the ledger's commitments to its state; without it their roots are not checked.
  ///   - options: How to go about it.
  ///   - progress: Called on this thread every few thousand entries, and at the end.
  /// - Returns: The report. Of several faults it names the one at the lowest sequence number, as
  ///   far as they show: a fault ends the pass.
  /// - Complexity: O(entries); one signature check a signature, on `options.threads` threads.
  package static func verify(
    _ log: AuditedLog, trust: AuditTrust?, given: [UInt8]? = nil,
    states: (any SnapshotKeeper)? = nil, secret: CommitmentSecret? = nil,
    options: AuditOptions = AuditOptions(), progress: (AuditProgress) -> Void = { _ in }
  ) -> AuditReport {
    let pool = SignaturePool(threads: min(max(1, options.threads), AuditOptions.threadsMax))
    var audit = LogAudit(
      log, trust: trust, given: given, states: states, secret: secret, pool: pool,
      options: options)
    var fault: LogFault?
    var isCancelled = false
    do throws(AuditEnd) {
      try audit.run(isCancelled: options.isCancelled, progress: progress)
    } catch {
      switch error {
      case .fault(let found): fault = found
      case .cancelled: isCancelled = true
      case .signature: break
      }
    }
    // Every signature added before the end counts: one of an earlier entry is the first fault.
    if let bad = pool.finish(), bad.sequence <= (fault?.sequence ?? bad.sequence) { fault = bad }
    let verdict: AuditVerdict =
      if let fault {
        .failed(fault)
      } else if isCancelled {
        .cancelled
      } else {
        verdict(of: audit.summary, trust: trust, hasSecret: secret != nil)
      }
    switch verdict {
    case .verified, .originUnproven, .endUnproven, .endUnwitnessed, .commitmentsUnproven:
      audit.keepState()
    case .failed, .cancelled: break
    }
    return AuditReport(verdict: verdict, summary: audit.summary)
  }

  /// What follows where nothing is wrong.
  private static func verdict(
    of summary: AuditSummary, trust: AuditTrust?, hasSecret: Bool
  ) -> AuditVerdict {
    guard let trust else { return .originUnproven }
    guard summary.checkpointSize != nil else { return .endUnproven }
    if trust.policy.quorum != nil, summary.witnessedSize ?? 0 < summary.entries {
      return .endUnwitnessed
    }
    return summary.commitments > 0 && !hasSecret ? .commitmentsUnproven : .verified
  }
}

/// How an audit goes about its work.
package struct AuditOptions: Sendable {
  static let threadsMax = 256

  /// Threads that check signatures, beside the one that replays: at least 1, at most 256.
  package var threads: Int
  /// Asked every few thousand entries; true ends the audit.
  package var isCancelled: @Sendable () -> Bool
  /// Told of what is not the ledger's fault.
  package var warn: @Sendable (String) -> Void
  /// Cosignatures from before then do not count: POSIX seconds, by the witness's clock.
  package var cosignedSinceSeconds: UInt64 = 0

  package init(
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    isCancelled: @escaping @Sendable () -> Bool = { false },
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.threads = threads
    self.isCancelled = isCancelled
    self.warn = warn
  }
}

/// How far an audit is.
package struct AuditProgress: Hashable, Sendable {
  package let entriesDone: UInt64
  package let entriesTotal: UInt64

  package init(entriesDone: UInt64, entriesTotal: UInt64) {
    self.entriesDone = entriesDone
    self.entriesTotal = entriesTotal
  }
}
