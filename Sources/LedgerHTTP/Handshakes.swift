import CoreMetrics
import Logging
import NIOCore
import Synchronization

/// Connections of whom nobody knows yet who they are: few at a time, so that those who show no
/// certificate do not shut out those who have one.
final class Handshakes: Sendable {
  private struct State {
    /// Under way, the oldest first.
    var channels: [any NIOCore.Channel] = []
    /// Since something was last said.
    var failureCount = 0
    var said: NIODeadline?
  }

  private let limits: HTTPLimits
  private let logger: Logger
  private let failures = Counter(label: "specie_tls_handshakes_failed_total")
  private let state = Mutex(State())

  init(_ limits: HTTPLimits, logger: Logger) {
    self.limits = limits
    self.logger = logger
  }

  /// A connection has come; where there are too many, the oldest that is not done goes.
  func begin(_ channel: any NIOCore.Channel) {
    let oldest: (any NIOCore.Channel)? = state.withLock { state in
      state.channels.append(channel)
      return state.channels.count > limits.handshakesMax ? state.channels.removeFirst() : nil
    }
    oldest?.close(promise: nil)
  }

  func end(_ channel: any NIOCore.Channel) {
    state.withLock { state in
      if let index = state.channels.firstIndex(where: { $0 === channel }) {
        state.channels.remove(at: index)
      }
    }
  }

  /// Counts one that came to nothing, and says so, but not for each.
  func count(failure reason: String, from address: String?) {
    failures.increment()
    let count: Int? = state.withLock { state in
      state.failureCount += 1
      let now = NIODeadline.now()
      if let said = state.said, now - said < limits.handshakeLogInterval { return nil }
      defer { state.failureCount = 0 }
      state.said = now
      return state.failureCount
    }
    guard let count else { return }
    logger.notice(
      "a TLS handshake failed: \(reason)",
      metadata: ["from": "\(address ?? "nobody")", "failures_since_said": "\(count)"])
  }
}
