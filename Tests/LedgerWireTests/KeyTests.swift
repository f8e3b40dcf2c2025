import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

@Suite struct KeyTests {
  private static let seed = (0..<32).map { UInt8($0) }
  private static let publicKey =
    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"

  /// The vector of DSSE's protocol.md.
  @Test func preAuthenticationEncoding() {
    let encoding = DSSE.preAuthenticationEncoding(
      type: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
    #expect(
      String(decoding: encoding, as: UTF8.self)
        == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    #expect(
      DSSE.preAuthenticationEncoding(type: "", payload: []) == Array("DSSEv1 0  0 ".utf8))
  }

  /// A signature that securesystemslib 1.6.0 accepts.
  @Test func ed25519OverDSSE() throws {
    let key = SigningKey(seed: Self.seed)
    #expect(key.publicKey.description == Self.publicKey)
    let encoding = DSSE.preAuthenticationEncoding(
      type: "application/vnd.example.cbdc-receipt+json",
      payload: Array(#"{"hello":"world"}"#.utf8))
    let signature =
      "1mdMaCjC9m1RAJHPzi4Ny/il2xcLyvLd05hRkwo/kweHODAOPssxOviPLPq0HptXKPnGXW9hr75QYoH6jGfrDA=="
    #expect(Base64.encode(key.sign(encoding)) == signature)
    let bytes = try #require(Base64.decode(Array(signature.utf8)))
    #expect(Ed25519.isValid(bytes, on: encoding, by: key.publicKey))
  }

  @Test func ed25519RefusesWhatIsAltered() {
    let key = SigningKey(seed: Self.seed)
    let message = Array("message".utf8)
    let signature = key.sign(message)
    for bit in 0..<512 {
      var altered = signature
      altered[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!Ed25519.isValid(altered, on: message, by: key.publicKey), "bit \(bit)")
    }
    #expect(!Ed25519.isValid(signature, on: message + [0], by: key.publicKey))
    #expect(!Ed25519.isValid([], on: message, by: key.publicKey))
    #expect(!Ed25519.isValid(signature + [0], on: message, by: key.publicKey))
    // Of small order: the identity signs everything in some implementations.
    let identity = [UInt8(1)] + [UInt8](repeating: 0, count: 31)
    #expect(
      !Ed25519.isValid(
        identity + [UInt8](repeating: 0, count: 32), on: message, publicKey: identity))
  }

  @Test func sealedKey() throws {
    let key = SigningKey(seed: Self.seed)
    let passphrase = Array("correct horse".utf8)
    let sealed = SealedKey(sealing: key, passphrase: passphrase)
    let read = try SealedKey(json: sealed.json)
    #expect(read.publicKey == key.publicKey)
    let opened = try read.open(passphrase: passphrase)
    #expect(opened.sign([1, 2, 3]) == key.sign([1, 2, 3]))
    for wrong in ["", "correct hors", "correct horse "] {
      #expect(throws: SealedKeyError.wrongPassphrase) {
        try read.open(passphrase: Array(wrong.utf8))
      }
    }
    // An empty passphrase is a passphrase.
    let open = SealedKey(sealing: key, passphrase: [])
    #expect(try open.open(passphrase: []).publicKey == key.publicKey)
  }

  /// Some bytes of the box, the salt and the nonce: each costs an Argon2id.
  @Test func alteredKeyFile() throws {
    let passphrase: [UInt8] = [7]
    let text = String(
      decoding: SealedKey(sealing: SigningKey(seed: Self.seed), passphrase: passphrase).json,
      as: UTF8.self)
    for field in ["box", "salt", "nonce"] {
      let mark = "\"\(field)\" : \""
      let start = try #require(text.firstRange(of: mark)).upperBound
      for offset in field == "box" ? [0, 31, 32, 95] : [0] {
        var bytes = Array(text.utf8)
        let place = text.utf8.distance(from: text.startIndex, to: start) + offset
        bytes[place] = bytes[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        let altered = try SealedKey(json: bytes)
        #expect(throws: SealedKeyError.wrongPassphrase, "\(field) \(offset)") {
          try altered.open(passphrase: passphrase)
        }
      }
    }
    // Another public key beside the same box.
    let other = text.replacing(Self.publicKey, with: signingKey(1).publicKey.description)
    let relabelled = try SealedKey(json: Array(other.utf8))
    #expect(
      throws: SealedKeyError.malformed(
        problem: "its public key is not that of its private key")
    ) { try relabelled.open(passphrase: passphrase) }
  }

  @Test func malformedKeyFiles() {
    let sound = String(
      decoding: SealedKey(sealing: SigningKey(seed: Self.seed), passphrase: []).json,
      as: UTF8.self)
    for (part, other) in [
      ("specie-key-v1", "specie-key-v2"), ("ed25519", "ed448"), (Self.publicKey, "03"),
      ("\"passes\" : 2", "\"passes\" : 17"), ("\"passes\" : 2", "\"passes\" : 0"),
      ("\"passes\" : 2", "\"passes\" : -1"),
      ("\"memory-bytes\" : 67108864", "\"memory-bytes\" : 1073741825"),
      ("\"memory-bytes\" : 67108864", "\"memory-bytes\" : 0"), ("}", ""),
      ("\"passes\" : 2", "\"passes\" : 2, \"comment\" : \"mine\""),
    ] {
      let text = sound.replacing(part, with: other)
      #expect(text != sound, "\(part) is not in \(sound)")
      #expect(throws: SealedKeyError.self, "\(other)") { try SealedKey(json: Array(text.utf8)) }
    }
    #expect(throws: SealedKeyError.self) {
      try SealedKey(json: [UInt8](repeating: 0x20, count: SealedKey.fileBytesMax + 1))
    }
  }

  @Test func secretsAreNotPrinted() {
    let key = SigningKey(seed: Self.seed)
    let sealed = SealedKey(sealing: key, passphrase: Array("open sesame".utf8))
    let secret = Hexadecimal.encode(Self.seed)
    var dumped = ""
    dump(key, to: &dumped)
    dump(sealed, to: &dumped)
    for text in [
      "\(key)", String(reflecting: key), String(describing: sealed), dumped,
      String(decoding: sealed.json, as: UTF8.self),
    ] {
      #expect(!text.contains(secret))
      #expect(!text.contains("0, 1, 2, 3"))
      #expect(!text.contains("sesame"))
    }
  }
}
