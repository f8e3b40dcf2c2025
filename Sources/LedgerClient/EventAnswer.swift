public import LedgerModel

/// One order that was decided, as the server tells it: its word, which
/// ``LedgerClient/entry(_:)`` proves.
public struct EventAnswer: Hashable, Sendable, Decodable {
  /// What an order left in an account whose side data the reader may see.
  public struct Effect: Hashable, Sendable, Decodable {
    public let account: AccountID
    /// In minor units, after the order.
    public let balance: Int64
    /// The account's entry before this one; `nil` where it has none.
    public let previous: SequenceNumber?

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: AnswerKey.self)
      account = try values.account("account")
      balance = try values.sum("balance")
      previous = try values.sequenceIfPresent("previous")
    }
  }

  /// What an order moves.
  public struct Movement: Hashable, Sendable {
    /// In minor units.
    public let amount: UInt64
    public let currency: CurrencyCode
    /// `nil` where the money is issued.
    public let payer: AccountID?
    /// `nil` where the money is redeemed.
    public let payee: AccountID?
  }

  /// Of its log entry: the one order in which things happen.
  public let sequence: SequenceNumber
  public let time: LedgerTime
  public let id: InstructionID
  public let party: Party
  /// Such as `pay`.
  public let operation: String
  public let isAccepted: Bool
  /// The refusal's stable code, rule and pack.
  public let code: String?
  public let rule: String?
  public let pack: String?
  /// `nil` where the order moves no money.
  public let movement: Movement?
  public let purpose: String
  public let channel: String
  public let reference: String
  /// The digest of what the order was made from; `nil` for nothing.
  public let document: DocumentDigest?
  /// Those that it names, or moved money of.
  public let accounts: [AccountID]
  public let effects: [Effect]

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    sequence = SequenceNumber(try values.decode(UInt64.self, forKey: "sequence"))
    time = try values.time("time")
    id = try values.instruction("id")
    party = try Party(try values.decode(String.self, forKey: "party"))
    operation = try values.decode(String.self, forKey: "operation")
    isAccepted = try values.decode(String.self, forKey: "outcome") == "accepted"
    code = try values.decodeIfPresent(String.self, forKey: "code")
    rule = try values.decodeIfPresent(String.self, forKey: "rule")
    pack = try values.decodeIfPresent(String.self, forKey: "pack")
    movement =
      values.contains("amount")
      ? Movement(
        amount: try values.sum("amount"), currency: try values.currency("currency"),
        payer: values.contains("payer") ? try values.account("payer") : nil,
        payee: values.contains("payee") ? try values.account("payee") : nil) : nil
    purpose = try values.decode(String.self, forKey: "purpose")
    channel = try values.decode(String.self, forKey: "channel")
    reference = try values.decode(String.self, forKey: "reference")
    document = try values.documentIfPresent("document")
    accounts = try values.accounts("accounts")
    effects = try values.decode([Effect].self, forKey: "effects")
  }
}
