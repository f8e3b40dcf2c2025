import MerkleLog
import Testing

@Suite struct DigestTests {
  @Test func roundTripsThroughBytesAndHex() throws {
    let bytes = (0..<32).map { UInt8($0 * 7 & 0xff) }
    let digest = try Digest(bytes)
    #expect(digest.bytes == bytes)
    #expect(try Digest(([1] + bytes + [2])[1..<33]) == digest)
    #expect(Digest(hex: digest.description) == digest)
    #expect(MemoryLayout<Digest>.stride == 32)
    var buffer: [UInt8] = [9]
    digest.append(to: &buffer)
    #expect(buffer == [9] + bytes)
    #expect(Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
  }

  @Test(arguments: [0, 1, 31, 33, 64])
  func refuseOtherLengths(count: Int) {
    #expect(throws: DigestError.wrongByteCount(found: count)) {
      _ = try Digest([UInt8](repeating: 0, count: count))
    }
    #expect(Digest(hex: String(repeating: "00", count: count)) == nil)
  }

  @Test func refuseOtherHex() {
    let good = String(repeating: "ab", count: 32)
    #expect(Digest(hex: good) != nil)
    #expect(Digest(hex: good.uppercased()) == nil)
    #expect(Digest(hex: "g" + good.dropFirst()) == nil)
    #expect(Digest(hex: String(good.dropFirst())) == nil)
    #expect(Digest(hex: " " + good) == nil)
  }

  /// Goal: digests are ordered as their bytes are.
  ///
  /// Method: random pairs that share long prefixes.
  @Test(arguments: UInt64(0)..<64)
  func orderIsThatOfTheBytes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let first = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    for place in 0..<32 {
      var second = first
      second[place] = UInt8.random(in: 0...255, using: &random)
      #expect(
        try (Digest(first) < Digest(second)) == first.lexicographicallyPrecedes(second),
        "seed \(seed), byte \(place)")
    }
  }

  @Test func errorText() {
    #expect("\(DigestError.wrongByteCount(found: 31))" == "a digest is `32` bytes, not `31`")
  }
}

/// Vectors: transparency-dev/merkle rfc6962_test.go, golang.org/x/mod tlog/note_test.go.
@Suite struct HashTests {
  @Test func vectors() throws {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(SHA256.hash([]).description == empty)
    #expect(TreeHash.emptyRoot.description == empty)
    #expect(
      TreeHash.leaf([]).description
        == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    #expect(
      TreeHash.leaf(ascii("L123456")).description
        == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56")
    #expect(
      SHA256.hash([0x01] + ascii("N123") + ascii("N456")).description
        == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb")
    #expect(
      Base64.encode(TreeHash.leaf(ascii("hello world")).bytes)
        == "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=")
  }

  /// Goal: every way to hash the same bytes agrees.
  ///
  /// Method: each length to 200, split everywhere.
  @Test func partsAgreeWithTheWhole() {
    for count in 0...200 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let whole = SHA256.hash(bytes)
      for split in stride(from: 0, through: count, by: 7) {
        var hash = SHA256()
        hash.update(Array(bytes[..<split]))
        hash.update(bytes[split...])
        #expect(hash.finalize() == whole)
      }
      unsafe bytes.withUnsafeBytes { #expect(unsafe SHA256.hash($0) == whole) }
      #expect(SHA256.hash(bytes[...]) == whole)
      #expect(TreeHash.leaf(bytes) == SHA256.hash([0x00] + bytes))
      #expect(TreeHash.leaf(bytes[...]) == TreeHash.leaf(bytes))
      unsafe bytes.withUnsafeBytes { #expect(unsafe TreeHash.leaf($0) == TreeHash.leaf(bytes)) }
    }
  }

  @Test func nodeIsPrefixAndChildren() {
    let left = TreeHash.leaf([1])
    let right = TreeHash.leaf([2])
    var parts = SHA256()
    parts.update(0x01)
    parts.update(left)
    var fork = parts
    parts.update(right)
    #expect(parts.finalize() == TreeHash.node(left, right))
    fork.update(left)
    #expect(fork.finalize() == TreeHash.node(left, left))
    #expect(TreeHash.node(left, right) == SHA256.hash([0x01] + left.bytes + right.bytes))
  }
}

@Suite struct Base64Tests {
  /// Source: RFC 4648 section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func vectors(plain: String, encoded: String) {
    #expect(Base64.encode(plain.utf8) == encoded)
    #expect(Base64.decode(encoded.utf8) == ascii(plain))
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "Zm8", "=", "====", "Z===", "Zh==", "Zm9=", "Zm9v\n", "Zm9v Zm9v",
    "Zg==Zg==", "Zg=g", "Z=g=", "Zm9-", "Zm9_", "Zm9v=", "Zm9vZg==\n", "Zm9é",
  ])
  func refuseOtherSpellings(text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }

  /// Goal: one spelling for each byte string.
  ///
  /// Method: all texts of one group over some characters; what decodes encodes to itself.
  @Test func whatDecodesEncodesToItself() {
    let alphabet = ascii("AQgwBCZz09+/=- ")
    for a in alphabet {
      for b in alphabet {
        for c in alphabet {
          for d in alphabet {
            guard let bytes = Base64.decode([a, b, c, d]) else { continue }
            #expect(ascii(Base64.encode(bytes)) == [a, b, c, d])
          }
        }
      }
    }
    for byte in UInt8.min...UInt8.max {
      #expect(Base64.decode(Base64.encode([byte, ~byte, byte]).utf8) == [byte, ~byte, byte])
    }
  }
}
