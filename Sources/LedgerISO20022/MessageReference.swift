public import LedgerModel

/// An identifier that one party gives a message or a transaction of it (ISO 20022 Max35Text).
///
/// At most 35 bytes, where ISO 20022 counts characters, so that each is a ``ClientReference`` too.
public struct MessageReference: Name {
  public static var rule: NameRule { NameRule("message reference", bytes: 1...35, of: .text) }

  /// What stands for a reference that there is none of, as ISO 20022 has it for `EndToEndId`.
  public static let notProvided = MessageReference(unchecked: "NOTPROVIDED")

  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// A payment's reference from end to end, which the first institution makes: a UUIDv4 (RFC 9562).
public struct UETR: Hashable, Sendable, CustomStringConvertible {
  public let value: Bytes16

  /// Creates the reference, or `nil` unless version and variant are those of a UUIDv4.
  public init?(_ value: Bytes16) {
    guard value.high >> 12 & 0xF == 4, value.low >> 62 == 0b10 else { return nil }
    self.value = value
  }

  /// Creates the reference from `8-4-4-4-12` hexadecimal digits in lower case, or `nil`.
  public init?(_ text: some StringProtocol) {
    guard let value = Bytes16(uuidText: text) else { return nil }
    self.init(value)
  }

  public var description: String { value.uuidText }
}

extension AccountID {
  /// The account as ISO 20022 has room for it (Max34Text): 32 hexadecimal digits, no hyphens.
  var isoText: String { Hexadecimal.encode(value.bytes) }

  /// Reads ``isoText``, or `nil` for anything else.
  init?(isoText text: String) {
    guard let bytes = Hexadecimal.decode(text), let value = Bytes16(bytes) else { return nil }
    self.init(value)
  }
}
