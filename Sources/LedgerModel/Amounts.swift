/// A sum of money to move.
///
/// - Units: minor units of a currency whose exponent is fixed at genesis (at exponent 2, 100 is
///   one yuan).
/// - Range: `1 ... 10^18`. Nine such sums fit in an `Int64`.
/// - Source: ISO 4217, "minor unit"; docs/decisions/0003-integer-money.md.
public struct Amount: Hashable, Comparable, Sendable, CustomStringConvertible {
  public static let max = Amount(unchecked: 1_000_000_000_000_000_000)

  public let minorUnits: Int64

  /// Creates the amount, or `nil` outside its range.
  @inlinable
  public init?(minorUnits: some BinaryInteger) {
    // Inlined, or each payment would compare by way of the type's witnesses.
    guard let minorUnits = Int64(exactly: minorUnits), minorUnits >= 1,
      minorUnits <= Self.max.minorUnits
    else { return nil }
    self.init(unchecked: minorUnits)
  }

  @usableFromInline init(unchecked minorUnits: Int64) { self.minorUnits = minorUnits }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.minorUnits < rhs.minorUnits }

  public var description: String { String(minorUnits) }
}

/// What an account holds.
///
/// - Units: minor units of the account's currency.
/// - Range: `-9·10^18 ... 9·10^18`; negative for an issuance account alone.
public struct Balance: Hashable, Comparable, Sendable, CustomStringConvertible {
  public static let zero = Balance(unchecked: 0)
  public static let max = Balance(unchecked: 9_000_000_000_000_000_000)

  public let minorUnits: Int64

  /// Creates the balance, or `nil` outside its range.
  public init?(minorUnits: Int64) {
    guard minorUnits >= -Self.max.minorUnits, minorUnits <= Self.max.minorUnits else { return nil }
    self.minorUnits = minorUnits
  }

  private init(unchecked minorUnits: Int64) { self.minorUnits = minorUnits }

  /// Returns the balance after a credit, or `nil` above ``max``.
  public func credited(by amount: Amount) -> Balance? {
    // Checked, because 9·10^18 + 10^18 is more than an Int64 holds (9.22·10^18).
    let (sum, overflow) = minorUnits.addingReportingOverflow(amount.minorUnits)
    guard !overflow, sum <= Self.max.minorUnits else { return nil }
    return Balance(unchecked: sum)
  }

  /// Returns the balance after a debit that may not take it below zero, or `nil`.
  public func debited(by amount: Amount) -> Balance? {
    guard minorUnits >= amount.minorUnits else { return nil }
    return Balance(unchecked: minorUnits - amount.minorUnits)
  }

  /// Returns an issuance account's balance after a debit, or `nil` below `-max`.
  public func issued(by amount: Amount) -> Balance? {
    let (difference, overflow) = minorUnits.subtractingReportingOverflow(amount.minorUnits)
    guard !overflow, difference >= -Self.max.minorUnits else { return nil }
    return Balance(unchecked: difference)
  }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.minorUnits < rhs.minorUnits }

  public var description: String { String(minorUnits) }
}

/// An ISO 4217 alphabetic code, or three capital letters for a trial currency.
public struct CurrencyCode: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The three letters, first one highest.
  private let packed: UInt32

  /// Creates the code, or `nil` unless `text` is three of `A-Z`.
  public init?(_ text: some StringProtocol) {
    var packed: UInt32 = 0
    var count = 0
    for byte in text.utf8 {
      guard byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") else { return nil }
      packed = packed << 8 | UInt32(byte)
      count += 1
      guard count <= 3 else { return nil }
    }
    guard count == 3 else { return nil }
    self.packed = packed
  }

  /// Creates the code from three letters in ASCII, or `nil` unless each is one of `A-Z`.
  package init?(letters: (UInt8, UInt8, UInt8)) {
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard capitals ~= letters.0, capitals ~= letters.1, capitals ~= letters.2 else { return nil }
    packed = UInt32(letters.0) << 16 | UInt32(letters.1) << 8 | UInt32(letters.2)
  }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.packed < rhs.packed }

  public var description: String {
    let bytes = [16, 8, 0].map { UInt8(truncatingIfNeeded: packed >> UInt32($0)) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A currency of this ledger.
public struct Currency: Hashable, Sendable {
  public let code: CurrencyCode
  /// Decimal digits of the minor unit, `0 ... Limits.currencyExponentMax`.
  public let exponent: Int
  /// The only account that may be negative: its negation is the money outstanding.
  public let issuanceAccount: AccountID

  public init(code: CurrencyCode, exponent: Int, issuanceAccount: AccountID) {
    precondition(
      0 <= exponent && exponent <= Limits.currencyExponentMax, "exponent \(exponent)")
    self.code = code
    self.exponent = exponent
    self.issuanceAccount = issuanceAccount
  }
}
