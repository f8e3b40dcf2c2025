package import LedgerHTTP
internal import MerkleLog
internal import NIOCore

/// Every bound of a witness, in one place.
package struct WitnessLimits: Sendable {
  /// Bytes of a request.
  package var bodyBytesMax = LogLimits.addCheckpointByteCountMax
  /// Logs that one witness watches.
  package var logsMax = 1_024
  /// Keys that are trusted for one log.
  package var keysPerLogMax = 8
  /// Requests that one log has kept as evidence.
  package var evidenceMax = 256
  /// Bytes of all of these.
  package var evidenceBytesMax = 8 << 20
  /// Of these, such as only asked from another size than was cosigned.
  package var conflictEvidenceMax = 16
  /// How far the clock may be behind the last cosignature of a log: it is repeated that far.
  package var clockBehindSecondsMax: UInt64 = 600
  /// How often one request is tried again because another refreshed the time in between.
  package var attemptsMax = 8
  /// Of the server; none of its times needs to be a ledger's.
  package var http: HTTPLimits = {
    var http = HTTPLimits()
    http.connectionsMax = 64
    http.backlogMax = 64
    http.requestTimeout = .seconds(10)
    http.answerTimeout = .seconds(10)
    http.idleTimeout = .seconds(60)
    return http
  }()
  /// Seconds in which SQLite waits for another process, such as one that adds a log.
  package static let busySeconds = 5.0

  package init() {}
}
