import CoreMetrics
import Synchronization

/// How many submissions were refused at the door since the server began, by code.
///
/// What is refused there is in no log, so this is all that is left of it. The codes are a closed
/// set, so the table is small.
final class RefusalCounts: Sendable {
  private let counts = Mutex<[String: UInt64]>([:])

  func add(_ code: String) {
    counts.withLock { $0[code, default: 0] += 1 }
    Counter(label: "specie_submissions_refused_total", dimensions: [("code", code)]).increment()
  }

  /// In order of code.
  var all: [(code: String, count: UInt64)] {
    counts.withLock { $0 }.sorted { $0.key < $1.key }.map { (code: $0.key, count: $0.value) }
  }
}
