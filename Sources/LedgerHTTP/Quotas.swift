import HTTPTypes
import LedgerModel
package import LedgerService
import NIOCore
import Synchronization

/// How many requests each reader may make, in windows of fixed length: one bank's loop does not
/// slow another's payments down.
///
/// Only of connections under TLS, where it is known who asks.
///
/// - Source: draft-ietf-httpapi-ratelimit-headers-10.
package final class Quotas: Sendable {
  /// What one request leaves of a quota.
  package struct Standing: Sendable {
    /// Requests, of which this is one.
    let max: Int
    /// Of the window; 0 where this request is the one too many, too.
    package let remaining: Int
    let resetSeconds: Int
    let windowSeconds: Int
    /// Whether there was room for this request.
    package let isGranted: Bool

    /// The fields by which a caller sees how it stands.
    func write(to fields: inout HTTPFields) {
      fields.append(
        HTTPField(name: .rateLimitPolicy, value: "\"requests\";q=\(max);w=\(windowSeconds)"))
      fields.append(
        HTTPField(name: .rateLimit, value: "\"requests\";r=\(remaining);t=\(resetSeconds)"))
    }
  }

  /// Who shares a quota.
  private enum Holder: Hashable {
    case reader(Reader)
    /// All whose certificates are registered for nobody.
    case nobody
  }

  private struct Window {
    let end: NIODeadline
    var count = 0
  }

  /// 0 for no quota.
  private let max: Atomic<Int>
  private let length: TimeAmount
  private let windows = Mutex<[Holder: Window]>([:])

  package init(_ limits: HTTPLimits) {
    max = Atomic(limits.requestsPerWindowMax ?? 0)
    length = limits.quotaWindow
  }

  /// Gives every reader another quota, at once; what it has used of its window stays used.
  ///
  /// - Parameter max: `nil` for none.
  func change(to max: Int?) { self.max.store(max ?? 0, ordering: .relaxed) }

  /// Takes a request's place.
  ///
  /// - Parameter access: Of who asks. A certificate that reads for several takes it of the first.
  /// - Returns: How the quota stands; `nil` where there is none, or it is not known who asks.
  package func take(for access: Access) -> Standing? {
    let max = max.load(ordering: .relaxed)
    guard max > 0, case .certificate(let readers) = access else { return nil }
    let holder = readers.min { $0.description < $1.description }.map { Holder.reader($0) }
    let now = NIODeadline.now()
    return windows.withLock { windows in
      var window = windows[holder ?? .nobody] ?? Window(end: now + length)
      if window.end <= now { window = Window(end: now + length) }
      let isGranted = window.count < max
      if isGranted { window.count += 1 }
      windows[holder ?? .nobody] = window
      let left = (window.end - now).nanoseconds
      return Standing(
        max: max, remaining: Swift.max(0, max - window.count),
        resetSeconds: Int((left + 999_999_999) / 1_000_000_000),
        windowSeconds: Int(length.nanoseconds / 1_000_000_000), isGranted: isGranted)
    }
  }
}
