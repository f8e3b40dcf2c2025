/// A log's head: which log it is, how many leaves it has, and the root over them.
///
/// Signed, it is a promise never to show another history of that size. It never has extension
/// lines: what else is to be signed goes into the log as an entry.
///
/// ```
/// <origin>
/// <size, decimal>
/// <root, base64>
/// ```
///
/// - Source: C2SP tlog-checkpoint, "Note text".
public struct Checkpoint: Hashable, Sendable {
  /// Which log.
  public let origin: Origin

  /// The number of leaves; at most ``LogLimits/treeSizeMax``.
  public let size: UInt64

  /// The root over them.
  public let root: Digest

  /// Creates a checkpoint.
  ///
  /// - Throws: ``CheckpointError/sizeOutOfRange(_:)`` or ``CheckpointError/wrongEmptyRoot(_:)``.
  public init(origin: Origin, size: UInt64, root: Digest) throws(CheckpointError) {
    guard size <= LogLimits.treeSizeMax else { throw .sizeOutOfRange(size) }
    guard size > 0 || root == TreeHash.emptyRoot else { throw .wrongEmptyRoot(root) }
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Parses the text of a note.
  ///
  /// - Throws: ``CheckpointError/malformedText``, ``CheckpointError/extensionLines``,
  ///   ``CheckpointError/malformedOrigin``, ``CheckpointError/malformedSize``,
  ///   ``CheckpointError/malformedRoot`` or ``CheckpointError/wrongEmptyRoot(_:)``.
  public init(text: [UInt8]) throws(CheckpointError) {
    let parts = try Self.parts(of: text)
    try self.init(origin: parts.origin, size: parts.size, root: parts.root)
  }

  /// Returns what the three lines say, whether or not an empty tree has its root.
  static func parts(
    of text: [UInt8]
  ) throws(CheckpointError) -> (origin: Origin, size: UInt64, root: Digest) {
    guard text.last == Note.lineFeed else { throw .malformedText }
    let lines = text.dropLast().split(
      separator: Note.lineFeed, omittingEmptySubsequences: false)
    guard lines.count >= 3 else { throw .malformedText }
    guard lines.count == 3 else { throw .extensionLines }
    guard let originText = String(validating: lines[0], as: UTF8.self) else {
      throw .malformedOrigin
    }
    let origin = try Origin(originText)
    guard let size = Decimal.decode(lines[1]) else { throw .malformedSize }
    guard let root = Digest(base64: lines[2]) else { throw .malformedRoot }
    return (origin, size, root)
  }

  /// The text of the note: what is signed.
  public var text: [UInt8] {
    var text = origin.utf8
    text.append(Note.lineFeed)
    text.append(contentsOf: "\(size)".utf8)
    text.append(Note.lineFeed)
    Base64.append(root.bytes, to: &text)
    text.append(Note.lineFeed)
    return text
  }
}

/// The name of a log: the first line of its checkpoints.
///
/// It should be the name of the log's key. Origins are equal when their bytes are.
///
/// - Range: not empty; no control byte, so no line feed. Spaces are allowed.
/// - Source: C2SP tlog-checkpoint, "Note text".
public struct Origin: Hashable, Sendable {
  /// The origin's bytes.
  public let utf8: [UInt8]

  /// Creates an origin.
  ///
  /// - Throws: ``CheckpointError/malformedOrigin``.
  public init(_ origin: some StringProtocol) throws(CheckpointError) {
    let utf8 = Array(origin.utf8)
    guard !utf8.isEmpty, utf8.allSatisfy({ $0 >= 0x20 }) else { throw .malformedOrigin }
    self.utf8 = utf8
  }

  /// Creates the origin that equals the name of the log's key, as it should.
  public init(_ name: KeyName) {
    utf8 = name.utf8
  }
}

extension Origin: CustomStringConvertible {
  public var description: String { String(decoding: utf8, as: UTF8.self) }
}

// MARK: - Signing and opening

/// A checkpoint whose log signature was checked.
public struct VerifiedCheckpoint: Hashable, Sendable {
  /// What the log signed.
  public let checkpoint: Checkpoint

  /// The whole note, with every signature, known or not.
  public let note: Note

