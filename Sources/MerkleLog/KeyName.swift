/// The name of a key: what a signature line says of who signed.
///
/// Names are equal when their bytes are; Unicode normalisation plays no part.
///
/// - Range: not empty; no Unicode white space, no control byte, no `+`.
/// - Source: C2SP signed-note, "Format". A URL without scheme, as `ledger.example/log1`, is usual.
public struct KeyName: Hashable, Sendable {
  /// The name's bytes.
  public let utf8: [UInt8]

  /// Creates a name.
  ///
  /// - Throws: ``KeyError/malformedName``.
  public init(_ name: some StringProtocol) throws(KeyError) {
    let isWellFormed = name.unicodeScalars.allSatisfy { scalar in
      scalar != "+" && scalar.value >= 0x20 && !scalar.properties.isWhitespace
    }
    guard !name.isEmpty, isWellFormed else { throw .malformedName }
    utf8 = Array(name.utf8)
  }
}

extension KeyName: CustomStringConvertible {
  public var description: String { String(decoding: utf8, as: UTF8.self) }
}

/// Four bytes that tell keys of one name apart.
///
/// It is a label: it authenticates nothing.
///
/// - Source: C2SP signed-note, "Signatures".
public struct KeyID: Hashable, Sendable {
  /// The four bytes as a big-endian number.
  public let rawValue: UInt32

  /// Creates a key ID from its big-endian number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Computes the ID of a key: the first bytes of SHA-256 of its name, a line feed, and the key
  /// with its algorithm byte.
  public init(name: KeyName, algorithm: KeyAlgorithm, publicKey: [UInt8]) {
    let digest = SHA256.hash(name.utf8 + [0x0a, algorithm.rawValue] + publicKey)
    self.init(digest.bytes.prefix(4))
  }

  /// Creates a key ID from its four bytes, big-endian.
  init(_ bytes: ArraySlice<UInt8>) {
    rawValue = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The four bytes.
  public var bytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) }
  }
}

extension KeyID: CustomStringConvertible {
  /// The eight lower-case hexadecimal digits.
  public var description: String { Hex.encode(bytes) }
}

/// What a key signs, and how; the raw value is the byte that stands for it in keys and key IDs.
public enum KeyAlgorithm: UInt8, Hashable, Sendable {
  /// Ed25519 over the text of a note. Source: C2SP signed-note, "Signature types".
  case ed25519 = 0x01
  /// Ed25519 over a time and the text of a checkpoint. Source: C2SP tlog-cosignature, "Format".
  case ed25519Cosignature = 0x04

  /// The length of a public key, in bytes.
  public var publicKeyByteCount: Int { 32 }
}
