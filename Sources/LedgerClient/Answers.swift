public import LedgerModel
import LedgerWire
public import MerkleLog

// The JSON answers of API v1 (docs/api.md), as values. Sums are 128-bit counts of minor units.

/// What a client needs to begin.
public struct LedgerInfo: Hashable, Sendable, Decodable {
  public let ledger: LedgerID
  public let origin: String
  /// The log's verifier key (C2SP signed-note).
  public let logKey: String
  public let currencies: [Currency]
  /// How far back an id, and ahead an expiry, may lie.
  public let participantHorizonMicroseconds: UInt64
  public let officerHorizonMicroseconds: UInt64
  /// Ledger time, for ids and expiries.
  public let time: LedgerTime
  public let size: UInt64
  public let checkpointSize: UInt64

  /// The horizon of one party's ids and statements.
  public func horizonMicroseconds(of party: Party) -> UInt64 {
    switch party {
    case .participant: participantHorizonMicroseconds
    case .issuer, .recovery: officerHorizonMicroseconds
    }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    ledger = LedgerID(try values.bytes32("ledger"))
    origin = try values.decode(String.self, forKey: "origin")
    logKey = try values.decode(String.self, forKey: "log_key")
    currencies = try values.decode([CurrencyAnswer].self, forKey: "currencies").map(\.currency)
    let parameters = try values.nestedContainer(keyedBy: AnswerKey.self, forKey: "parameters")
    participantHorizonMicroseconds = try parameters.decode(
      UInt64.self, forKey: "participant_horizon_us")
    officerHorizonMicroseconds = try parameters.decode(UInt64.self, forKey: "officer_horizon_us")
    time = try values.time("time")
    size = try values.decode(UInt64.self, forKey: "size")
    guard size > 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: "size", in: values, debugDescription: "a log has its genesis")
    }
    checkpointSize = try values.decode(UInt64.self, forKey: "checkpoint_size")
  }
}

/// An account's reading.
public struct AccountAnswer: Hashable, Sendable, Decodable {
  public let account: AccountID
  /// `issuance`, `settlement` or `wallet`.
  public let kind: String
  public let participant: ParticipantID?
  public let currency: CurrencyCode
  public let tier: Tier?
  public let balance: Int64
  public let available: Int64
  public let isClosed: Bool
  public let freeze: FrozenCredits?
  public let entryCount: UInt64
  public let lastSequence: SequenceNumber?
  public let runningHash: Digest
  /// The number of entries that the reading covers.
  public let asOf: UInt64

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    account = try values.account("account")
    kind = try values.decode(String.self, forKey: "kind")
    participant = try values.nameIfPresent("participant")
    currency = try values.currency("currency")
    tier = try values.nameIfPresent("tier")
    balance = try values.sum("balance")
    available = try values.sum("available")
    isClosed = try values.decode(Bool.self, forKey: "closed")
    freeze = try values.freeze("frozen")
    entryCount = try values.decode(UInt64.self, forKey: "entry_count")
    lastSequence = try values.sequenceIfPresent("last_sequence")
    runningHash = try values.bytes32("running_hash").digest
    asOf = try values.decode(UInt64.self, forKey: "as_of")
  }
}

/// Part of an account's statement, the newest entry first.
public struct StatementAnswer: Hashable, Sendable, Decodable {
  /// What a linked account gave for a payment, or took of it where negative.
  public struct Linked: Hashable, Sendable, Decodable {
    public let account: AccountID
    public let change: Int64

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: AnswerKey.self)
      account = try values.account("account")
      change = try values.sum("change")
    }
  }

  /// One line.
  public struct Line: Hashable, Sendable, Decodable {
    public let sequence: SequenceNumber
    public let time: LedgerTime
    public let id: InstructionID
    /// Such as `pay`.
    public let operation: String
    /// What the order moves.
    public let amount: UInt64
    public let change: Int64
    /// Of a wallet, where its linked account gave or took.
    public let linked: Linked?
    public let balance: Int64
    /// The other side; of a linked account that gave or took, the wallet that it did so for.
    public let counterparty: AccountID
    public let purpose: String
    public let channel: String
    public let reference: String
    /// The digest of what the order was made from; `nil` for nothing.
    public let document: DocumentDigest?

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: AnswerKey.self)
      sequence = SequenceNumber(try values.decode(UInt64.self, forKey: "sequence"))
      time = try values.time("time")
      id = try values.instruction("id")
      operation = try values.decode(String.self, forKey: "operation")
      amount = try values.sum("amount")
      change = try values.sum("change")
      linked = try values.decodeIfPresent(Linked.self, forKey: "linked")
      balance = try values.sum("balance")
      counterparty = try values.account("counterparty")
      purpose = try values.decode(String.self, forKey: "purpose")
      channel = try values.decode(String.self, forKey: "channel")
      reference = try values.decode(String.self, forKey: "reference")
      document = try values.documentIfPresent("document")
    }
  }

  public let account: AccountID
  public let lines: [Line]
  /// Ask for the next page before this entry; `nil` at the account's first.
  public let next: SequenceNumber?
  public let asOf: UInt64

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    account = try values.account("account")
    lines = try values.decode([Line].self, forKey: "entries")
    next = try values.sequenceIfPresent("next")
    asOf = try values.decode(UInt64.self, forKey: "as_of")
  }
}

