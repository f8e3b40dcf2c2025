import LedgerModel

/// What an element's text may be, as the schema's simple types have it, or less.
///
/// All are read as they stand: white space around a value is part of it.
enum ValueForm: Sendable {
  /// Any text of 1 to `max` characters.
  case text(max: Int)
  /// A ``MessageReference``.
  case reference
  /// One of these words.
  case code([String])
  /// Capital letters and digits, as many as said: an external code.
  case capitals(ClosedRange<Int>)
  /// A participant's code.
  case participant
  /// An account's id, as 32 hexadecimal digits.
  case account
  /// Digits, 1 to 15.
  case number
  /// A decimal without a sign, of so many digits and fraction digits at most.
  case decimal(fractionDigits: Int, digits: Int = DecimalText.digitsMax)
  /// Four letters or digits.
  case alphanumeric4
  case boolean
  case date
  case dateTime
  case country
  case currency
  /// ISO 9362.
  case bic
  /// ISO 17442, its two check digits included.
  case lei
  case uetr
  /// `+`, a country's number, `-` and the rest.
  case phone

  func admits(_ text: String) -> Bool {
    switch self {
    case .text(let max): 1...max ~= text.unicodeScalars.count
    case .reference: MessageReference.rule.admits(text)
    case .code(let words): words.contains(text)
    case .capitals(let counts):
      counts ~= text.utf8.count && text.utf8.allSatisfy { $0.isCapital || $0.isDigit }
    case .participant: ParticipantID.rule.admits(text)
    case .account: AccountID(isoText: text) != nil
    case .number: 1...15 ~= text.utf8.count && text.utf8.allSatisfy(\.isDigit)
    case .decimal(let fractionDigits, let digits):
      DecimalText(text).map {
        $0.fractionDigits <= fractionDigits && $0.digitCount <= digits
      } ?? false
    case .alphanumeric4:
      text.utf8.count == 4 && text.utf8.allSatisfy { $0.isCapital || $0.isDigit || $0.isSmall }
    case .boolean: ["true", "false", "1", "0"].contains(text)
    case .date: CivilDate(isoText: text) != nil
    case .dateTime: LedgerTime(isoText: text) != nil
    case .country: text.utf8.count == 2 && text.utf8.allSatisfy(\.isCapital)
    case .currency: CurrencyCode(text) != nil
    case .bic: Self.isBIC(Array(text.utf8))
    case .lei: Self.isLEI(Array(text.utf8))
    case .uetr: UETR(text) != nil
    case .phone: Self.isPhone(Array(text.utf8))
    }
  }

  /// Whether a value may be shown in an error: those that are codes, numbers or times may.
  var isShown: Bool {
    switch self {
    case .text, .reference, .participant, .account, .alphanumeric4, .phone: false
    case .code, .capitals, .number, .decimal, .boolean, .date, .dateTime, .country, .currency,
      .bic, .lei, .uetr:
      true
    }
  }

  /// What would be right.
  var wanted: String {
    switch self {
    case .text(let max): "a text of 1 to \(max) characters"
    case .reference: "1 to 35 bytes of text without control, direction or invisible characters"
    case .code(let words): words.map { "`\($0)`" }.joined(separator: " or ")
    case .capitals(let counts):
      "\(counts.lowerBound) to \(counts.upperBound) of `A-Z` and `0-9`"
    case .participant: "a participant's code"
    case .account: "an account's id as 32 hexadecimal digits in lower case, without hyphens"
    case .number: "1 to 15 digits"
    case .decimal(let fractionDigits, let digits):
      "a decimal of at most \(digits) digits, at most \(fractionDigits) of them "
        + "after the point, without a sign or an exponent"
    case .alphanumeric4: "four letters or digits"
    case .boolean: "`true` or `false`"
    case .date: "a date as `2026-01-31`, without an offset"
    case .dateTime: "a time as `2026-01-31T09:30:00.000Z` or with its offset, `+01:00`"
    case .country: "two capital letters"
    case .currency: "a currency's three capital letters"
    case .bic: "a BIC of 8 or 11 characters (ISO 9362)"
    case .lei: "an LEI of 20 characters with right check digits (ISO 17442)"
    case .uetr: "a UUIDv4 in lower case (RFC 9562)"
    case .phone: "a number as `+86-10-12345678`"
    }
  }

  /// Four letters or digits for the institution, two letters for the country, two for the place,
  /// three or none for the branch.
  private static func isBIC(_ bytes: [UInt8]) -> Bool {
    [8, 11].contains(bytes.count) && bytes.allSatisfy { $0.isCapital || $0.isDigit }
      && bytes[4..<6].allSatisfy(\.isCapital)
  }

  /// Letters as the numbers 10 to 35, the whole is 1 modulo 97 (ISO 7064, MOD 97-10).
  private static func isLEI(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == 20, bytes.allSatisfy({ $0.isCapital || $0.isDigit }),
      bytes.suffix(2).allSatisfy(\.isDigit)
    else { return false }
    let remainder = bytes.reduce(0) { sum, byte in
      byte.isDigit
        ? (sum * 10 + Int(byte - UInt8(ascii: "0"))) % 97
        : (sum * 100 + Int(byte - UInt8(ascii: "A")) + 10) % 97
    }
    return remainder == 1
  }

  private static func isPhone(_ bytes: [UInt8]) -> Bool {
    guard bytes.first == UInt8(ascii: "+"),
      let dash = bytes.firstIndex(of: UInt8(ascii: "-")), 2...4 ~= dash,
      bytes[1..<dash].allSatisfy(\.isDigit), 1...30 ~= bytes.count - dash - 1
    else { return false }
    return bytes[(dash + 1)...].allSatisfy { $0.isDigit || Array("()+-".utf8).contains($0) }
  }
}

extension UInt8 {
  var isDigit: Bool { UInt8(ascii: "0") <= self && self <= UInt8(ascii: "9") }
  var isCapital: Bool { UInt8(ascii: "A") <= self && self <= UInt8(ascii: "Z") }
  var isSmall: Bool { UInt8(ascii: "a") <= self && self <= UInt8(ascii: "z") }
}
