package import LedgerStorage
package import MerkleLog

/// What the service is given to have its checkpoints witnessed.
///
/// It takes no network library: what speaks to witnesses is handed in, so that a simulator can play
/// them.
package struct Witnessing: Sendable {
  /// What a witness answered.
  package struct Reply: Hashable, Sendable {
    package let status: Int
    package let mediaType: String?
    package let body: [UInt8]

    package init(status: Int, mediaType: String?, body: [UInt8]) {
      self.status = status
      self.mediaType = mediaType
      self.body = body
    }
  }

  /// Why a witness did not answer, for people.
  package struct Silence: Error, Hashable, Sendable {
    package let reason: String

    package init(reason: String) { self.reason = reason }
  }

  /// What a witness shows as the last checkpoint that it cosigned.
  package enum Latest: Hashable, Sendable {
    /// A signed note, not yet believed.
    case note([UInt8])
    /// It has cosigned nothing of this log.
    case nothing
    case silent(Silence)
  }

  /// What a witness is asked for.
  package enum Request: Hashable, Sendable {
    /// To cosign: the body of its request.
    case cosign(body: [UInt8])
    /// The last checkpoint of a log that it cosigned.
    case latest(of: Origin)
  }

  /// A question to a witness.
  package struct Call: Sendable {
    /// By its place in the policy.
    package let witness: Int
    package let request: Request
    package let timeoutNanoseconds: UInt64
    /// Called exactly once, in time or not, on any thread.
    package let complete: @Sendable (Result<Reply, Silence>) -> Void
  }

  /// Which witnesses there are, and how many must cosign.
  package let policy: TrustPolicy
  /// Keeps what is published.
  package let keeper: any CosignedKeeper
  /// What each witness of the policy showed before the ledger was opened; `nil` where the operator
  /// goes without.
  package let latest: [Latest]?
  /// Asks a witness; it returns at once.
  package let send: @Sendable (Call) -> Void

  package init(
    policy: TrustPolicy, keeper: any CosignedKeeper, latest: [Latest]?,
    send: @escaping @Sendable (Call) -> Void
  ) {
    precondition(latest == nil || latest?.count == policy.witnesses.count, "one of each witness")
    self.policy = policy
    self.keeper = keeper
    self.latest = latest
    self.send = send
  }

  /// The path below a witness's URL at which it shows the last checkpoint of a log.
  package static func monitoringPath(of origin: Origin) -> String {
    "\(SHA256.hash(origin.utf8))/checkpoint"
  }
}

/// How the ledger stands with its witnesses.
package struct WitnessingStatus: Hashable, Sendable {
  /// Why a witness did not cosign when it was asked last.
  package enum Problem: String, Hashable, Sendable {
    case noAnswer = "no_answer"
    /// None that a witness gives, or with a signature that does not hold.
    case wrongAnswer = "wrong_answer"
    case refused
    /// It has cosigned another size than it was asked from.
    case conflict
    case wrongTime = "wrong_time"
    /// It says that it knows more or another history, and shows none.
    case unprovenClaim = "unproven_claim"
    /// The ledger could make no proof for it.
    case noProof = "no_proof"
  }

  /// One witness.
  package struct Witness: Hashable, Sendable {
    /// What the policy calls it.
    package let name: String
    /// Entries of the last checkpoint that it cosigned; 0 where that is not known.
    package let cosignedSize: UInt64
    /// Since it last cosigned, or since the start.
    package let ageSeconds: UInt64
    /// Why it does not answer as it should; `nil` where it does.
    package let problem: Problem?
    /// The same for the operator; the witness may have chosen the words.
    package let detail: String?

    package init(
      name: String, cosignedSize: UInt64, ageSeconds: UInt64, problem: Problem?, detail: String?
    ) {
      self.name = name
      self.cosignedSize = cosignedSize
      self.ageSeconds = ageSeconds
      self.problem = problem
      self.detail = detail
    }
  }

  package let quorum: String
  /// Entries that the published checkpoint covers.
  package let publishedSize: UInt64
  /// Whether the witnesses that have cosigned of late suffice.
  package let isQuorumPresent: Bool
  /// Whether the ledger was opened without asking them.
  package let isGuardSkipped: Bool
  package let witnesses: [Witness]

  package init(
    quorum: String, publishedSize: UInt64, isQuorumPresent: Bool, isGuardSkipped: Bool,
    witnesses: [Witness]
  ) {
    self.quorum = quorum
    self.publishedSize = publishedSize
    self.isQuorumPresent = isQuorumPresent
    self.isGuardSkipped = isGuardSkipped
    self.witnesses = witnesses
  }
}
