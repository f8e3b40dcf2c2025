package import LedgerModel

/// Whose webhook it is, and under which name.
package struct WebhookID: Hashable, Comparable, Sendable {
  /// `nil` for whoever reaches a server without TLS.
  package let owner: Reader?
  package let name: String

  package init(owner: Reader?, name: String) {
    self.owner = owner
    self.name = name
  }

  /// The owner in words: none is the empty text, which is no reader's.
  package var ownerText: String { owner?.description ?? "" }

  package static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.ownerText, lhs.name) < (rhs.ownerText, rhs.name)
  }
}

/// Where a reader's events are sent, which of them, and how far that has come.
package struct KeptWebhook: Hashable, Sendable {
  package let id: WebhookID
  package var url: String
  /// Only events of that account; `nil` for all.
  package var account: AccountID?
  /// Only orders of these names, in order; `nil` for all.
  package var kinds: [String]?
  /// The entry to go on with: of all before it, the receiver has had what it was to have.
  package var next: SequenceNumber

  package init(
    id: WebhookID, url: String, account: AccountID? = nil, kinds: [String]? = nil,
    next: SequenceNumber
  ) {
    self.id = id
    self.url = url
    self.account = account
    self.kinds = kinds
    self.next = next
  }
}

/// An event that its receiver refused, named by its entry: what it says is in the log.
package struct DeadLetter: Hashable, Sendable {
  package let sequence: SequenceNumber
  /// How often it was sent.
  package var attempts: Int
  /// When it was sent last, by the wall clock.
  package var time: LedgerTime
  /// What the receiver answered last, in words.
  package var answer: String
  /// Whether it waits to be sent again.
  package var isDue: Bool

  package init(
    sequence: SequenceNumber, attempts: Int, time: LedgerTime, answer: String, isDue: Bool = false
  ) {
    self.sequence = sequence
    self.attempts = attempts
    self.time = time
    self.answer = answer
    self.isDue = isDue
  }
}

/// The webhooks of a ledger's readers: the one thing beside the log that cannot be made from it.
///
/// Each change is all or nothing, and durable when it returns. One that failed may be tried again,
/// whatever became of it: made twice, it is as made once.
package protocol WebhookStore: Sendable {
  /// All webhooks, in order of owner and name.
  func webhooks() throws(StoreError) -> [KeptWebhook]

  /// Keeps a webhook, new or changed.
  func keep(_ webhook: KeptWebhook) throws(StoreError)

  /// Forgets a webhook and its dead letters; one that there is not is no error.
  func remove(_ id: WebhookID) throws(StoreError)

  /// Keeps a dead letter, new or changed, and moves its webhook where that is given.
  ///
  /// - Throws: ``StoreError/invalid(detail:)`` for a webhook that there is not.
  func keep(
    _ letter: DeadLetter, of id: WebhookID, movingTo next: SequenceNumber?
  ) throws(StoreError)

  /// Returns dead letters in order of their entries, from one on.
  func deadLetters(
    of id: WebhookID, from sequence: SequenceNumber, countMax: Int
  ) throws(StoreError) -> [DeadLetter]

  func deadLetterCount(of id: WebhookID) throws(StoreError) -> Int

  /// Returns the first dead letter that waits to be sent again.
  func dueDeadLetter(of id: WebhookID) throws(StoreError) -> DeadLetter?

  /// Has dead letters wait to be sent again, from an entry on.
  func makeDeadLettersDue(of id: WebhookID, from sequence: SequenceNumber) throws(StoreError)

  /// Forgets the dead letter of one entry, or of all.
  func removeDeadLetters(of id: WebhookID, at sequence: SequenceNumber?) throws(StoreError)

  func close() throws(StoreError)
}
