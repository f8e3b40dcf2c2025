package import LedgerModel
import Synchronization

/// How the connections under TLS are shared among certificates.
///
/// A certificate may hold as many as are left free. One alone holds half of all, so that there is
/// room for others whenever they come, and n that want all they can get one part in n + 1 each.
///
/// - Source: A. K. Choudhury and E. L. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory
///   Packet Switches", 1998, with a factor of 1.
package final class ConnectionShares: Sendable {
  private struct State {
    var counts: [SPKIHash: Int] = [:]
    var total = 0
  }

  private let max: Int
  private let state = Mutex(State())

  package init(_ limits: HTTPLimits) { max = limits.connectionsMax }

  /// Takes a connection's place.
  ///
  /// - Returns: Whether there is one for that certificate.
  package func take(for certificate: SPKIHash) -> Bool {
    state.withLock { state in
      let count = state.counts[certificate] ?? 0
      guard count < max - state.total else { return false }
      state.counts[certificate] = count + 1
      state.total += 1
      return true
    }
  }

  package func release(for certificate: SPKIHash) {
    state.withLock { state in
      guard let count = state.counts[certificate] else {
        preconditionFailure("a connection of \(certificate) ends that was never counted")
      }
      state.counts[certificate] = count > 1 ? count - 1 : nil
      state.total -= 1
    }
  }
}
