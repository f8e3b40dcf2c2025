import LedgerWire
package import NIOCore

/// Every bound of the HTTP server, in one place; reaching one is a problem answer or a closed
/// connection.
package struct HTTPLimits: Sendable {
  /// Connections served at once; others wait in the kernel's backlog.
  package var connectionsMax = 16_384
  /// Connections that wait to be accepted.
  package var backlogMax = 256
  /// Bytes of a request's target, its query included.
  package var targetBytesMax = 2_048
  /// Bytes of one header field.
  package var headerFieldBytesMax = 8_192
  /// Bytes of all header fields.
  package var headerBytesMax = 16_384
  package var headerFieldsMax = 64
  /// Bytes of a request's body.
  package var bodyBytesMax = WireLimits.submissionBytesMax
  /// Bytes of a submission that is only tried: one order and its signatures.
  package var dryRunBytesMax = 64 << 10
  /// Bytes of orders in words that are to be encoded, and how many.
  package var encodingBytesMax = 256 << 10
  package var encodedInstructionsMax = 100
  /// Messages of one sender, and bytes of them, that nothing was ordered from yet.
  package var documentsUnorderedMax = 10_000
  package var documentBytesUnorderedMax = 256 << 20
  /// How long what a message says is kept, in days: five years, as the rules on money laundering
  /// ask of payments (Directive (EU) 2015/849, article 40).
  package var documentDays = 1_826
  /// How often is looked what was ordered, and what has had its time.
  package var documentSweepInterval: TimeAmount = .seconds(5)
  /// Entries of an account report.
  package var reportEntriesMax = 5_000
  /// Bytes that are set aside for a body on the word of its head.
  package var bodyBytesReservedMax = 1 << 20
  /// Bytes of bodies that have come and are not answered yet, over all connections.
  package var bodyBytesInFlightMax = 256 << 20
  /// Submissions of one stream that are not answered yet; no more is read while there are so many.
  package var streamSubmissionsMax = 1_024
  /// Their bytes.
  package var streamBytesMax = 16 << 20
  /// Bytes of a stream's answers that are written at once.
  package var streamPieceBytes = 64 << 10
  /// How long a stream waits before it tries again what a full queue refused.
  package var streamRetryInterval: TimeAmount = .milliseconds(20)
  /// How long no byte may move on a stream, either way.
  package var streamSilenceTimeout: TimeAmount = .seconds(120)
  /// How long a TLS handshake may take.
  package var handshakeTimeout: TimeAmount = .seconds(5)
  /// TLS handshakes under way at once; one more ends the oldest.
  package var handshakesMax = 256
  /// How often is said that handshakes fail.
  package var handshakeLogInterval: TimeAmount = .seconds(10)
  /// How long a connection may be silent between requests.
  package var idleTimeout: TimeAmount = .seconds(60)
  /// How long a request may take to arrive, from its head to its end, however lively it drips.
  package var requestTimeout: TimeAmount = .seconds(30)
  /// How long an answer may take, from its request's end until the caller's side has all of it.
  ///
  /// It bounds callers that never read; an order that waits out a full disk that long is
  /// told nothing, and its sender asks for its ids.
  package var answerTimeout: TimeAmount = .seconds(120)
  /// How long what still arrives is thrown away after an answer that closes the connection, so
  /// that the caller can read that answer.
  package var lingerTimeout: TimeAmount = .seconds(2)
  /// Lines of a statement's page where the caller names no limit.
  package var pageLinesStandard = 100
  /// Participants of one page.
  package var pageParticipantsMax = 500
  /// Requests that each reader may make in a window, a stream's submissions counted one by one;
  /// `nil` for no quota.
  package var requestsPerWindowMax: Int? = 60_000
  /// How long a quota's window is, in whole seconds.
  package var quotaWindow: TimeAmount = .seconds(60)
  /// When a follower that has lost its connection is told to come again.
  package var eventRetryMilliseconds = 1_000
  /// What a caller is told to wait while no orders are taken.
  package var retryAfterSeconds = 5
  /// What a caller is told to wait for the next checkpoint.
  package var checkpointRetryAfterSeconds = 1

  package init() {}
}
