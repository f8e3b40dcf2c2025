import LedgerLog
import LedgerStorage
import LedgerWire
package import MerkleLog

/// Refuses to open a log that has lost what it once signed.
///
/// Signing after the restore of an old copy is the classic way to fork a log: the new entries get
/// the places of the lost ones. The log itself cannot tell; its witnesses can, and so can the last
/// checkpoint that was published.
struct RestoreGuard {
  let policy: TrustPolicy
  let logKey: VerifierKey
  let tree: MerkleTree
  /// The leaf hashes of a complete tile.
  let leaves: (UInt64) throws(LogTilesError) -> [Digest]

  /// What is known of witnesses once the log has been held against them.
  struct Known {
    /// What each cosigned last, as far as it is known.
    var sizes: [UInt64]
    /// The last published checkpoint.
    var published: VerifiedCheckpoint?
  }

  /// Holds the log against what was published and what witnesses show.
  ///
  /// - Parameters:
  ///   - cosigned: The published checkpoint that is kept beside the log.
  ///   - latest: What each witness shows; `nil` where the operator goes without.
  /// - Returns: What the cosigner begins with.
  /// - Throws: ``OpeningError/witness(_:)``, or a failure of the store.
  func check(
    cosigned: String?, latest: [Witnessing.Latest]?
  ) throws(OpeningError) -> Known {
    guard policy.logs.contains(where: { $0.key == logKey }) else {
      throw .witness(.policyOfOthers(logKey))
    }
    // A cosignature's line: its name, and 110 bytes; the log's own part takes a kilobyte at most.
    let bytes = policy.witnessKeys.reduce(1_024) { $0 + $1.name.utf8.count + 110 }
    guard bytes <= StorageLimits.noteBytesMax else {
      throw .witness(.tooManyCosignatures(bytes: bytes))
    }
    var known = Known(sizes: policy.witnesses.map { _ in 0 })
    if let cosigned {
      let published: VerifiedCheckpoint
      do {
        published = try verify(Array(cosigned.utf8))
      } catch {
        throw .witness(.cosignedFile(error))
      }
      try compare(published.checkpoint, with: "the published checkpoint")
      for (index, key) in policy.witnessKeys.enumerated()
      where published.cosignatures.contains(where: { $0.key == key }) {
        known.sizes[index] = published.checkpoint.size
      }
      known.published = published
    }
    guard let latest else { return known }
    var answered: [VerifierKey] = []
    var silent: [RestoreRefusal.Silent] = []
    for (index, (witness, shown)) in zip(policy.witnesses, latest).enumerated() {
      switch shown {
      case .silent(let silence):
        silent.append(
          RestoreRefusal.Silent(name: witness.name.description, reason: silence.reason))
      case .nothing:
        answered.append(witness.key)
        known.sizes[index] = 0
      case .note(let bytes):
        let theirs: Checkpoint
        do {
          theirs = try verify(bytes, cosignedBy: witness.key)
        } catch {
          silent.append(
            RestoreRefusal.Silent(name: witness.name.description, reason: error.description))
          continue
        }
        answered.append(witness.key)
        known.sizes[index] = theirs.size
        try compare(theirs, with: "witness `\(witness.name)`")
      }
    }
    guard policy.isMet(by: answered) else {
      throw .witness(.quorumSilent(quorum: policy.quorumName.description, silent))
    }
    return known
  }

  private func verify(
    _ bytes: [UInt8], cosignedBy witness: VerifierKey
  ) throws(CheckpointError) -> Checkpoint {
    let verified = try verify(bytes)
    guard verified.cosignatures.contains(where: { $0.key == witness }) else {
      throw .note(.noKnownSignature)
    }
    return verified.checkpoint
  }

  private func verify(_ bytes: [UInt8]) throws(CheckpointError) -> VerifiedCheckpoint {
    try Checkpoint.open(
      bytes, origin: Origin(logKey.name), logKey: logKey, witnessKeys: policy.witnessKeys,
      check: { Ed25519.isValid($2, on: $1, publicKey: $0) })
  }

  private func compare(
    _ theirs: Checkpoint, with name: String
  ) throws(OpeningError) {
    guard theirs.size <= tree.size else {
      throw .witness(.rolledBack(by: name, theirs: theirs.size, ours: tree.size))
    }
    let root: Digest
    do {
      root = try tree.root(at: theirs.size, leaves: leaves)
    } catch {
      throw .storage(.corrupt(detail: "the tree of \(theirs.size) entries: \(error)"))
    }
    guard root == theirs.root else {
      throw .witness(
        .forked(by: name, size: theirs.size, theirs: theirs.root, ours: root))
    }
  }
}

/// Why a log does not open beside what its witnesses know.
package enum RestoreRefusal: Hashable, Sendable {
  /// A witness that did not show what it cosigned.
  package struct Silent: Hashable, Sendable {
    package let name: String
    package let reason: String
  }

  /// The policy has no line for this log's key.
  case policyOfOthers(VerifierKey)
  /// A checkpoint with every witness's line would be longer than is kept.
  case tooManyCosignatures(bytes: Int)
  /// The kept published checkpoint is none.
  case cosignedFile(CheckpointError)
  case rolledBack(by: String, theirs: UInt64, ours: UInt64)
  case forked(by: String, size: UInt64, theirs: Digest, ours: Digest)
  /// Too few witnesses answered to say whether the log has lost anything.
  case quorumSilent(quorum: String, [Silent])
}

extension RestoreRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .policyOfOthers(let key):
      "the policy has no line `log \(key)`; it is of another ledger, or lacks that line"
    case .tooManyCosignatures(let bytes):
      "a checkpoint cosigned by every witness would have \(bytes) bytes, and at most "
        + "\(StorageLimits.noteBytesMax) are kept; name fewer witnesses, or such with shorter names"
    case .cosignedFile(let error):
      "the file `cosigned` in the ledger's folder is damaged: \(error); compare the log with what "
        + "was published, and only then remove the file"
    case .rolledBack(let name, let theirs, let ours):
      "\(name) has \(theirs) entries of this log, and here are \(ours): the folder is an old copy. "
        + "Nothing was signed. Restore the newest copy, one with at least \(theirs) entries; if "
        + "there is none, those orders are lost here, and this log must not go on"
    case .forked(let name, let size, let theirs, let ours):
      "\(name) has another log: of its first \(size) entries the root is `\(theirs)` there, and "
        + "`\(ours)` here. Nothing was signed. Keep both, and find out which was altered"
    case .quorumSilent(let quorum, let silent):
      "too few witnesses answered to meet quorum `\(quorum)`, so nobody can say whether this log has "
        + "lost entries: "
        + silent.map { "`\($0.name)`: \($0.reason)" }.joined(separator: "; ")
        + ". Start when they are back; or, if you know that this folder is no old copy, with "
        + "--without-witnesses"
    }
  }
}
