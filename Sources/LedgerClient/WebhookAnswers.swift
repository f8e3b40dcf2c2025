public import LedgerModel

/// Where a reader's events are sent, and how that stands: the server's word.
public struct WebhookAnswer: Hashable, Sendable, Decodable {
  public let name: String
  /// Whose it is: `issuer`, `auditor` or a participant's code; `nil` without TLS.
  public let reader: String?
  public let url: String
  /// Only events of that account; `nil` for all.
  public let account: AccountID?
  /// Only orders of these names; `nil` for all.
  public let kinds: [String]?
  /// The entry up to which its receiver has what it was to have.
  public let after: SequenceNumber
  /// `delivering`, `retrying`, `dead_letters_full`, `no_access` or `host_not_permitted`.
  public let state: String
  /// When the next try is, after one that failed.
  public let retry: LedgerTime?
  /// Tries in a row that failed.
  public let failures: Int
  /// What the receiver answered last, in words.
  public let lastAnswer: String?
  public let lastDelivery: LedgerTime?
  /// Entries that were not gone through yet.
  public let lagEntries: UInt64
  /// Since the first event that the receiver does not have; `nil` where that is not known.
  public let lagSeconds: Int64?
  public let deadLetters: Int

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    name = try values.decode(String.self, forKey: "name")
    reader = try values.decodeIfPresent(String.self, forKey: "reader")
    url = try values.decode(String.self, forKey: "url")
    account = try values.contains("account") ? values.account("account") : nil
    kinds = try values.decodeIfPresent([String].self, forKey: "kinds")
    after = SequenceNumber(try values.decode(UInt64.self, forKey: "after"))
    state = try values.decode(String.self, forKey: "state")
    retry = try values.timeIfPresent("retry")
    failures = try values.decode(Int.self, forKey: "failures")
    lastAnswer = try values.decodeIfPresent(String.self, forKey: "last_answer")
    lastDelivery = try values.timeIfPresent("last_delivery")
    lagEntries = try values.decode(UInt64.self, forKey: "lag_entries")
    lagSeconds = try values.decodeIfPresent(Int64.self, forKey: "lag_seconds")
    deadLetters = try values.decode(Int.self, forKey: "dead_letters")
  }
}

/// An event that a webhook's receiver refused.
public struct DeadLetterAnswer: Hashable, Sendable, Decodable {
  /// Its entry, which says what it is.
  public let sequence: SequenceNumber
  /// How often it was sent.
  public let attempts: Int
  /// When it was sent last.
  public let time: LedgerTime
  /// What the receiver answered, in words.
  public let answer: String
  /// Whether it waits to be sent again.
  public let isDue: Bool

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    sequence = SequenceNumber(try values.decode(UInt64.self, forKey: "sequence"))
    attempts = try values.decode(Int.self, forKey: "attempts")
    time = try values.time("time")
    answer = try values.decode(String.self, forKey: "answer")
    isDue = try values.decode(Bool.self, forKey: "due")
  }
}

struct WebhooksAnswer: Decodable { let webhooks: [WebhookAnswer] }

struct DeadLettersAnswer: Decodable {
  let letters: [DeadLetterAnswer]
  let next: SequenceNumber?

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    letters = try values.decode([DeadLetterAnswer].self, forKey: "dead_letters")
    next = try values.sequenceIfPresent("next")
  }
}
