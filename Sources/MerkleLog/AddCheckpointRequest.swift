/// What a log asks of a witness: to cosign a checkpoint, given that it extends the last one.
///
/// A value is well formed; whether the witness agrees is for ``checkSignature(keys:check:)`` and
/// ``checkpoint(after:)`` to say, in that order.
///
/// ```
/// old <decimal>         the size of the tree that the witness cosigned last; 0 for none
/// <hash, base64>        one for each hash of the consistency proof
///
/// <the checkpoint, with its signatures>
/// ```
///
/// - Source: C2SP tlog-witness, "add-checkpoint".
public struct AddCheckpointRequest: Hashable, Sendable {
  /// The size from which the proof starts; 0 where the witness has cosigned nothing yet.
  public let oldSize: UInt64

  /// The consistency proof, deepest hash first; at most ``LogLimits/proofHashCountMax``.
  public let proof: [Digest]

  /// The signed checkpoint.
  public let note: Note

  /// Which log the checkpoint says that it is of.
  public let origin: Origin

  /// The size that the checkpoint states.
  public let size: UInt64

  /// The root that the checkpoint states.
  public let root: Digest

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - oldSize: What the witness cosigned last, or 0.
  ///   - proof: From there to the checkpoint's size.
  ///   - note: A signed checkpoint.
  /// - Throws: ``AddCheckpointError/malformedOldSize``, ``AddCheckpointError/tooManyHashes`` or
  ///   ``AddCheckpointError/malformedCheckpoint(_:)``.
  public init(oldSize: UInt64, proof: [Digest], note: Note) throws(AddCheckpointError) {
    guard oldSize <= LogLimits.treeSizeMax else { throw .malformedOldSize }
    guard proof.count <= LogLimits.proofHashCountMax else { throw .tooManyHashes }
    do {
      (origin, size, root) = try Checkpoint.parts(of: note.text)
    } catch {
      throw .malformedCheckpoint(error)
    }
    self.oldSize = oldSize
    self.proof = proof
    self.note = note
  }

  /// Parses the body of a request.
  ///
  /// - Throws: ``AddCheckpointError/tooLong(byteCount:)``, ``AddCheckpointError/malformedOldSize``,
  ///   ``AddCheckpointError/malformedHash(_:)``, ``AddCheckpointError/tooManyHashes`` or
  ///   ``AddCheckpointError/malformedCheckpoint(_:)``.
  public init(_ bytes: [UInt8]) throws(AddCheckpointError) {
    guard bytes.count <= LogLimits.addCheckpointByteCountMax else {
      throw .tooLong(byteCount: bytes.count)
    }
    var rest = bytes[...]
    guard let line = rest.takeLine(), line.starts(with: Self.oldPrefix),
      let oldSize = Decimal.decode(line.dropFirst(Self.oldPrefix.count))
    else { throw .malformedOldSize }
    var proof: [Digest] = []
    while true {
      guard let line = rest.takeLine() else { throw .malformedHash(proof.count + 1) }
      if line.isEmpty { break }
      guard proof.count < LogLimits.proofHashCountMax else { throw .tooManyHashes }
      guard let hash = Digest(base64: line) else { throw .malformedHash(proof.count + 1) }
      proof.append(hash)
    }
    let note: Note
    do {
      note = try Note(Array(rest))
    } catch {
      throw .malformedCheckpoint(.note(error))
    }
    try self.init(oldSize: oldSize, proof: proof, note: note)
  }

  /// The body of the request.
  public var encoded: [UInt8] {
    var bytes = Self.oldPrefix
    bytes += "\(oldSize)\n".utf8
    for hash in proof {
      Base64.append(hash.bytes, to: &bytes)
      bytes.append(Note.lineFeed)
    }
    bytes.append(Note.lineFeed)
    bytes += note.encoded
    return bytes
  }

  private static let oldPrefix = Array("old ".utf8)
}

// MARK: - What a witness checks

/// The largest tree of a log that a witness has cosigned.
public struct WitnessedTree: Hashable, Sendable {
  /// The number of its leaves.
  public let size: UInt64

  /// The root over them.
  public let root: Digest

  /// What a witness has of a log of which it has cosigned nothing: every tree extends it.
  public static let none = WitnessedTree(size: 0, root: TreeHash.emptyRoot)

  /// Creates a record from its parts.
  public init(size: UInt64, root: Digest) {
    self.size = size
    self.root = root
  }

  /// Creates the record of a checkpoint.
  public init(_ checkpoint: Checkpoint) {
    self.init(size: checkpoint.size, root: checkpoint.root)
  }
}

extension AddCheckpointRequest {
  /// Checks that the log signed the checkpoint.
  ///
  /// - Parameters:
  ///   - keys: Those trusted for the checkpoint's origin, each an ``KeyAlgorithm/ed25519`` key; one
  ///     must have signed, and none falsely.
  ///   - check: Says whether an Ed25519 signature holds.
  /// - Throws: ``AddCheckpointError/notSigned(_:)``.
  public func checkSignature(
    keys: [VerifierKey], check: SignatureCheck
  ) throws(AddCheckpointError) {
    do {
      _ = try note.verify(keys: keys.filter { $0.algorithm == .ed25519 }, check: check)
    } catch {
      throw .notSigned(error)
    }
  }

