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
    /// The last published checkpoint; `nil` where it does not meet the policy.
    var published: VerifiedCheckpoint?
  }

  /// What a note says about the log.
  enum Finding {
    case notSigned(CheckpointError)
    case consistent(size: UInt64)
    /// The log's key signed entries that are not here; the proof is the note with its signatures
    /// that hold.
    case contradicted(reason: String, proof: String)
  }

  /// Holds the log against what was published and what witnesses show.
  ///
  /// - Parameters:
  ///   - cosigned: The checkpoint that is kept beside the log, as published or as proof against it.
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
      try compare(published.checkpoint, with: "the checkpoint kept in `cosigned`")
      for (index, key) in policy.witnessKeys.enumerated()
      where published.cosignatures.contains(where: { $0.key == key }) {
        known.sizes[index] = published.checkpoint.size
      }
      // The policy may be another than that under which it was published.
      if policy.isMet(by: published.cosignatures.map(\.key)) { known.published = published }
    }
    guard let latest else { return known }
    var silent: [RestoreRefusal.Silent] = []
    var silentKeys: [VerifierKey] = []
    for (index, (witness, shown)) in zip(policy.witnesses, latest).enumerated() {
      let reason: String
      switch shown {
      case .silent(let silence): reason = silence.reason
      case .nothing:
        let proven = known.sizes[index]
        if proven == 0 { continue }
        reason =
          "it shows no checkpoint, and by `cosigned` has cosigned \(proven) entries: it forgot them"
      case .note(let bytes):
        guard let found = try silence(of: witness, showing: bytes, &known.sizes[index]) else {
          continue
        }
        reason = found
      }
      silent.append(RestoreRefusal.Silent(name: witness.name.description, reason: reason))
      silentKeys.append(witness.key)
    }
    // What is published had a quorum. Where the silent ones could have been it, nobody can tell.
    guard silent.isEmpty || !policy.isMet(by: silentKeys) else {
      throw .witness(.quorumSilent(quorum: policy.quorumName.description, silent))
    }
    return known
  }

  /// Holds the log against what a witness shows.
  ///
  /// - Parameters:
  ///   - witness: Who shows it.
  ///   - bytes: The note.
  ///   - proven: What it is known to have cosigned; more, afterwards, if it shows more.
  /// - Returns: Why it counts as silent all the same; `nil` where it does not.
  /// - Throws: ``OpeningError/witness(_:)`` where the log's key has signed what is not here.
  private func silence(
    of witness: TrustPolicy.Witness, showing bytes: [UInt8], _ proven: inout UInt64
  ) throws(OpeningError) -> String? {
    let theirs: Checkpoint
    do { theirs = try signed(bytes) } catch { return error.description }
    // Whoever shows it, and whatever his own line is worth: the log's signature decides.
    try compare(theirs, with: "witness `\(witness.name)`")
    do { try checkCosignature(on: bytes, by: witness.key) } catch { return error.description }
    guard theirs.size < proven else {
      proven = theirs.size
      return nil
    }
    return "it shows \(theirs.size) entries, and by `cosigned` has cosigned \(proven): it forgot "
      + "the rest, or lags"
  }

  /// Holds the log against a note that a witness shows.
  ///
  /// - Parameters:
  ///   - bytes: The note.
  ///   - name: Whose it is, for people.
  /// - Returns: What it says.
  /// - Throws: A failure of the store.
  func finding(in bytes: [UInt8], of name: String) throws(OpeningError) -> Finding {
    let theirs: Checkpoint
    do { theirs = try signed(bytes) } catch { return .notSigned(error) }
    let refusal: RestoreRefusal
    do {
      try compare(theirs, with: name)
      return .consistent(size: theirs.size)
    } catch .witness(let found) {
      refusal = found
    }
    // A false line of a witness takes nothing from the log's own.
    let keys = [logKey] + ((try? verify(bytes))?.cosignatures.map(\.key) ?? [])
    guard let note = try? Note(bytes) else { preconditionFailure("a signed note is none") }
    let lines = note.signatures.filter { line in
      keys.contains { $0.name == line.name && $0.id == line.keyID }
    }
    guard let proof = try? Note(text: note.text, signatures: lines) else {
      preconditionFailure("fewer signatures make no note of \(name)'s")
    }
    let text = String(decoding: proof.encoded, as: UTF8.self)
    switch refusal {
    case .rolledBack(_, let theirs, let ours):
      return .contradicted(
        reason: "\(name) shows \(theirs) entries that this log's key signed, and here are only "
          + "\(ours): this is an old copy, and the log was rolled back", proof: text)
    case .forked(_, let size, let theirs, let ours):
      return .contradicted(
        reason: "\(name) shows another log, signed by this log's key: of the first \(size) entries "
          + "the root is `\(theirs)` there, and `\(ours)` here", proof: text)
    case .policyOfOthers, .tooManyCosignatures, .cosignedFile, .quorumSilent:
      preconditionFailure("comparing found \(refusal)")
    }
  }

  /// What the log's key signed, whatever others' lines are beside its own.
  private func signed(_ bytes: [UInt8]) throws(CheckpointError) -> Checkpoint {
    try verify(bytes, witnessKeys: []).checkpoint
  }

  private func checkCosignature(
    on bytes: [UInt8], by witness: VerifierKey
  ) throws(CheckpointError) {
    let verified = try verify(bytes, witnessKeys: [witness])
    guard !verified.cosignatures.isEmpty else { throw .note(.noKnownSignature) }
  }

  private func verify(_ bytes: [UInt8]) throws(CheckpointError) -> VerifiedCheckpoint {
    try verify(bytes, witnessKeys: policy.witnessKeys)
  }

  private func verify(
    _ bytes: [UInt8], witnessKeys: [VerifierKey]
  ) throws(CheckpointError) -> VerifiedCheckpoint {
    try Checkpoint.open(
      bytes, origin: Origin(logKey.name), logKey: logKey, witnessKeys: witnessKeys,
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
  /// Those who do not answer, or show less than they cosigned, could have met the quorum alone.
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
      "the witnesses that do not show what they cosigned could be all that quorum `\(quorum)` needs, "
        + "so nobody can say whether this log has lost entries: "
        + silent.map { "`\($0.name)`: \($0.reason)" }.joined(separator: "; ")
        + ". Start when they are back; or, if you know that this folder is no old copy, with "
        + "--without-witnesses"
    }
  }
}
