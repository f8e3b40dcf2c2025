import CoreMetrics
import LedgerHTTP
import LedgerModel
import LedgerService
import Testing

/// Goal: `/metrics` says in Prometheus' text format what is counted and how the ledger stands.
@Suite struct MetricsTests {
  @Test func writesWhatIsCounted() async throws {
    let registry = MetricsRegistry()
    let counter = registry.makeCounter(
      label: "specie_requests_total", dimensions: [("path", "a\"\\\nb")])
    counter.increment(by: 2)
    registry.makeCounter(label: "specie_requests_total", dimensions: [("path", "a\"\\\nb")])
      .increment(by: 3)
    let gauge = registry.makeRecorder(
      label: "specie_witness_age_seconds", dimensions: [], aggregate: false)
    gauge.record(Int64(7))
    let timer = registry.makeTimer(label: "specie_request_seconds", dimensions: [("path", "p")])
    for nanoseconds in [400_000, 500_000, 600_000, 20_000_000_000] as [Int64] {
      timer.recordNanoseconds(nanoseconds)
    }
    // Of another kind under a known name: counted nowhere, and no failure.
    registry.makeTimer(label: "specie_witness_age_seconds", dimensions: []).recordNanoseconds(1)
    let ledger = FakeLedger()
    try await withServer(ledger, registry: registry) { port in
      let answer = try await send(port, "/metrics")
      #expect(answer.status == 200)
      #expect(answer.type == "text/plain; version=0.0.4; charset=utf-8")
      for line in [
        "# TYPE specie_requests_total counter",
        #"specie_requests_total{path="a\"\\\nb"} 5"#,
        "# TYPE specie_witness_age_seconds gauge", "specie_witness_age_seconds 7.0",
        "# TYPE specie_request_seconds histogram",
        #"specie_request_seconds_bucket{path="p",le="0.0005"} 2"#,
        #"specie_request_seconds_bucket{path="p",le="0.001"} 3"#,
        #"specie_request_seconds_bucket{path="p",le="10.0"} 3"#,
        #"specie_request_seconds_bucket{path="p",le="+Inf"} 4"#,
        #"specie_request_seconds_count{path="p"} 4"#,
        "specie_outstanding_minor_units{currency=\"CNY\"} 19999999999999999999",
        "specie_taking_orders 1",
      ] { #expect(answer.text.contains(line + "\n"), "\(line) is not in \(answer.text)") }
      try Self.check(answer.text)
      ledger.change { $0.closed = "a test" }
      let closed = try await send(port, "/metrics")
      #expect(closed.text.contains("specie_taking_orders 0\n"))
    }
  }

  /// Goal: no label ends its line or itself, whatever stands beside what would: a mark behind a
  /// quote, and a return before a line feed, make other characters of them.
  @Test func escapesScalarByScalar() async throws {
    let registry = MetricsRegistry()
    registry.makeCounter(
      label: "specie_requests_total", dimensions: [("path", "a\"\u{301}\r\nb")]
    ).increment(by: 1)
    try await withServer(FakeLedger(), registry: registry) { port in
      let answer = try await send(port, "/metrics")
      let line = "specie_requests_total{path=\"a\\\"\u{301}\r\\nb\"} 1\n"
      let found = answer.text.unicodeScalars.split(separator: "\n").map { String($0) + "\n" }
      #expect(found.contains { Array($0.unicodeScalars) == Array(line.unicodeScalars) })
    }
  }

  /// Each name is written once, with its words and type, and then its values.
  private static func check(_ text: String) throws {
    var names: Set<Substring> = []
    var name: Substring = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if let help = line.wholeMatch(of: /# HELP (\w+) .+/) {
        #expect(names.insert(help.output.1).inserted, "\(line)")
      } else if let type = line.wholeMatch(of: /# TYPE (\w+) (counter|gauge|histogram)/) {
        name = type.output.1
        #expect(names.contains(name), "no words for \(name)")
      } else {
        let value = try #require(
          line.wholeMatch(of: /(\w+)(\{.*\})? (-?[0-9.e+-]+)/), "\(line)")
        #expect(value.output.1.hasPrefix(name), "\(line)")
      }
    }
  }
}