  /// Returns the checkpoint if it extends what the witness cosigned last.
  ///
  /// The caller must make the answer its record, durably and only where `last` still is the record,
  /// before it cosigns.
  ///
  /// - Parameter last: The witness's record for the log.
  /// - Returns: The checkpoint; of the same tree as `last`, or of one that extends it.
  /// - Throws: ``AddCheckpointError/oldSizeAboveNew(old:new:)``,
  ///   ``AddCheckpointError/conflict(size:)`` or ``AddCheckpointError/inconsistent(_:)``.
  public func checkpoint(after last: WitnessedTree) throws(AddCheckpointError) -> Checkpoint {
    guard oldSize <= size else { throw .oldSizeAboveNew(old: oldSize, new: size) }
    guard oldSize == last.size else { throw .conflict(size: last.size) }
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(origin: origin, size: size, root: root)
    } catch {
      throw .inconsistent(.wrongEmptyRoot(root))
    }
    guard oldSize < size else {
      guard proof.isEmpty else { throw .inconsistent(.needlessProof(hashes: proof.count)) }
      guard root == last.root else {
        throw .inconsistent(.otherRoot(size: size, found: root, cosigned: last.root))
      }
      return checkpoint
    }
    guard oldSize > 0 else {
      guard proof.isEmpty else { throw .inconsistent(.needlessProof(hashes: proof.count)) }
      return checkpoint
    }
    do {
      try ConsistencyProof(oldSize: oldSize, newSize: size, path: proof)
        .verify(oldRoot: last.root, newRoot: root)
    } catch {
      throw .inconsistent(.proof(error))
    }
    return checkpoint
  }
}

/// Why a witness does not cosign, in the order in which it checks.
public enum AddCheckpointError: Error, Hashable, Sendable {
  case tooLong(byteCount: Int)
  case malformedOldSize
  /// Counted from 1.
  case malformedHash(Int)
  case tooManyHashes
  case malformedCheckpoint(CheckpointError)
  case unknownLog(Origin)
  case notSigned(NoteError)
  case oldSizeAboveNew(old: UInt64, new: UInt64)
  /// The witness has cosigned another size than the request starts from.
  case conflict(size: UInt64)
  case inconsistent(Inconsistency)

  /// What is wrong between the tree that was cosigned last and the one to cosign.
  public enum Inconsistency: Hashable, Sendable {
    case wrongEmptyRoot(Digest)
    /// Nothing is to be proven from the empty tree, or between equal sizes.
    case needlessProof(hashes: Int)
    case otherRoot(size: UInt64, found: Digest, cosigned: Digest)
    case proof(ProofError)
  }

  /// The HTTP status that says so.
  ///
  /// Source: C2SP tlog-witness, "add-checkpoint".
  public var statusCode: Int {
    switch self {
    case .tooLong, .malformedOldSize, .malformedHash, .tooManyHashes, .malformedCheckpoint,
      .oldSizeAboveNew:
      400
    case .unknownLog: 404
    case .notSigned: 403
    case .conflict: 409
    case .inconsistent: 422
    }
  }
}

extension AddCheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let byteCount):
      "the request has `\(byteCount)` bytes; at most `\(LogLimits.addCheckpointByteCountMax)` are "
        + "accepted"
    case .malformedOldSize:
      "the first line is not `old` and a decimal number up to `\(LogLimits.treeSizeMax)`"
    case .malformedHash(let hash):
      "hash `\(hash)` is not a line of canonical base64 of 32 bytes; a blank line ends the hashes"
    case .tooManyHashes:
      "the proof has more than `\(LogLimits.proofHashCountMax)` hashes"
    case .malformedCheckpoint(let error):
      "\(error)"
    case .unknownLog(let origin):
      "log `\(origin)` is not watched here"
    case .notSigned(let error):
      "\(error)"
    case .oldSizeAboveNew(let old, let new):
      "old size `\(old)` is above the checkpoint's `\(new)`; a log only grows"
    case .conflict(let size):
      "the last checkpoint cosigned has size `\(size)`; start the proof from there"
    case .inconsistent(let inconsistency):
      "\(inconsistency)"
    }
  }
}

extension AddCheckpointError.Inconsistency: CustomStringConvertible {
  public var description: String {
    switch self {
    case .wrongEmptyRoot(let root):
      "the empty tree has root `\(TreeHash.emptyRoot)`, not `\(root)`"
    case .needlessProof(let hashes):
      "there are `\(hashes)` proof hashes; from old size 0, or to an equal size, there are none"
    case .otherRoot(let size, let found, let cosigned):
      "the tree of size `\(size)` has root `\(found)` here, and `\(cosigned)` was cosigned"
    case .proof(let error):
      "\(error)"
    }
  }
}
