import CLibsodium
import MerkleLog
import Testing

/// Returns the digest that `hex` spells, and fails the test if it spells none.
func digest(_ hex: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Digest {
  try #require(Digest(hex: hex), sourceLocation: sourceLocation)
}

/// Returns the bytes that `hex`, which may have spaces, spells.
func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap { $0.hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}

func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

/// RFC 6962 section 2.1 as it is written there: slow, recursive, without a shortcut.
enum Naive {
  static func root(_ leaves: ArraySlice<Digest>) -> Digest {
    guard leaves.count > 1 else { return leaves.first ?? SHA256.hash([]) }
    let middle = leaves.startIndex + split(leaves.count)
    return SHA256.hash([0x01] + root(leaves[..<middle]).bytes + root(leaves[middle...]).bytes)
  }

  static func inclusion(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
    guard leaves.count > 1 else { return [] }
    let k = split(leaves.count)
    let left = leaves.prefix(k)
    let right = leaves.dropFirst(k)
    return index < k
      ? inclusion(index, left) + [root(right)] : inclusion(index - k, right) + [root(left)]
  }

  static func consistency(
    _ size: Int, _ leaves: ArraySlice<Digest>, isWhole: Bool = true
  ) -> [Digest] {
    guard size < leaves.count else { return isWhole ? [] : [root(leaves)] }
    let k = split(leaves.count)
    let left = leaves.prefix(k)
    let right = leaves.dropFirst(k)
    return size <= k
      ? consistency(size, left, isWhole: isWhole) + [root(right)]
      : consistency(size - k, right, isWhole: false) + [root(left)]
  }

  /// The largest power of two below `count`.
  private static func split(_ count: Int) -> Int {
    var k = 1
    while k * 2 < count { k *= 2 }
    return k
  }
}

/// The leaves of section 14.3 of the vectors: entry i is the text `record <i>`.
enum Records {
  static func entry(_ index: Int) -> [UInt8] { ascii("record \(index)") }
  static func leaf(_ index: Int) -> Digest { TreeHash.leaf(entry(index)) }
  static let leaves = (0..<70_000).map(leaf)
}

/// Ed25519 by libsodium.
enum Ed25519 {
  static func check(_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool {
    guard publicKey.count == 32, signature.count == 64 else { return false }
    return unsafe crypto_sign_verify_detached(
      signature, message, UInt64(message.count), publicKey) == 0
  }

  /// Returns the public key of a seed, and what signs with it.
  static func keyPair(
    seed: [UInt8]
  ) -> (publicKey: [UInt8], sign: ([UInt8]) -> [UInt8]) {
    precondition(seed.count == 32)
    var publicKey = [UInt8](repeating: 0, count: 32)
    var secretKey = [UInt8](repeating: 0, count: 64)
    _ = unsafe crypto_sign_seed_keypair(&publicKey, &secretKey, seed)
    let key = secretKey
    return (
      publicKey,
      { message in
        var signature = [UInt8](repeating: 0, count: 64)
        _ = unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), key)
        return signature
      }
    )
  }
}

/// A small generator of numbers that a seed fixes.
///
/// Source: Steele, Lea and Flood, 2014.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// An input that must be refused, the error it must be refused with, and what is wrong with it.
struct Malformed<Input: Sendable, Failure: Error>: CustomTestStringConvertible {
  let testDescription: String
  let input: Input
  let error: Failure

  init(_ name: String, _ input: Input, _ error: Failure) {
    self.testDescription = name
    self.input = input
    self.error = error
  }
}
