import CLibsodium
public import LedgerModel

/// Ed25519 (RFC 8032) by libsodium, whose acceptance rules are the strictest: small-order and
/// non-canonical points are refused, so others accept all that we accept.
public enum Ed25519 {
  public static let signatureByteCount = 64
  public static let seedByteCount = 32

  /// Whether `signature` is the key's signature on `message`.
  ///
  /// - Complexity: One scalar multiplication, about 70 µs.
  public static func isValid(
    _ signature: [UInt8], on message: [UInt8], by key: PublicKey
  ) -> Bool {
    isValid(signature, on: message, publicKey: key.value.bytes)
  }

  /// The same for raw bytes, as the log's notes hand them over.
  public static func isValid(
    _ signature: [UInt8], on message: [UInt8], publicKey: [UInt8]
  ) -> Bool {
    guard signature.count == signatureByteCount, publicKey.count == 32 else { return false }
    Sodium.start()
    // Safe: libsodium reads 64 bytes, `message.count` bytes and 32 bytes.
    return unsafe crypto_sign_verify_detached(
      signature, message, UInt64(message.count), publicKey) == 0
  }
}

enum Sodium {
  /// Makes libsodium ready; it is safe to call any number of times, from any thread.
  static func start() { _ = started }

  private static let started: Bool = {
    let status = sodium_init()
    precondition(status >= 0, "libsodium does not start")
    return true
  }()
}
