/// HMAC-SHA256 under one key.
///
/// The key is hashed once: a short message then costs two blocks.
///
/// - Source: RFC 2104; RFC 4231 has the vectors that MerkleLogTests checks.
package struct HMAC: Sendable {
  /// The running hashes after the padded key.
  private let inner: SHA256
  private let outer: SHA256

  /// - Parameter key: At most 64 bytes, the block of SHA-256.
  package init(key: [UInt8]) {
    precondition(key.count <= 64, "a key of \(key.count) bytes is hashed first, by whoever has it")
    let block = key + [UInt8](repeating: 0, count: 64 - key.count)
    var inner = SHA256()
    inner.update(block.map { $0 ^ 0x36 })
    self.inner = inner
    var outer = SHA256()
    outer.update(block.map { $0 ^ 0x5C })
    self.outer = outer
  }

  /// Returns the authentication code of `message`.
  package func code(of message: RawSpan) -> Digest {
    var inner = inner
    inner.update(message)
    var outer = outer
    outer.update(inner.finalize())
    return outer.finalize()
  }

  /// Returns the authentication code of `message`.
  package func code(of message: [UInt8]) -> Digest { unsafe code(of: message.span.bytes) }
}
