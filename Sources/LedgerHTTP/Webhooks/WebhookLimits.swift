import LedgerModel

/// Every bound of the webhooks, in one place.
package struct WebhookLimits: Sendable {
  /// Webhooks of one reader, and of all together: each has a follower of the log.
  package var webhooksPerReaderMax = 16
  package var webhooksMax = 1_024
  /// Bytes of a name.
  package var nameBytes = 2...32
  /// Bytes of a URL.
  package var urlBytesMax = 1_024
  /// Bytes of a request's body that sets one up.
  package var requestBytesMax = 16 << 10
  /// Events that are sent at once, and their bytes; a single event may be larger.
  package var eventsPerDeliveryMax = 100
  package var deliveryBytesMax = 256 << 10
  /// Pages of the log that are read for one delivery.
  package var pagesPerReadMax = 64
  /// How long a connection may take to be made, and an answer to come.
  package var connectTimeout: Duration = .seconds(5)
  package var answerTimeout: Duration = .seconds(10)
  /// Bytes of an answer's body that are read, and thrown away, to use the connection again.
  package var answerBytesMax = 16 << 10
  package var answerBodyTimeout: Duration = .seconds(1)
  /// Connections to one host at once.
  package var connectionsPerHostMax = 64
  /// The first pause after a failure; each is twice the last, up to the longest, and as much as
  /// half of it shorter, by chance.
  package var pauseMin: Duration = .seconds(1)
  package var pauseMax: Duration = .seconds(300)
  /// The longest pause that a receiver's `Retry-After` is heeded for.
  package var askedPauseMax: Duration = .seconds(3_600)
  /// How often is looked whether the owner reads again, or its host is permitted.
  package var restPause: Duration = .seconds(15)
  /// How often an event is refused before it is a dead letter.
  package var refusedAttemptsMax = 3
  /// Dead letters of one webhook; while there are as many, delivery waits.
  package var deadLettersMax = 1_000
  /// Dead letters of a page.
  package var deadLettersPerPageMax = 100
  /// Entries that are gone through without an event for it before the position is kept.
  package var entriesUnkeptMax: UInt64 = 16_384

  package init() {}
}
