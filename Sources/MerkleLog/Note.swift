/// A text and the signatures on it.
///
/// A value is well formed; whether a signature *holds* is for ``verify(keys:check:)`` to say. The
/// bytes and the value determine each other: what is parsed encodes to what it was parsed from.
///
/// ```
/// <text: one or more lines, each ended by a line feed>
///
/// — <key name> <base64 of key ID and signature>
/// ```
///
/// - Source: C2SP signed-note, "Format".
public struct Note: Hashable, Sendable {
  /// The bytes that are signed: UTF-8, ended by a line feed, without the blank line after it.
  public let text: [UInt8]

  /// One or more signatures, in the order of their lines.
  public private(set) var signatures: [NoteSignature]

  /// Creates a note from its parts.
  ///
  /// - Throws: The first ``NoteError`` that holds, in declaration order.
  public init(text: [UInt8], signatures: [NoteSignature]) throws(NoteError) {
    try Self.checkCharacters(text)
    guard text.last == Self.lineFeed else { throw .noSeparator }
    guard !signatures.isEmpty else { throw .noSignatures }
    guard signatures.count <= LogLimits.noteSignatureCountMax else { throw .tooManySignatures }
    self.text = text
    self.signatures = signatures
    let byteCount = encoded.count
    guard byteCount <= LogLimits.noteByteCountMax else { throw .tooLong(byteCount: byteCount) }
  }

  /// Creates a note of well-formed text with its first signature.
  init(signed text: [UInt8], by signature: NoteSignature) {
    self.text = text
    self.signatures = [signature]
  }

  /// Parses a note.
  ///
  /// - Throws: The first ``NoteError`` that holds, in declaration order.
  public init(_ bytes: [UInt8]) throws(NoteError) {
    guard bytes.count <= LogLimits.noteByteCountMax else {
      throw .tooLong(byteCount: bytes.count)
    }
    try Self.checkCharacters(bytes)
    guard let separator = Self.lastBlankLine(bytes) else { throw .noSeparator }
    let text = Array(bytes[..<separator])
    let tail = bytes[(separator + 1)...]
    guard !tail.isEmpty else { throw .noSignatures }
    guard tail.last == Self.lineFeed else { throw .malformedSignatureLine(1) }

    var signatures: [NoteSignature] = []
    let lines = tail.dropLast().split(
      separator: Self.lineFeed, omittingEmptySubsequences: false)
    guard lines.count <= LogLimits.noteSignatureCountMax else { throw .tooManySignatures }
    for (index, line) in lines.enumerated() {
      guard let signature = NoteSignature(line: line) else {
        throw .malformedSignatureLine(index + 1)
      }
      signatures.append(signature)
    }
    self.text = text
    self.signatures = signatures
  }

  /// The bytes of the note.
  public var encoded: [UInt8] {
    var bytes = text
    bytes.append(Self.lineFeed)
    for signature in signatures { signature.append(to: &bytes) }
    return bytes
  }

  /// Returns the note with one more signature, after the others.
  ///
  /// - Throws: ``NoteError/tooManySignatures``, ``NoteError/tooLong(byteCount:)``, or
  ///   ``NoteError/duplicateSignature(name:id:)`` if this key has signed it already.
  public func adding(_ signature: NoteSignature) throws(NoteError) -> Note {
    guard !signatures.contains(where: { $0.isLabelled(like: signature) }) else {
      throw .duplicateSignature(name: signature.name, id: signature.keyID)
    }
    return try Note(text: text, signatures: signatures + [signature])
  }

  static let lineFeed = UInt8(ascii: "\n")

  /// Refuses what is not UTF-8, and every control byte but the line feed.
  private static func checkCharacters(_ bytes: [UInt8]) throws(NoteError) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    if let offset = bytes.firstIndex(where: { $0 < 0x20 && $0 != lineFeed }) {
      throw .controlByte(byteOffset: offset)
    }
  }

  /// Returns the offset of the second of the last two line feeds in a row.
  private static func lastBlankLine(_ bytes: [UInt8]) -> Int? {
    bytes.indices.dropFirst().last { bytes[$0] == lineFeed && bytes[$0 - 1] == lineFeed }
  }
}

