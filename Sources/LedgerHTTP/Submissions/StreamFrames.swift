import NIOCore

/// Cuts a stream's body into its submissions, each of which stands behind its length.
///
/// - Source: docs/api.md; the lengths are protobuf varints.
struct StreamFrames {
  /// Bytes of a length that is within any limit.
  private static let lengthBytesMax = 5

  private let limits: HTTPLimits
  private var buffer = ByteBuffer()

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// Bytes that have come and are not taken.
  var byteCount: Int { buffer.readableBytes }

  var isEmpty: Bool { byteCount == 0 }

  mutating func append(_ bytes: ByteBuffer) {
    if isEmpty {
      buffer = bytes
    } else {
      buffer.discardReadBytes()
      buffer.writeImmutableBuffer(bytes)
    }
  }

  /// Takes the next submission's bytes, and says how many they were with their length; `nil` while
  /// they have not all come.
  ///
  /// - Throws: ``Problem`` where the length is none or above the limit: where the next submission
  ///   would begin is not known then.
  mutating func next() throws(Problem) -> (body: [UInt8], byteCount: Int)? {
    guard let (length, lengthBytes) = try nextLength(),
      buffer.readableBytes - lengthBytes >= length
    else { return nil }
    buffer.moveReaderIndex(forwardBy: lengthBytes)
    return buffer.readBytes(length: length).map { ($0, lengthBytes + length) }
  }

  private func nextLength() throws(Problem) -> (length: Int, byteCount: Int)? {
    var length = 0
    for (index, byte) in buffer.readableBytesView.prefix(Self.lengthBytesMax).enumerated() {
      length |= Int(byte & 0x7F) << (7 * index)
      guard byte < 0x80 else { continue }
      // One spelling for each length, the shortest.
      guard byte > 0 || index == 0 else { throw .malformedStream }
      guard length <= limits.bodyBytesMax else { throw .submissionTooLarge(length, limits) }
      return (length, index + 1)
    }
    guard buffer.readableBytes < Self.lengthBytesMax else { throw .malformedStream }
    return nil
  }
}
