import Synchronization

/// Counts the bytes of bodies that are held, over all connections.
final class BodyIntake: Sendable {
  private let limits: HTTPLimits
  private let bytesInFlight = Mutex(0)

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// Counts bytes that have come; they count until they are released.
  func take(_ count: Int) throws(Problem) {
    let isTaken = bytesInFlight.withLock { total in
      guard total + count <= limits.bodyBytesInFlightMax else { return false }
      total += count
      return true
    }
    guard isTaken else { throw .bodiesFull(limits, retryAfterSeconds: 1) }
  }

  func release(_ count: Int) {
    bytesInFlight.withLock { $0 -= count }
  }
}
