import CLibsodium
import FoundationEssentials
public import LedgerModel

/// A private key at rest: a small JSON document, encrypted under a passphrase.
///
/// Argon2id derives the key of a secretbox (XSalsa20-Poly1305) that holds the 32-byte seed.
///
/// - Source: docs/formats/key-file.md; libsodium `crypto_pwhash`, `crypto_secretbox_easy`.
public struct SealedKey: Sendable {
  private struct Document: Codable {
    var format: String
    var algorithm: String
    var publicKey: String
    var passes: UInt64
    var memoryBytes: Int
    var salt: String
    var nonce: String
    var box: String

    enum CodingKeys: String, CodingKey, CaseIterable {
      case format, algorithm, publicKey = "public-key", passes, memoryBytes = "memory-bytes", salt
      case nonce, box
    }
  }

  /// The names that a document has, whatever they are.
  private struct Members: Decodable {
    struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }

      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    let names: [String]

    init(from decoder: any Decoder) throws {
      names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue).sorted()
    }
  }

  private static let format = "specie-key-v1"
  /// What opening may cost at most, whatever the file says: 1 GiB and 16 passes.
  private static let memoryBytesMax = 1 << 30
  private static let passesMax: UInt64 = 16
  /// Bytes of a key file.
  public static let fileBytesMax = 4_096

  private let document: Document
  public let publicKey: PublicKey

  /// Encrypts a key under a passphrase.
  ///
  /// - Complexity: 64 MiB and about 0.1 s, on purpose.
  public init(sealing key: SigningKey, passphrase: [UInt8]) {
    let salt = RandomBytes.make(Int(crypto_pwhash_SALTBYTES))
    let nonce = RandomBytes.make(Int(crypto_secretbox_NONCEBYTES))
    let passes = UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE)
    let memory = Int(crypto_pwhash_MEMLIMIT_INTERACTIVE)
    guard
      var boxKey = Self.boxKey(passphrase, salt: salt, passes: passes, memoryBytes: memory)
    else { preconditionFailure("no memory to derive a key: \(memory) bytes are needed") }
    var seed = key.copySeed()
    defer {
      SigningKey.wipe(&seed)
      SigningKey.wipe(&boxKey)
    }
    var box = [UInt8](repeating: 0, count: seed.count + Int(crypto_secretbox_MACBYTES))
    // Safe: libsodium writes the seed's count and 16 bytes, and reads 24 and 32.
    unsafe crypto_secretbox_easy(&box, seed, UInt64(seed.count), nonce, boxKey)
    publicKey = key.publicKey
    document = Document(
      format: Self.format, algorithm: "ed25519", publicKey: key.publicKey.description,
      passes: passes, memoryBytes: memory, salt: Hexadecimal.encode(salt),
      nonce: Hexadecimal.encode(nonce), box: Hexadecimal.encode(box))
  }

  /// Reads a key file's text, without opening it.
  ///
  /// - Throws: ``SealedKeyError/malformed(problem:)``.
  public init(json: [UInt8]) throws(SealedKeyError) {
    guard json.count <= Self.fileBytesMax else {
      throw .malformed(problem: "it is larger than \(Self.fileBytesMax) bytes")
    }
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else {
      throw .malformed(problem: "it is not the JSON that `specie key new` writes")
    }
    let names = (try? JSONDecoder().decode(Members.self, from: Data(json)))?.names ?? []
    let known = Set(Document.CodingKeys.allCases.map(\.stringValue))
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw .malformed(problem: "it has a member `\(unknown)`, which no key file has")
    }
    guard document.format == Self.format, document.algorithm == "ed25519" else {
      throw .malformed(
        problem: "its format is `\(document.format)`, and `\(Self.format)` is known here")
    }
    guard let value = Bytes32(hex: document.publicKey) else {
      throw .malformed(problem: "its public key is not 64 hexadecimal digits")
    }
    guard 1...Self.passesMax ~= document.passes,
      8_192...Self.memoryBytesMax ~= document.memoryBytes
    else { throw .malformed(problem: "its passes or memory are out of range") }
    self.document = document
    self.publicKey = PublicKey(value)
  }

  /// The file's text.
  public var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let data = try? encoder.encode(document) else {
      preconditionFailure("a key file did not encode")
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  /// Decrypts the key.
  ///
  /// - Throws: ``SealedKeyError/wrongPassphrase`` also where the file was tampered with: which of
  ///   the two it is cannot be told.
  public func open(passphrase: [UInt8]) throws(SealedKeyError) -> SigningKey {
    guard let salt = Hexadecimal.decode(document.salt), salt.count == crypto_pwhash_SALTBYTES,
      let nonce = Hexadecimal.decode(document.nonce), nonce.count == crypto_secretbox_NONCEBYTES,
      let box = Hexadecimal.decode(document.box),
      box.count == Ed25519.seedByteCount + Int(crypto_secretbox_MACBYTES)
    else { throw .malformed(problem: "its salt, nonce or box is not of the right length") }
    guard
      var boxKey = Self.boxKey(
        passphrase, salt: salt, passes: document.passes, memoryBytes: document.memoryBytes)
    else { throw .malformed(problem: "there is no memory to derive its key") }
    var seed = [UInt8](repeating: 0, count: Ed25519.seedByteCount)
    defer {
      SigningKey.wipe(&seed)
      SigningKey.wipe(&boxKey)
    }
    // Safe: libsodium writes 32 bytes, and reads the box, 24 and 32.
    let status = unsafe crypto_secretbox_open_easy(
      &seed, box, UInt64(box.count), nonce, boxKey)
    guard status == 0 else { throw .wrongPassphrase }
    let key = SigningKey(seed: seed)
    guard key.publicKey == publicKey else {
      throw .malformed(problem: "its public key is not that of its private key")
    }
    return key
  }

  private static func boxKey(
    _ passphrase: [UInt8], salt: [UInt8], passes: UInt64, memoryBytes: Int
  ) -> [UInt8]? {
    Sodium.start()
    var key = [UInt8](repeating: 0, count: Int(crypto_secretbox_KEYBYTES))
    // Safe: libsodium writes 32 bytes, and reads the passphrase and 16 bytes of salt.
    let status = unsafe passphrase.withUnsafeBytes { buffer in
      // An empty passphrase has no address; any address does for no bytes.
      let base = unsafe buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
      guard let base = unsafe base else { return Int32(-1) }
      return unsafe crypto_pwhash(
        &key, UInt64(key.count), base.assumingMemoryBound(to: CChar.self), UInt64(buffer.count),
        salt, passes, memoryBytes, crypto_pwhash_ALG_ARGON2ID13)
    }
    return status == 0 ? key : nil
  }
}

/// Why a key file does not open.
public enum SealedKeyError: Error, Hashable, Sendable, CustomStringConvertible {
  case malformed(problem: String)
  case wrongPassphrase

  public var description: String {
    switch self {
    case .malformed(let problem): "the file is no key file: \(problem)"
    case .wrongPassphrase: "the passphrase does not open the key file"
    }
  }
}