/// A participant's reading.
public struct ParticipantAnswer: Hashable, Sendable, Decodable {
  /// One of its accounts in central bank money.
  public struct SettlementAccount: Hashable, Sendable, Decodable {
    public let account: AccountID
    public let currency: CurrencyCode
    /// `nil` where whoever asks may not see it.
    public let balance: Int64?

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: AnswerKey.self)
      account = try values.account("account")
      currency = try values.currency("currency")
      balance = try values.sumIfPresent("balance")
    }
  }

  /// One of its keys.
  public struct Key: Hashable, Sendable, Decodable {
    public let key: PublicKey
    /// `active`, `suspended` or `revoked`.
    public let standing: String
    public let validFrom: LedgerTime
    public let validUntil: LedgerTime?

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: AnswerKey.self)
      key = PublicKey(try values.bytes32("key"))
      standing = try values.decode(String.self, forKey: "standing")
      validFrom = try values.time("valid_from")
      validUntil = try values.timeIfPresent("valid_until")
    }
  }

  public let participant: ParticipantID
  public let name: String
  public let admitted: SequenceNumber
  public let isSuspended: Bool
  public let freeze: FrozenCredits?
  public let settlementAccounts: [SettlementAccount]
  public let keys: [Key]

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    participant = try values.name("participant")
    name = try values.decode(String.self, forKey: "name")
    admitted = SequenceNumber(try values.decode(UInt64.self, forKey: "admitted"))
    isSuspended = try values.decode(Bool.self, forKey: "suspended")
    freeze = try values.freeze("frozen")
    settlementAccounts = try values.decode(
      [SettlementAccount].self, forKey: "settlement_accounts")
    keys = try values.decode([Key].self, forKey: "keys")
  }
}

/// A currency's money.
public struct SupplyAnswer: Hashable, Sendable, Decodable {
  /// What one participant and its customers hold.
  public struct Holding: Hashable, Sendable, Decodable {
    public let participant: ParticipantID
    public let settlement: Int128
    public let wallets: Int128

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: AnswerKey.self)
      participant = try values.name("participant")
      settlement = try values.sum("settlement")
      wallets = try values.sum("wallets")
    }
  }

  /// A set of rules, and how it stands.
  public struct Rules: Hashable, Sendable, Decodable {
    public let pack: PackName
    public let version: Int
    public let sourceDigest: Bytes32
    /// Whether it only says what it would have done.
    public let isShadow: Bool
    /// When it comes into force; `nil` where it is.
    public let from: LedgerTime?
    /// When the last of its rules ends; `nil` where one has no end.
    public let until: LedgerTime?

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: AnswerKey.self)
      pack = try values.name("pack")
      version = try values.decode(Int.self, forKey: "version")
      sourceDigest = try values.bytes32("source_sha256")
      isShadow = try values.decode(String.self, forKey: "mode") == "shadow"
      from = values.contains("from") ? try values.time("from") : nil
      until = values.contains("until") ? try values.time("until") : nil
    }
  }

  public let currency: CurrencyCode
  public let exponent: Int
  public let issued: Int128
  public let redeemed: Int128
  public let outstanding: Int128
  /// In order of admission.
  public let holdings: [Holding]
  /// In force, in shadow, and to come, in this order.
  public let rules: [Rules]
  public let asOf: UInt64
  public let time: LedgerTime

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    currency = try values.currency("currency")
    exponent = try values.decode(Int.self, forKey: "exponent")
    issued = try values.sum("issued")
    redeemed = try values.sum("redeemed")
    outstanding = try values.sum("outstanding")
    holdings = try values.decode([Holding].self, forKey: "holdings")
    rules = try values.decode([Rules].self, forKey: "rules")
    asOf = try values.decode(UInt64.self, forKey: "as_of")
    time = try values.time("time")
  }
}

