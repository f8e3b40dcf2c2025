/// All the evidence that one entry is in a log, in one file, but for the entry itself.
///
/// It holds for ever and needs no connection to the log. A value is well formed; whether it *holds*
/// is for ``verify(leaf:origin:logKey:witnessKeys:check:)`` to say.
///
/// ```
/// c2sp.org/tlog-proof@v1
/// extra <base64>             optional
/// index <decimal>
/// <hash, base64>             one for each hash of the inclusion proof
///
/// <the checkpoint, with its signatures>
/// ```
///
/// - Source: C2SP tlog-proof.
public struct LogProof: Hashable, Sendable {
  /// Bytes that travel with the proof and that nothing authenticates, such as the entry.
  public let extra: [UInt8]?

  /// The proof that binds the entry to the checkpoint's root.
  public let inclusion: InclusionProof

  /// The signed checkpoint.
  public let note: Note

  /// Creates a log proof from its parts.
  ///
  /// - Parameters:
  ///   - inclusion: A proof in the tree of the checkpoint.
  ///   - note: A signed checkpoint.
  ///   - extra: Bytes to travel with it; nothing authenticates them.
  /// - Throws: ``LogProofError/checkpoint(_:)`` or
  ///   ``LogProofError/wrongTreeSize(proof:checkpoint:)``.
  public init(
    inclusion: InclusionProof, note: Note, extra: [UInt8]? = nil
  ) throws(LogProofError) {
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(text: note.text)
    } catch {
      throw .checkpoint(error)
    }
    guard checkpoint.size == inclusion.treeSize else {
      throw .wrongTreeSize(proof: inclusion.treeSize, checkpoint: checkpoint.size)
    }
    self.extra = extra
    self.inclusion = inclusion
    self.note = note
  }

  /// Parses a log proof.
  ///
  /// - Throws: ``LogProofError/tooLong(byteCount:)``, ``LogProofError/malformedHeader``,
  ///   ``LogProofError/malformedExtra``, ``LogProofError/malformedIndex``,
  ///   ``LogProofError/malformedHash(_:)``, ``LogProofError/tooManyHashes``,
  ///   ``LogProofError/checkpoint(_:)`` or ``LogProofError/inclusion(_:)``.
  public init(_ bytes: [UInt8]) throws(LogProofError) {
    guard bytes.count <= LogLimits.logProofByteCountMax else {
      throw .tooLong(byteCount: bytes.count)
    }
    var rest = bytes[...]
    guard rest.takeLine()?.elementsEqual(Self.header) == true else {
      throw .malformedHeader
    }

    var line = rest.takeLine()
    var extra: [UInt8]?
    if let text = line, text.starts(with: Self.extraPrefix) {
      extra = Base64.decode(text.dropFirst(Self.extraPrefix.count))
      guard extra != nil else { throw .malformedExtra }
      line = rest.takeLine()
    }
    guard let text = line, text.starts(with: Self.indexPrefix),
      let index = Decimal.decode(text.dropFirst(Self.indexPrefix.count))
    else { throw .malformedIndex }

    var path: [Digest] = []
    while true {
      guard let text = rest.takeLine() else { throw .malformedHash(path.count + 1) }
      if text.isEmpty { break }
      guard path.count < LogLimits.proofHashCountMax else { throw .tooManyHashes }
      guard let hash = Digest(base64: text) else { throw .malformedHash(path.count + 1) }
      path.append(hash)
    }

    let note: Note
    let checkpoint: Checkpoint
    do {
      note = try Note(Array(rest))
    } catch {
      throw .checkpoint(.note(error))
    }
    do {
      checkpoint = try Checkpoint(text: note.text)
    } catch {
      throw .checkpoint(error)
    }
    let inclusion: InclusionProof
    do {
      inclusion = try InclusionProof(index: index, treeSize: checkpoint.size, path: path)
    } catch {
      throw .inclusion(error)
    }
    try self.init(inclusion: inclusion, note: note, extra: extra)
  }

  /// The bytes of the file.
  public var encoded: [UInt8] {
    var bytes = Self.header + [Note.lineFeed]
    if let extra {
      bytes += Self.extraPrefix
      Base64.append(extra, to: &bytes)
      bytes.append(Note.lineFeed)
    }
    bytes += Self.indexPrefix
    bytes += "\(inclusion.index)\n".utf8
    for hash in inclusion.path {
      Base64.append(hash.bytes, to: &bytes)
      bytes.append(Note.lineFeed)
    }
    bytes.append(Note.lineFeed)
    bytes += note.encoded
    return bytes
  }

  /// Returns the checkpoint only if the log signed it and the entry is in its tree.
  ///
  /// - Parameters:
  ///   - leaf: The leaf hash of the entry, whose bytes the verifier has from elsewhere.
  ///   - origin: The log it must be in.
  ///   - logKey: The log's key.
  ///   - witnessKeys: Keys of witnesses; how many must have signed is for the caller to check.
  ///   - check: Says whether an Ed25519 signature holds.
  /// - Returns: The checkpoint, with the cosignatures that hold.
  /// - Throws: ``LogProofError/checkpoint(_:)`` or ``LogProofError/inclusion(_:)``.
  public func verify(
    leaf: Digest, origin: Origin, logKey: VerifierKey, witnessKeys: [VerifierKey] = [],
    check: SignatureCheck
  ) throws(LogProofError) -> VerifiedCheckpoint {
    let verified: VerifiedCheckpoint
    do {
      verified = try Checkpoint.open(
        note, origin: origin, logKey: logKey, witnessKeys: witnessKeys, check: check)
    } catch {
      throw .checkpoint(error)
    }
    do {
      try inclusion.verify(leaf: leaf, root: verified.checkpoint.root)
    } catch {
      throw .inclusion(error)
    }
    return verified
  }

  private static let header = Array("c2sp.org/tlog-proof@v1".utf8)
  private static let extraPrefix = Array("extra ".utf8)
  private static let indexPrefix = Array("index ".utf8)
}

