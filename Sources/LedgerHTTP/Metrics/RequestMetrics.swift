import CoreMetrics
import NIOCore

/// Counts and times of requests, by path.
struct RequestMetrics: Sendable {
  /// Of one path.
  private struct Path: Sendable {
    let name: String
    let time: Timer
    let ok: Counter

    init(_ name: String) {
      self.name = name
      time = Timer(label: "specie_request_seconds", dimensions: [("path", name)])
      ok = Self.count(name, status: 200)
    }

    func count(_ status: Int, since begin: NIODeadline) {
      time.recordNanoseconds((.now() - begin).nanoseconds)
      if status == 200 { ok.increment() } else { Self.count(name, status: status).increment() }
    }

    static func count(_ name: String, status: Int) -> Counter {
      Counter(
        label: "specie_requests_total", dimensions: [("path", name), ("status", "\(status)")])
    }
  }

  private let reads = Dictionary(
    uniqueKeysWithValues: Route.allCases.map { ($0, Path($0.rawValue)) })
  private let submissions = Path(SubmissionRequest.path)
  private let streamed = Path(SubmissionStream.path)
  private let connections = Meter(label: "specie_connections")

  /// A reading; `nil` for a path that there is not.
  func count(_ route: Route?, _ status: Int, since begin: NIODeadline) {
    guard let route, let path = reads[route] else {
      return Path.count("none", status: status).increment()
    }
    path.count(status, since: begin)
  }

  /// What a connection's guard tells: its answers have no path, since it reads none.
  func count(_ event: ConnectionGuard.Event) {
    switch event {
    case .opened: connections.increment()
    case .closed: connections.decrement()
    case .answered(let status): Path.count("none", status: status).increment()
    }
  }

  func countSubmission(_ status: Int, since begin: NIODeadline) {
    submissions.count(status, since: begin)
  }

  /// One submission of a stream: its status is that of its answer.
  func countStreamed(_ status: Int, since begin: NIODeadline) {
    streamed.count(status, since: begin)
  }
}
