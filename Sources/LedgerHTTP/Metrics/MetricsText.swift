/// Prometheus' text format.
///
/// - Source: Prometheus, "Exposition formats", text format 0.0.4.
struct MetricsText {
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  mutating func head(_ name: String, _ type: String) {
    if let help = MetricsHelp.words[name] { text += "# HELP \(name) \(help)\n" }
    text += "# TYPE \(name) \(type)\n"
  }

  /// `labels` as ``labels(_:)`` writes them.
  mutating func line(_ name: String, _ labels: String, _ value: String) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  /// One value that is looked up when it is asked for.
  mutating func single(
    _ name: String, _ value: some CustomStringConvertible, type: String = "gauge"
  ) {
    head(name, type)
    line(name, "", value.description)
  }

  mutating func histogram(
    _ name: String, _ labels: String, _ values: HistogramSeries.Snapshot
  ) {
    let prefix = labels.isEmpty ? "" : labels + ","
    var below: UInt64 = 0
    for (bound, count) in zip(HistogramSeries.bounds.map { "\($0)" } + ["+Inf"], values.counts) {
      below += count
      line(name + "_bucket", prefix + "le=\"\(bound)\"", "\(below)")
    }
    line(name + "_sum", labels, "\(values.sum)")
    line(name + "_count", labels, "\(below)")
  }

  /// Labels in the order given, each value escaped.
  static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.map { name, value in
      var escaped = String.UnicodeScalarView()
      // Scalar by scalar: a mark that follows a quote makes another character of both.
      for scalar in value.unicodeScalars {
        switch scalar {
        case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
        case "\"": escaped.append(contentsOf: "\\\"".unicodeScalars)
        case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
        default: escaped.append(scalar)
        }
      }
      return "\(name)=\"\(String(escaped))\""
    }.joined(separator: ",")
  }
}

/// What each metric is, in words.
enum MetricsHelp {
  static let words = [
    "process_cpu_seconds_total": "User and system time that the process has used.",
    "process_open_fds": "Open file descriptors.",
    "process_resident_memory_bytes": "Resident memory.",
    "specie_append_seconds": "To make a batch of entries durable, the disk's sync included.",
    "specie_certificate_end_timestamp_seconds":
      "When a certificate in use ends: the server's own, or an authority of clients.",
    "specie_checkpoint_entries": "Entries that the newest signed checkpoint covers.",
    "specie_checkpoint_signed_timestamp_seconds":
      "When the newest checkpoint was signed, by the wall clock.",
    "specie_connections": "Connections that are open, after their TLS handshakes.",
    "specie_connections_max": "Connections that are served at once; more wait.",
    "specie_index_lag_entries": "Durable entries that the index of ids does not cover yet.",
    "specie_instructions_accepted_total":
      "Instructions that were accepted, since the process began.",
    "specie_instructions_refused_total":
      "Instructions that were refused and logged, by code, and by pack and rule where one refused.",
    "specie_issued_minor_units": "Issued since the genesis.",
    "specie_ledger_time_seconds": "Ledger time of the newest entry, since 1970.",
    "specie_log_entries": "Durable entries.",
    "specie_outstanding_minor_units": "Issued less redeemed.",
    "specie_queue_instructions": "Instructions that wait to be sequenced.",
    "specie_redeemed_minor_units": "Redeemed since the genesis.",
    "specie_request_seconds":
      "From a request's end to its answer, by path: orders are durable by then.",
    "specie_requests_total":
      "Answers, by path and status; path none is what is no path, or no request.",
    "specie_series_dropped_total": "Series that are not shown: there are too many.",
    "specie_submissions_refused_total": "Submissions of which nothing was taken, by code.",
    "specie_taking_orders": "1 while orders are taken, else 0.",
    "specie_uncovered_entries": "Durable entries that no checkpoint covers yet.",
    "specie_tls_handshakes_failed_total": "TLS handshakes that came to nothing.",
    "specie_webhook_dead_letters": "Events that a webhook's receiver refused.",
    "specie_webhook_failures": "Deliveries of a webhook that failed in a row.",
    "specie_webhook_lag_entries": "Durable entries that a webhook was not taken through yet.",
    "specie_webhook_lag_seconds":
      "Since the first event happened that a webhook's receiver does not have.",
    "specie_webhook_state": "1 for how delivery to a webhook stands, else 0.",
    "specie_witness_age_seconds": "Since a witness last cosigned.",
    "specie_witness_cosigned_entries": "Entries that a witness last cosigned.",
    "specie_witness_failures_total": "Requests that a witness failed, or refused.",
    "specie_witness_quorum": "1 while enough witnesses cosign, else 0.",
  ]
}