extension ArraySlice<UInt8> {
  /// Takes off the next line, without its line feed, or returns `nil` if no line is ended.
  mutating func takeLine() -> ArraySlice<UInt8>? {
    guard let end = firstIndex(of: Note.lineFeed) else { return nil }
    defer { self = self[(end + 1)...] }
    return self[..<end]
  }
}

/// Why bytes are not a log proof, or a log proof not to be believed.
public enum LogProofError: Error, Hashable, Sendable {
  case tooLong(byteCount: Int)
  case malformedHeader
  case malformedExtra
  case malformedIndex
  /// Counted from 1.
  case malformedHash(Int)
  case tooManyHashes
  case checkpoint(CheckpointError)
  case inclusion(ProofError)
  case wrongTreeSize(proof: UInt64, checkpoint: UInt64)
}

extension LogProofError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let byteCount):
      "the proof has `\(byteCount)` bytes; at most `\(LogLimits.logProofByteCountMax)` are accepted"
    case .malformedHeader:
      "the first line is not `c2sp.org/tlog-proof@v1`"
    case .malformedExtra:
      "the `extra` line is not canonical base64"
    case .malformedIndex:
      "there is no line `index` with a decimal number, after the first line and `extra` if any"
    case .malformedHash(let hash):
      "hash `\(hash)` is not a line of canonical base64 of 32 bytes; a blank line ends the hashes"
    case .tooManyHashes:
      "the proof has more than `\(LogLimits.proofHashCountMax)` hashes"
    case .checkpoint(let error):
      "\(error)"
    case .inclusion(let error):
      "\(error)"
    case .wrongTreeSize(let proof, let checkpoint):
      "the proof is for a tree of `\(proof)` leaves, the checkpoint for one of `\(checkpoint)`"
    }
  }
}