// MARK: - Verification

/// Says whether `signature`, of 64 bytes, is one over `message` by `publicKey`, of 32 bytes.
///
/// This module has no signature algorithm: the caller lends one, for Ed25519 as in RFC 8032.
public typealias SignatureCheck = (
  _ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]
) -> Bool

/// A signature that was checked, and by which key.
public struct VerifiedSignature: Hashable, Sendable {
  /// The key that signed.
  public let key: VerifierKey

  /// When, in POSIX seconds, by the signer's clock; only cosignatures say.
  public let timestampSeconds: UInt64?
}

extension Note {
  /// Checks the signatures made by any of `keys`, and ignores the others.
  ///
  /// - Parameters:
  ///   - keys: The keys that are trusted. A note may lack signatures by some of them.
  ///   - check: Says whether a signature holds.
  /// - Returns: At least one signature and at most one for each key, in the order of the lines.
  /// - Throws: ``NoteError/ambiguousKey(name:id:)``, ``NoteError/duplicateSignature(name:id:)`` or
  ///   ``NoteError/invalidSignature(name:id:)`` for the first line of which it holds, even if
  ///   others are good; ``NoteError/noKnownSignature`` if none is by one of `keys`.
  public func verify(
    keys: [VerifierKey], check: SignatureCheck
  ) throws(NoteError) -> [VerifiedSignature] {
    var verified: [VerifiedSignature] = []
    for signature in signatures {
      let candidates = keys.filter { $0.name == signature.name && $0.id == signature.keyID }
      guard let key = candidates.first else { continue }
      guard candidates.count == 1 else {
        throw .ambiguousKey(name: key.name, id: key.id)
      }
      guard !verified.contains(where: { $0.key == key }) else {
        throw .duplicateSignature(name: key.name, id: key.id)
      }
      guard
        let parts = signature.parts(for: key.algorithm),
        check(
          key.publicKey,
          key.algorithm.message(text: text, timestampSeconds: parts.timestampSeconds),
          parts.signature)
      else { throw .invalidSignature(name: key.name, id: key.id) }
      verified.append(VerifiedSignature(key: key, timestampSeconds: parts.timestampSeconds))
    }
    guard !verified.isEmpty else { throw .noKnownSignature }
    return verified
  }
}

/// Why bytes are not a note, or a note not to be believed.
public enum NoteError: Error, Hashable, Sendable {
  case tooLong(byteCount: Int)
  case notUTF8
  case controlByte(byteOffset: Int)
  case noSeparator
  case noSignatures
  case tooManySignatures
  /// Counted from 1.
  case malformedSignatureLine(Int)
  case ambiguousKey(name: KeyName, id: KeyID)
  case duplicateSignature(name: KeyName, id: KeyID)
  case invalidSignature(name: KeyName, id: KeyID)
  case noKnownSignature
}

extension NoteError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let byteCount):
      "the note has `\(byteCount)` bytes; at most `\(LogLimits.noteByteCountMax)` are accepted"
    case .notUTF8:
      "the note is not UTF-8"
    case .controlByte(let byteOffset):
      "the note has a control character at byte `\(byteOffset)`; only line feeds are allowed"
    case .noSeparator:
      "the note has no blank line after its text, which ends in a line feed"
    case .noSignatures:
      "the note has no signature line"
    case .tooManySignatures:
      "the note has more than `\(LogLimits.noteSignatureCountMax)` signature lines"
    case .malformedSignatureLine(let line):
      "signature line `\(line)` is not an em dash, a key name and canonical base64, line feed last"
    case .ambiguousKey(let name, let id):
      "two trusted keys have name `\(name)` and id `\(id)`; trust one of them"
    case .duplicateSignature(let name, let id):
      "key `\(name)` with id `\(id)` has signed the note twice; once is enough"
    case .invalidSignature(let name, let id):
      "the signature by key `\(name)` with id `\(id)` is false"
    case .noKnownSignature:
      "the note has no signature by a trusted key"
    }
  }
}
