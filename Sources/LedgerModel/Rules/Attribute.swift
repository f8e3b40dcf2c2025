/// What wallets or participants may be told apart by: set by signed order, named by rules.
public struct Attribute: Hashable, Sendable {
  /// What has the attribute.
  public enum Holder: Int, Hashable, Sendable {
    /// Set by the wallet's participant.
    case wallet = 1
    /// Set by officers.
    case participant = 2
  }

  public enum Kind: Hashable, Sendable {
    /// One of these words; ascending, distinct, at least one.
    case words([AttributeWord])
    case amount(AttributeAmount)
  }

  /// The attribute of participants that ``Measure/Scope/participantClass`` goes by.
  public static let participantClass = AttributeName(unchecked: "class")

  public let name: AttributeName
  public let holder: Holder
  public let kind: Kind

  public init(name: AttributeName, holder: Holder, kind: Kind) {
    self.name = name
    self.holder = holder
    self.kind = kind
  }
}

/// An attribute that is a number of minor units.
public struct AttributeAmount: Hashable, Sendable {
  /// Where none was set; `nil` where a rule that asks then denies.
  public let initial: UInt64?
  /// The operator's: a larger value is refused.
  public let ceiling: UInt64?
  /// How long after the order a larger value comes into force; a smaller one does at once.
  public let raiseAfterMicroseconds: UInt64

  public init(initial: UInt64?, ceiling: UInt64?, raiseAfterMicroseconds: UInt64) {
    self.initial = initial
    self.ceiling = ceiling
    self.raiseAfterMicroseconds = raiseAfterMicroseconds
  }
}

/// What an attribute is set to.
public enum AttributeValue: Hashable, Sendable {
  case word(AttributeWord)
  /// Minor units, at most `Balance.max`.
  case amount(UInt64)
}