/// What became of an id, by the server's word; ``LedgerClient/entry(_:)`` proves it.
public enum StatusAnswer: Hashable, Sendable, Decodable {
  case executed(Execution)
  /// It never was, and never will be: only now may the order be given under a new id.
  /// By this party; `nil` where by none.
  case neverExecuted(by: Party?, asOf: UInt64, time: LedgerTime)
  case notYetKnown(of: Party?, asOf: UInt64, time: LedgerTime)

  /// What an id's order came to.
  public struct Execution: Hashable, Sendable {
    public let party: Party
    public let sequence: SequenceNumber
    public let firstSequence: SequenceNumber
    public let isAccepted: Bool
    /// The refusal's stable code, rule and words.
    public let code: String?
    public let rule: String?
    public let pack: String?
    public let message: String?
    public let time: LedgerTime
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    let time = try values.time("time")
    switch try values.decode(String.self, forKey: "status") {
    case "executed":
      self = .executed(
        Execution(
          party: try Party(try values.decode(String.self, forKey: "party")),
          sequence: SequenceNumber(try values.decode(UInt64.self, forKey: "sequence")),
          firstSequence: SequenceNumber(try values.decode(UInt64.self, forKey: "first_sequence")),
          isAccepted: try values.decode(String.self, forKey: "outcome") == "accepted",
          code: try values.decodeIfPresent(String.self, forKey: "code"),
          rule: try values.decodeIfPresent(String.self, forKey: "rule"),
          pack: try values.decodeIfPresent(String.self, forKey: "pack"),
          message: try values.decodeIfPresent(String.self, forKey: "message"), time: time))
    case "never_executed":
      self = .neverExecuted(
        by: try values.decodeIfPresent(String.self, forKey: "party").map { try Party($0) },
        asOf: try values.decode(UInt64.self, forKey: "as_of"), time: time)
    case "not_yet_known":
      self = .notYetKnown(
        of: try values.decodeIfPresent(String.self, forKey: "party").map { try Party($0) },
        asOf: try values.decode(UInt64.self, forKey: "as_of"), time: time)
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: "status", in: values, debugDescription: "`\(other)` is no status")
    }
  }
}

struct ParticipantsAnswer: Decodable {
  let participants: [ParticipantAnswer]
  /// After whom the next page begins; left out on the last.
  let next: String?
}

struct SuppliesAnswer: Decodable { let supply: [SupplyAnswer] }

/// One registration of a certificate for a reader.
public struct CertificateAnswer: Hashable, Sendable, Decodable {
  /// SHA-256 of its SubjectPublicKeyInfo, in hexadecimal digits.
  public let certificate: String
  /// `issuer`, `auditor` or a participant's code.
  public let reader: String
  public let isRevoked: Bool
  public let validFrom: LedgerTime
  /// Not valid at or after this; `nil` is no end.
  public let validUntil: LedgerTime?

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    certificate = try values.decode(String.self, forKey: "certificate")
    reader = try values.decode(String.self, forKey: "reader")
    isRevoked = try values.decode(Bool.self, forKey: "revoked")
    validFrom = try values.time("valid_from")
    validUntil = try values.contains("valid_until") ? values.time("valid_until") : nil
  }
}

struct CertificatesAnswer: Decodable { let certificates: [CertificateAnswer] }

/// Whom the server takes a client for.
public struct AccessAnswer: Hashable, Sendable, Decodable {
  /// SHA-256 of the client certificate's public key, in hexadecimal digits; `nil` without TLS.
  public let certificate: String?
  /// For whom it reads; none without TLS, where all is open.
  public let readers: [String]

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    certificate = try values.decodeIfPresent(String.self, forKey: "certificate")
    readers = try values.decodeIfPresent([String].self, forKey: "readers") ?? []
  }
}

struct ProofAnswer: Decodable {
  let entry: String
  let proof: String
}

struct ProblemAnswer: Decodable {
  let code: String
  let detail: String
}

private struct CurrencyAnswer: Decodable {
  let currency: Currency

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    let exponent = try values.decode(Int.self, forKey: "exponent")
    guard 0...Limits.currencyExponentMax ~= exponent else {
      throw DecodingError.dataCorruptedError(
        forKey: "exponent", in: values, debugDescription: "`\(exponent)` is out of range")
    }
    currency = Currency(
      code: try values.currency("code"), exponent: exponent,
      issuanceAccount: try values.account("issuance_account"))
  }
}
