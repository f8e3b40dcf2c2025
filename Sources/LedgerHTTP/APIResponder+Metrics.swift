import Hummingbird
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerTLS
import NIOCore

extension APIResponder {
  /// What the process counts, and how the ledger stands, for Prometheus.
  func metrics(for access: Access, _ query: inout Query) throws(Problem) -> Response {
    try query.end()
    // Outstanding sums and refusals of all banks are for who sees all of them.
    guard access.seesAllAccounts else { throw .certificateReadsNothing }
    var text = MetricsText()
    registry.write(to: &text)
    text.single("specie_series_dropped_total", registry.droppedCount, type: "counter")
    text.single("specie_connections_max", limits.connectionsMax)
    write(ledger.status(), to: &text)
    write(ledger.supply(for: .open), to: &text)
    write(webhooks.readings(), to: &text)
    if let tls {
      let name = "specie_certificate_end_timestamp_seconds"
      text.head(name, "gauge")
      let ends = tls.ends
      for (noun, end) in [
        ("server", ends.certificate), ("client_authorities", ends.clientAuthorities),
      ] {
        text.line(name, "certificate=\"\(noun)\"", "\(end.seconds)")
      }
    }
    if let process = ProcessFigures() {
      text.single("process_cpu_seconds_total", process.cpuSeconds, type: "counter")
      text.single("process_open_fds", process.openFiles)
      text.single("process_resident_memory_bytes", process.residentBytes)
    }
    return Response(
      status: .ok, headers: [.contentType: MetricsText.mediaType, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
  }

  private func write(_ status: ServiceStatus, to text: inout MetricsText) {
    text.single("specie_log_entries", status.size)
    text.single("specie_checkpoint_entries", status.checkpointSize)
    if let time = status.checkpointTime {
      text.single("specie_checkpoint_signed_timestamp_seconds", time.seconds)
    }
    text.single("specie_uncovered_entries", status.size - min(status.size, status.checkpointSize))
    text.single("specie_index_lag_entries", status.size - min(status.size, status.indexedSize))
    text.single("specie_queue_instructions", status.queuedInstructions)
    text.single("specie_ledger_time_seconds", status.time.seconds)
    text.single("specie_taking_orders", status.closed == nil ? 1 : 0)
    guard let witnessing = status.witnessing else { return }
    text.single("specie_witness_quorum", witnessing.isQuorumPresent ? 1 : 0)
    for (name, value) in [
      ("specie_witness_age_seconds", \WitnessingStatus.Witness.ageSeconds),
      ("specie_witness_cosigned_entries", \.cosignedSize),
    ] {
      text.head(name, "gauge")
      for witness in witnessing.witnesses {
        text.line(
          name, MetricsText.labels([("witness", witness.name)]), "\(witness[keyPath: value])")
      }
    }
  }

  private func write(_ supply: [SupplyReading], to text: inout MetricsText) {
    for (name, value) in [
      ("specie_issued_minor_units", \SupplyReading.issued),
      ("specie_redeemed_minor_units", \.redeemed),
      ("specie_outstanding_minor_units", \.outstanding),
    ] {
      text.head(name, "gauge")
      for reading in supply {
        text.line(
          name, "currency=\"\(reading.currency.code)\"", "\(reading[keyPath: value])")
      }
    }
  }

  private func write(_ webhooks: [WebhookReading], to text: inout MetricsText) {
    guard !webhooks.isEmpty else { return }
    text.head("specie_webhook_state", "gauge")
    for reading in webhooks {
      for name in Webhook.Standing.Name.allCases {
        let labels = Self.labels(of: reading) + [("state", name.rawValue)]
        text.line(
          "specie_webhook_state", MetricsText.labels(labels),
          name == reading.standing.name ? "1" : "0")
      }
    }
    for (name, value) in [
      ("specie_webhook_dead_letters", { Int64($0.deadLetterCount) }),
      ("specie_webhook_failures", { Int64($0.failures) }),
      ("specie_webhook_lag_entries", { Int64(clamping: $0.lagEntries) }),
      ("specie_webhook_lag_seconds", { $0.lagSeconds }),
    ] as [(String, (WebhookReading) -> Int64?)] {
      text.head(name, "gauge")
      for reading in webhooks {
        guard let value = value(reading) else { continue }
        text.line(name, MetricsText.labels(Self.labels(of: reading)), "\(value)")
      }
    }
  }

  private static func labels(of webhook: WebhookReading) -> [(String, String)] {
    [("reader", webhook.kept.id.ownerText), ("webhook", webhook.kept.id.name)]
  }
}
