/// A SHA-256 value: exactly 32 bytes, held inline, never on the heap.
///
/// Its memory *is* the 32 bytes in order, so an array of digests is, byte for byte, a tile.
public struct Digest: Hashable, Sendable {
  /// The length of every digest, in bytes.
  public static let byteCount = 32

  /// 32 zero bytes, which stands for "nothing before this", and is the hash of no known input.
  public static let zero = Digest(word0: 0, word1: 0, word2: 0, word3: 0)

  // In memory order, not as numbers: only `<` has to know which byte comes first.
  private let word0: UInt64
  private let word1: UInt64
  private let word2: UInt64
  private let word3: UInt64

  private init(word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }

  /// Creates a digest from its bytes.
  ///
  /// - Throws: ``DigestError/wrongByteCount(found:)`` unless there are exactly 32.
  public init(_ bytes: RawSpan) throws(DigestError) {
    guard bytes.byteCount == Self.byteCount else {
      throw .wrongByteCount(found: bytes.byteCount)
    }
    // Safe: each load is bounds-checked, and every bit pattern is a valid UInt64.
    word0 = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
    word1 = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self)
    word2 = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt64.self)
    word3 = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 24, as: UInt64.self)
  }

  /// Creates a digest from its bytes.
  ///
  /// - Throws: ``DigestError/wrongByteCount(found:)`` unless there are exactly 32.
  public init(_ bytes: [UInt8]) throws(DigestError) {
    try unsafe self.init(bytes.span.bytes)
  }

  /// Creates a digest from its bytes.
  ///
  /// - Throws: ``DigestError/wrongByteCount(found:)`` unless there are exactly 32.
  public init(_ bytes: ArraySlice<UInt8>) throws(DigestError) {
    try unsafe self.init(bytes.span.bytes)
  }

  /// Creates a digest from four big-endian words, the first bytes first.
  package init(bigEndianWords words: (UInt64, UInt64, UInt64, UInt64)) {
    self.init(
      word0: words.0.bigEndian, word1: words.1.bigEndian, word2: words.2.bigEndian,
      word3: words.3.bigEndian)
  }

  /// The bytes as four big-endian words, the first bytes first.
  package var bigEndianWords: (UInt64, UInt64, UInt64, UInt64) {
    (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian)
  }

  /// Creates a digest from 64 lower-case hexadecimal digits, or `nil` if `hex` is anything else.
  public init?(hex: String) {
    guard let bytes = Hex.decode(hex.utf8), let digest = try? Digest(bytes) else { return nil }
    self = digest
  }

  /// Creates a digest from its canonical base64, or `nil` if `base64` is anything else.
  package init?(base64: some Collection<UInt8>) {
    guard let bytes = Base64.decode(base64), let digest = try? Digest(bytes) else { return nil }
    self = digest
  }

  /// Creates a digest from whatever `fill` writes to the 32 zero bytes it is handed.
  init(filling fill: (UnsafeMutableRawBufferPointer) -> Void) {
    self = .zero
    // Safe: the buffer is this value's own memory, every bit pattern is valid, and C code that
    // fills it is told its length by contract.
    unsafe Swift.withUnsafeMutableBytes(of: &self) { unsafe fill($0) }
  }

  /// The 32 bytes, in order.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// Appends the 32 bytes, in order.
  public func append(to buffer: inout [UInt8]) {
    unsafe withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
  }

  /// Calls `body` with the 32 bytes; the buffer is valid for the call only.
  @unsafe
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    // Safe: the memory of four UInt64 has no padding, and lives for the call.
    unsafe Swift.withUnsafeBytes(of: self) { unsafe body($0) }
  }
}

extension Digest: Comparable {
  /// Orders digests by their bytes, the first one most significant.
  public static func < (lhs: Self, rhs: Self) -> Bool {
    if lhs.word0 != rhs.word0 { return lhs.word0.bigEndian < rhs.word0.bigEndian }
    if lhs.word1 != rhs.word1 { return lhs.word1.bigEndian < rhs.word1.bigEndian }
    if lhs.word2 != rhs.word2 { return lhs.word2.bigEndian < rhs.word2.bigEndian }
    return lhs.word3.bigEndian < rhs.word3.bigEndian
  }
}

extension Digest: CustomStringConvertible {
  /// The 64 lower-case hexadecimal digits.
  public var description: String { Hex.encode(bytes) }
}

/// Why bytes are not a digest.
public enum DigestError: Error, Hashable, Sendable {
  case wrongByteCount(found: Int)
}

extension DigestError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .wrongByteCount(let found):
      "a digest is `\(Digest.byteCount)` bytes, not `\(found)`"
    }
  }
}
