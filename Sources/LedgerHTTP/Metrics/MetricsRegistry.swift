package import CoreMetrics
import Synchronization

/// All that the process counts and times, by name and labels, for Prometheus to read.
///
/// - Source: Prometheus, "Exposition formats", text format 0.0.4.
package final class MetricsRegistry: MetricsFactory {
  /// Series of all names together; what comes after is counted nowhere.
  package static let seriesMax = 4_096

  private enum Handler: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)

    var type: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  private struct State {
    /// By name, then by labels as they are written.
    var families: [String: [String: Handler]] = [:]
    var seriesCount = 0
    /// Askings for series that there was no room for.
    var droppedCount = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// How often a series was asked for that there was no room for.
  var droppedCount: Int { state.withLock { $0.droppedCount } }

  package func makeCounter(
    label: String, dimensions: [(String, String)]
  ) -> any CounterHandler {
    let made = CounterSeries()
    guard case .counter(let series) = series(label, dimensions, .counter(made)) else { return made }
    return series
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions)
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else { return gauge(label, dimensions) }
    return histogram(label, dimensions)
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions)
  }

  // Series last as long as the process: a counter that began anew would be one that went back.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}

  /// Writes all series, in order of name and labels.
  func write(to text: inout MetricsText) {
    let families = state.withLock { $0.families }
    for (name, series) in families.sorted(by: { $0.key < $1.key }) {
      guard let type = series.values.first?.type else { continue }
      text.head(name, type)
      for (labels, handler) in series.sorted(by: { $0.key < $1.key }) {
        switch handler {
        case .counter(let counter): text.line(name, labels, "\(counter.value)")
        case .gauge(let gauge): text.line(name, labels, "\(gauge.value)")
        case .histogram(let histogram): text.histogram(name, labels, histogram.snapshot)
        }
      }
    }
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
    let made = GaugeSeries()
    guard case .gauge(let series) = series(label, dimensions, .gauge(made)) else { return made }
    return series
  }

  private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
    let made = HistogramSeries()
    guard case .histogram(let series) = series(label, dimensions, .histogram(made)) else {
      return made
    }
    return series
  }

  /// The series of a name and labels, which is the given one where there is none yet.
  private func series(
    _ name: String, _ dimensions: [(String, String)], _ made: Handler
  ) -> Handler {
    let labels = MetricsText.labels(dimensions)
    return state.withLock { state in
      if let known = state.families[name]?[labels] { return known }
      guard state.seriesCount < Self.seriesMax else {
        state.droppedCount += 1
        return made
      }
      state.seriesCount += 1
      state.families[name, default: [:]][labels] = made
      return made
    }
  }
}

/// A count that never falls.
final class CounterSeries: CounterHandler {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }

  func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

  func reset() {}
}

/// A value that rises and falls.
final class GaugeSeries: RecorderHandler, MeterHandler {
  private let current = Mutex(0.0)

  var value: Double { current.withLock { $0 } }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) { current.withLock { $0 = value } }

  func set(_ value: Int64) { record(Double(value)) }

  func set(_ value: Double) { record(value) }

  func increment(by amount: Double) { current.withLock { $0 += amount } }

  func decrement(by amount: Double) { current.withLock { $0 -= amount } }
}

/// How many of some values lie below each of some bounds.
final class HistogramSeries: TimerHandler, RecorderHandler {
  struct Snapshot: Sendable {
    /// Of each bucket alone: one more than there are bounds.
    fileprivate(set) var counts = [UInt64](repeating: 0, count: HistogramSeries.bounds.count + 1)
    fileprivate(set) var sum = 0.0
  }

  /// In seconds, of times.
  static let bounds = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  private let state = Mutex(Snapshot())

  var snapshot: Snapshot { state.withLock { $0 } }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }
}