  /// The signatures that hold by the witness keys asked for.
  ///
  /// How many suffice is the caller's policy.
  public let cosignatures: [VerifiedSignature]
}

extension Checkpoint {
  /// Returns the checkpoint as a note, signed by the log.
  ///
  /// A log must never sign two checkpoints of which neither's tree extends the other's; that is for
  /// the caller to know.
  ///
  /// - Parameters:
  ///   - key: The public half of the log's signing key.
  ///   - sign: Returns the 64-byte Ed25519 signature over a message.
  /// - Returns: A note with that one signature.
  /// - Throws: What `sign` throws.
  public func signed<Failure: Error>(
    by key: VerifierKey, with sign: (_ message: [UInt8]) throws(Failure) -> [UInt8]
  ) throws(Failure) -> Note {
    let text = text
    return Note(signed: text, by: try NoteSignature(signing: text, by: key, with: sign))
  }

  /// Opens a signed checkpoint: parses it, and checks who signed it.
  ///
  /// - Parameters:
  ///   - note: The note.
  ///   - origin: The log it must be of.
  ///   - logKey: The log's key, which must have signed it.
  ///   - witnessKeys: Keys that may have signed it too.
  ///   - check: Says whether an Ed25519 signature holds.
  /// - Returns: The checkpoint; nothing of it is known before.
  /// - Throws: ``CheckpointError/note(_:)``, ``CheckpointError/notSignedByLog(_:)``, a reason why
  ///   the text is no checkpoint, or ``CheckpointError/wrongOrigin(found:expected:)``.
  public static func open(
    _ note: Note, origin: Origin, logKey: VerifierKey, witnessKeys: [VerifierKey] = [],
    check: SignatureCheck
  ) throws(CheckpointError) -> VerifiedCheckpoint {
    let verified: [VerifiedSignature]
    do {
      verified = try note.verify(keys: [logKey] + witnessKeys, check: check)
    } catch {
      throw .note(error)
    }
    guard logKey.algorithm == .ed25519, verified.contains(where: { $0.key == logKey }) else {
      throw .notSignedByLog(logKey.name)
    }
    let checkpoint = try Checkpoint(text: note.text)
    guard checkpoint.origin == origin else {
      throw .wrongOrigin(found: checkpoint.origin, expected: origin)
    }
    return VerifiedCheckpoint(
      checkpoint: checkpoint, note: note, cosignatures: verified.filter { $0.key != logKey })
  }

  /// Opens a signed checkpoint, given its bytes.
  ///
  /// - Parameters:
  ///   - noteBytes: The bytes of the note.
  ///   - origin: The log it must be of.
  ///   - logKey: The log's key, which must have signed it.
  ///   - witnessKeys: Keys that may have signed it too.
  ///   - check: Says whether an Ed25519 signature holds.
  /// - Returns: The checkpoint; nothing of it is known before.
  /// - Throws: As for a ``Note``; the bytes may not be one.
  public static func open(
    _ noteBytes: [UInt8], origin: Origin, logKey: VerifierKey, witnessKeys: [VerifierKey] = [],
    check: SignatureCheck
  ) throws(CheckpointError) -> VerifiedCheckpoint {
    let note: Note
    do {
      note = try Note(noteBytes)
    } catch {
      throw .note(error)
    }
    return try open(
      note, origin: origin, logKey: logKey, witnessKeys: witnessKeys, check: check)
  }
}

/// Why text is not a checkpoint, or a checkpoint not to be believed.
public enum CheckpointError: Error, Hashable, Sendable {
  case note(NoteError)
  case notSignedByLog(KeyName)
  case malformedText
  case extensionLines
  case malformedOrigin
  case malformedSize
  case malformedRoot
  case sizeOutOfRange(UInt64)
  case wrongEmptyRoot(Digest)
  case wrongOrigin(found: Origin, expected: Origin)
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .note(let error):
      "\(error)"
    case .notSignedByLog(let name):
      "the checkpoint is not signed by the log's key `\(name)`"
    case .malformedText:
      "a checkpoint is three lines, each ended by a line feed: origin, size and root"
    case .extensionLines:
      "the checkpoint has more than three lines; extension lines are not accepted"
    case .malformedOrigin:
      "an origin is UTF-8, not empty and without control characters"
    case .malformedSize:
      "the size is not a decimal number up to `\(LogLimits.treeSizeMax)` without leading zeros"
    case .malformedRoot:
      "the root is not the canonical base64 of `\(Digest.byteCount)` bytes"
    case .sizeOutOfRange(let size):
      "size `\(size)` is above `\(LogLimits.treeSizeMax)`"
    case .wrongEmptyRoot(let root):
      "the empty tree has root `\(TreeHash.emptyRoot)`, not `\(root)`"
    case .wrongOrigin(let found, let expected):
      "the checkpoint is of log `\(found)`, not of `\(expected)`"
    }
  }
}
