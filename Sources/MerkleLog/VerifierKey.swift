/// A public key by which notes are checked, with the name it signs under.
///
/// - Source: C2SP signed-note, "Verifier keys".
public struct VerifierKey: Hashable, Sendable {
  /// The name it signs under.
  public let name: KeyName

  /// What it signs, and how.
  public let algorithm: KeyAlgorithm

  /// The key's bytes.
  public let publicKey: [UInt8]

  /// The label that signature lines carry.
  public let id: KeyID

  /// Creates a key.
  ///
  /// - Throws: ``KeyError/wrongByteCount(expected:found:)``.
  public init(
    name: KeyName, algorithm: KeyAlgorithm, publicKey: [UInt8]
  ) throws(KeyError) {
    guard publicKey.count == algorithm.publicKeyByteCount else {
      throw .wrongByteCount(expected: algorithm.publicKeyByteCount, found: publicKey.count)
    }
    self.name = name
    self.algorithm = algorithm
    self.publicKey = publicKey
    self.id = KeyID(name: name, algorithm: algorithm, publicKey: publicKey)
  }

  /// Creates a key from its text, as ``vkey`` writes it: a name, a key ID and a key, joined by `+`.
  ///
  /// - Throws: The first ``KeyError`` that holds, in declaration order.
  public init(vkey: String) throws(KeyError) {
    // The base64 may hold `+` too, so there are two splits and no more.
    let parts = vkey.utf8.split(
      separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let idBytes = Hex.decode(parts[1]), idBytes.count == 4,
      let keyBytes = Base64.decode(parts[2]), let algorithmByte = keyBytes.first
    else { throw .malformedKey }
    let name = try KeyName(Substring(parts[0]))
    guard let algorithm = KeyAlgorithm(rawValue: algorithmByte) else {
      throw .unknownAlgorithm(algorithmByte)
    }
    let publicKey = Array(keyBytes.dropFirst())
    try self.init(name: name, algorithm: algorithm, publicKey: publicKey)
    let stated = KeyID(idBytes[...])
    guard stated == id else { throw .wrongID(stated: stated, computed: id) }
  }

  /// The key as one line of text, to be given to those who verify.
  public var vkey: String {
    "\(name)+\(id)+\(Base64.encode([algorithm.rawValue] + publicKey))"
  }
}

extension VerifierKey: CustomStringConvertible {
  /// The text of the key.
  public var description: String { vkey }
}

/// Why text is not a key, in order of precedence.
public enum KeyError: Error, Hashable, Sendable {
  case malformedKey
  case malformedName
  case unknownAlgorithm(UInt8)
  case wrongByteCount(expected: Int, found: Int)
  case wrongID(stated: KeyID, computed: KeyID)
}

extension KeyError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformedKey:
      "a verifier key is `name+id+base64`, with an id of eight lower-case hexadecimal digits"
    case .malformedName:
      "a key name is not empty and has no white space, control character or `+`"
    case .unknownAlgorithm(let byte):
      "key algorithm `\(byte)` is not known; `1` and `4` are Ed25519 of a log and of a witness"
    case .wrongByteCount(let expected, let found):
      "the public key has `\(found)` bytes; of its algorithm it has exactly `\(expected)`"
    case .wrongID(let stated, let computed):
      "the key states id `\(stated)`, but has id `\(computed)`"
    }
  }
}
