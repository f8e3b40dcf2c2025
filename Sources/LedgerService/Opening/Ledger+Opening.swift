import LedgerCore
package import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire
package import Logging
import MerkleLog

/// A log that was replayed and checked, ready to be served.
struct OpenedLog: Sendable {
  let state: LedgerState
  let log: LogWriter
  let view: DurableView
  /// What the log was replayed from; `nil` where all of it was.
  let snapshot: KeptSnapshot?
}

/// Why a ledger does not open.
package enum OpeningError: Error, Sendable {
  case storage(StoreError)
  /// The log is damaged, or is not what the newest kept checkpoint signed.
  case log(LogFault)
  case empty
  /// The log key at hand is not the one that the genesis names.
  case wrongLogKey(found: PublicKey, wanted: PublicKey)
  /// The ledger commits to its state, and the secret that blinds it is not at hand.
  case commitmentSecretMissing
  /// An entry that no kept checkpoint covers is dated after the wall clock.
  case aheadOfClock(SequenceNumber, dated: LedgerTime, clock: LedgerTime)
  /// The log has lost entries, or is another, by what its witnesses know; or they are silent.
  case witness(RestoreRefusal)
}

extension OpeningError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .storage(let error): error.description
    case .log(let fault): "the log does not open: \(fault)"
    case .empty: "the store has no genesis; create a ledger with `specie init`"
    case .wrongLogKey(let found, let wanted):
      "the log key is `\(found)`; the genesis names `\(wanted)`"
    case .commitmentSecretMissing:
      "the ledger commits to its state, and the secret for that is missing: it is in the ledger's "
        + "folder as `commitment-secret`, and auditors have it too"
    case .aheadOfClock(let sequence, let dated, let clock):
      "entry \(sequence), which no kept checkpoint covers, is dated `\(dated)`, and the wall clock "
        + "shows `\(clock)`; if the clock is wrong, set it right and open again; if it is right, "
        + "audit the log, because this ledger would not have dated the entry so"
    case .witness(let refusal): refusal.description
    }
  }
}

extension Ledger {
  /// Opens a ledger: replays its log from the newest good snapshot on, checks it against the newest
  /// kept checkpoint, verifies in full what lies after that, and starts the stages.
  ///
  /// - Parameters:
  ///   - store: Opened for writing.
  ///   - index: It may trail, and is caught up.
  ///   - checkpoints: Kept beside the store.
  ///   - snapshots: Kept beside the store; one that is not good is passed over with a warning.
  ///   - witnessing: Who cosigns checkpoints, and what they cosigned last; `nil` for a ledger
  ///     without.
  ///   - published: For a ledger without witnesses: what it published while it had some, if it had.
  ///   - logKey: The one that the genesis names.
  ///   - secret: The one that the genesis names; `nil` where it names none.
  ///   - environment: Clock, scheduler, and what ends the process.
  ///   - limits: Of the service.
  ///   - logger: Says what happens.
  ///   - progress: Called now and then with entries replayed and entries there are.
  /// - Returns: The ledger, which takes orders.
  /// - Throws: ``OpeningError``; nothing was signed or served then.
  /// - Complexity: O(accounts + live ids + entries after the snapshot).
  package static func open(
    store: any LedgerStore, index: any LogIndex, checkpoints: any CheckpointKeeper,
    snapshots: any SnapshotKeeper, witnessing: Witnessing? = nil,
    published: (any CosignedKeeper)? = nil, logKey: SigningKey,
    secret: CommitmentSecret?, environment: ServiceEnvironment,
    limits: ServiceLimits = ServiceLimits(),
    logger: Logger, progress: (_ entries: UInt64, _ of: UInt64) -> Void = { _, _ in }
  ) throws(OpeningError) -> Ledger {
    let opened = try LogOpener(
      store: store, index: index, checkpoints: checkpoints, snapshots: snapshots, logKey: logKey,
      secret: secret, clock: environment.clock, limits: limits, isWitnessed: witnessing != nil,
      warn: { logger.warning("\($0)") }
    ).open(progress: progress)
    let verifierKey = try opened.verifierKey()
    let known = try witnessing.map { witnessing throws(OpeningError) in
      try opened.compare(with: witnessing, logKey: verifierKey, logger: logger)
    }
    if witnessing == nil, let published {
      try opened.compare(with: published, logKey: verifierKey)
    }
    logger.info(
      "ledger \(opened.state.id) opens with \(opened.log.tree.size) entries")
    return Ledger(
      opened, checkpoints: checkpoints, snapshots: snapshots,
      witnessing: witnessing.flatMap { given in known.map { (given, $0) } }, logKey: logKey,
      verifierKey: verifierKey,
      environment: environment, limits: limits, logger: logger)
  }
}

extension OpenedLog {
  func verifierKey() throws(OpeningError) -> VerifierKey {
    do {
      return try state.genesis.verifierKey()
    } catch {
      throw .log(LogFault(.genesis, at: .genesis, error.description))
    }
  }

  /// Holds the log against its witnesses, before anything is signed.
  fileprivate func compare(
    with witnessing: Witnessing, logKey: VerifierKey, logger: Logger
  ) throws(OpeningError) -> RestoreGuard.Known {
    let cosigned: String?
    do { cosigned = try witnessing.keeper.newest() } catch { throw .storage(error) }
    if witnessing.latest == nil {
      logger.warning(
        "the ledger opens without asking its witnesses: if its folder is an old copy, what it signs now forks the log"
      )
    }
    if !witnessing.policy.doQuorumsIntersect {
      logger.warning(
        "two quorums of the witness policy need have no witness in common, so they can cosign two histories without one of them lying; ask for more than half",
        metadata: ["quorum": "\(witnessing.policy.quorumName)"])
    }
    return try restoreGuard(witnessing.policy, logKey)
      .check(cosigned: cosigned, latest: witnessing.latest)
  }

  /// Holds the log of a ledger without witnesses against what it published with them.
  fileprivate func compare(
    with published: any CosignedKeeper, logKey: VerifierKey
  ) throws(OpeningError) {
    let cosigned: String?
    do { cosigned = try published.newest() } catch { throw .storage(error) }
    _ = try restoreGuard(TrustPolicy(log: logKey), logKey).check(cosigned: cosigned, latest: nil)
  }

  private func restoreGuard(_ policy: TrustPolicy, _ logKey: VerifierKey) -> RestoreGuard {
    let store = view.store
    return RestoreGuard(policy: policy, logKey: logKey, tree: log.tree) {
      tile throws(LogTilesError) in try LogTiles.leaves(ofTile: tile, in: store)
    }
  }
}
