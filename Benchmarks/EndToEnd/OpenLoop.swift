import Foundation
import ProgramTesting

/// Sends single payments at a fixed rate, whether or not earlier ones are answered, and takes each
/// one's latency from the instant at which it was due: a server that stalls is charged for all that
/// came due meanwhile (no coordinated omission).
struct OpenLoop {
  /// Latencies of one rate, in seconds, exact: every one is kept.
  struct Latencies {
    private let ascending: [Double]

    init(_ values: [Double]) { ascending = values.sorted() }

    var count: Int { ascending.count }

    /// The smallest latency that `part` of all do not exceed.
    func percentile(_ part: Double) -> Double {
      ascending[min(count - 1, max(0, Int((part * Double(count)).rounded(.up)) - 1))]
    }
  }

  /// - Parameters:
  ///   - bodies: Signed beforehand; sent in order.
  ///   - rate: A second. The instants are those of a Poisson process.
  ///   - generator: Its connections are many enough for what is under way.
  /// - Returns: Every latency.
  /// - Throws: Where one is not accepted.
  static func run(
    _ bodies: [[UInt8]], rate: Double, by generator: LoadGenerator
  ) async throws -> Latencies {
    var due = 0.0
    let instants = bodies.map { _ in
      due += -log(Double.random(in: Double.leastNonzeroMagnitude...1)) / rate
      return Int64(due * 1e9)
    }
    return Latencies(try await generator.run(bodies, due: instants))
  }
}
