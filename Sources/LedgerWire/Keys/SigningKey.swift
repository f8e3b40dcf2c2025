import CLibsodium
public import LedgerModel

/// A private Ed25519 key, in memory that is locked, guarded and wiped when it is let go.
///
/// It prints as its public key, and never as anything else.
@safe
public final class SigningKey: @unchecked Sendable, CustomStringConvertible {
  // @unchecked: the memory is written in `init` alone, and freed when nobody is left to read it.
  private let secret: UnsafeMutablePointer<UInt8>
  public let publicKey: PublicKey

  /// Creates the key of a seed.
  ///
  /// - Precondition: The seed has 32 bytes.
  public init(seed: [UInt8]) {
    precondition(seed.count == Ed25519.seedByteCount, "a seed has 32 bytes, not \(seed.count)")
    Sodium.start()
    guard
      let memory = unsafe sodium_malloc(Int(crypto_sign_SECRETKEYBYTES))
    else { preconditionFailure("no locked memory for a private key") }
    unsafe secret = memory.assumingMemoryBound(to: UInt8.self)
    var publicBytes = [UInt8](repeating: 0, count: 32)
    // Safe: libsodium writes 32 and 64 bytes, and reads 32.
    unsafe crypto_sign_seed_keypair(&publicBytes, secret, seed)
    guard let value = Bytes32(publicBytes) else {
      preconditionFailure("libsodium made a public key that is not 32 bytes")
    }
    publicKey = PublicKey(value)
  }

  /// Creates a new key from the system's randomness.
  public static func generate() -> SigningKey {
    var seed = RandomBytes.make(Ed25519.seedByteCount)
    defer { wipe(&seed) }
    return SigningKey(seed: seed)
  }

  deinit { unsafe sodium_free(secret) }

  /// Signs a message: 64 bytes, the same each time.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: Ed25519.signatureByteCount)
    // Safe: libsodium writes 64 bytes, and reads `message.count` and 64.
    unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), secret)
    return signature
  }

  /// The seed, for sealing alone; the caller wipes it.
  func copySeed() -> [UInt8] {
    var seed = [UInt8](repeating: 0, count: Ed25519.seedByteCount)
    unsafe crypto_sign_ed25519_sk_to_seed(&seed, secret)
    return seed
  }

  static func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      if let base = buffer.baseAddress { unsafe sodium_memzero(base, buffer.count) }
    }
  }

  public var description: String { publicKey.description }
}

/// Randomness of the operating system, for the edges of the program; the ledger gets its own handed
/// in.
public enum RandomBytes {
  public static func make(_ count: Int) -> [UInt8] {
    Sodium.start()
    var bytes = [UInt8](repeating: 0, count: count)
    unsafe bytes.withUnsafeMutableBytes { buffer in
      if let base = buffer.baseAddress { unsafe randombytes_buf(base, buffer.count) }
    }
    return bytes
  }
}
