/// Which payments a measure is about: all that pass every test.
public struct PaymentFilter: Hashable, Sendable {
  /// Passes every payment.
  public static let everything = PaymentFilter()

  /// How the instruction says that it came in.
  public let channel: WordTest<Channel>?
  /// What the instruction says that it is for.
  public let purpose: WordTest<Purpose>?
  public let payer: LegFilter
  public let payee: LegFilter
  /// How long the payer has known the payee.
  public let acquaintance: Acquaintance?

  public init(
    channel: WordTest<Channel>? = nil, purpose: WordTest<Purpose>? = nil,
    payer: LegFilter = .everything, payee: LegFilter = .everything,
    acquaintance: Acquaintance? = nil
  ) {
    self.channel = channel
    self.purpose = purpose
    self.payer = payer
    self.payee = payee
    self.acquaintance = acquaintance
  }
}

/// Whether a word is one of a list, or none of it.
public struct WordTest<Word: Name>: Hashable, Sendable {
  /// Ascending, distinct, at least one.
  public let words: [Word]
  /// Whether the listed words fail and all others, no word included, pass.
  public let excludes: Bool

  public init(_ words: [Word], excludes: Bool = false) {
    self.words = words
    self.excludes = excludes
  }

  public func passes(_ word: Word?) -> Bool {
    (word.map { words.contains($0) } ?? false) != excludes
  }
}

/// Which accounts one side of a payment may be.
///
/// Tiers and attributes of wallets are those of wallets alone: on a side that is no wallet, a test
/// of them fails, whatever it asks.
public struct LegFilter: Hashable, Sendable {
  public static let everything = LegFilter()

  public let tier: WordTest<Tier>?
  public let participant: WordTest<ParticipantID>?
  /// In ascending order of index into ``RuleSet/attributes``, distinct; each of words.
  public let attributes: [AttributeTest]

  public init(
    tier: WordTest<Tier>? = nil, participant: WordTest<ParticipantID>? = nil,
    attributes: [AttributeTest] = []
  ) {
    self.tier = tier
    self.participant = participant
    self.attributes = attributes
  }
}

/// A test of one attribute, of the wallet or of its participant.
public struct AttributeTest: Hashable, Sendable {
  public let attribute: AttributeName
  public let test: WordTest<AttributeWord>

  public init(attribute: AttributeName, test: WordTest<AttributeWord>) {
    self.attribute = attribute
    self.test = test
  }
}

/// How long the payer's wallet has known the payee.
public struct Acquaintance: Hashable, Sendable {
  public enum Kind: Int, Hashable, Sendable, CaseIterable {
    /// Since the payer's first payment to the payee.
    case paid = 1
    /// Since the payer listed the payee, by a signed order.
    case listed = 2
  }

  public let kind: Kind
  /// Known for at least this long.
  public let microseconds: UInt64
  /// Whether those pass who are not known for so long, or not at all.
  public let excludes: Bool

  public init(kind: Kind, microseconds: UInt64, excludes: Bool) {
    self.kind = kind
    self.microseconds = microseconds
    self.excludes = excludes
  }
}
