import CLibcrypto

/// SHA-256 over one part or many, by libcrypto.
///
/// Nothing is allocated: the state is 112 bytes inline. A copy is a fork of the running hash.
///
/// - Source: FIPS 180-4.
public struct SHA256: Sendable {
  // The low-level calls are deprecated in OpenSSL 3 for EVP, which allocates and costs about twice
  // as much for inputs as short as ours. They return 1 always, so their result is not looked at.
  //
  // Safe, here and in TreeHash: `span.bytes` is marked unsafe for elements with padding, and UInt8
  // has none.
  private var context = SHA256_CTX()

  /// Creates the hash of nothing yet.
  public init() {
    _ = unsafe SHA256_Init(&context)
  }

  /// Returns the hash of `bytes`.
  ///
  /// - Complexity: O(bytes).
  public static func hash(_ bytes: RawSpan) -> Digest {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  /// Returns the hash of `bytes`.
  ///
  /// - Complexity: O(bytes).
  public static func hash(_ bytes: [UInt8]) -> Digest { unsafe hash(bytes.span.bytes) }

  /// Returns the hash of `bytes`.
  ///
  /// - Complexity: O(bytes).
  public static func hash(_ bytes: ArraySlice<UInt8>) -> Digest { unsafe hash(bytes.span.bytes) }

  /// Returns the hash of a digest's bytes followed by the eight of each of two big-endian numbers:
  /// one block.
  package static func hash(_ digest: Digest, _ first: UInt64, _ second: UInt64) -> Digest {
    // Safe: the stores are in bounds, and fill the buffer before it is read.
    unsafe withUnsafeTemporaryAllocation(byteCount: 48, alignment: 8) { buffer in
      unsafe buffer.storeBytes(of: digest, as: Digest.self)
      unsafe buffer.storeBytes(of: first.bigEndian, toByteOffset: 32, as: UInt64.self)
      unsafe buffer.storeBytes(of: second.bigEndian, toByteOffset: 40, as: UInt64.self)
      return unsafe hash(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Returns the hash of `bytes`, which must be valid for the call.
  ///
  /// - Complexity: O(bytes).
  @unsafe
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
    unsafe hash(bytes.bytes)
  }

  /// Adds `bytes` to what is hashed.
  public mutating func update(_ bytes: RawSpan) {
    // Safe: the call reads no more than `count` bytes, and keeps no pointer.
    unsafe bytes.withUnsafeBytes { buffer in
      _ = unsafe SHA256_Update(&context, buffer.baseAddress, buffer.count)
    }
  }

  /// Adds `bytes` to what is hashed.
  public mutating func update(_ bytes: [UInt8]) { unsafe update(bytes.span.bytes) }

  /// Adds `bytes` to what is hashed.
  public mutating func update(_ bytes: ArraySlice<UInt8>) { unsafe update(bytes.span.bytes) }

  /// Adds the 32 bytes of `digest` to what is hashed.
  public mutating func update(_ digest: Digest) {
    // Safe: the call reads no more than `count` bytes, and keeps no pointer.
    unsafe digest.withUnsafeBytes { buffer in
      _ = unsafe SHA256_Update(&context, buffer.baseAddress, buffer.count)
    }
  }

  /// Adds one byte to what is hashed.
  public mutating func update(_ byte: UInt8) {
    var byte = byte
    // Safe: the call reads one byte, and keeps no pointer.
    _ = unsafe SHA256_Update(&context, &byte, 1)
  }

  /// Returns the hash of everything added.
  public consuming func finalize() -> Digest {
    // Safe: the call writes exactly the 32 bytes that it is handed.
    unsafe Digest { buffer in
      _ = unsafe SHA256_Final(
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
    }
  }
}
