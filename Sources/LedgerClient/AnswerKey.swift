import LedgerModel
import LedgerWire

/// A member's name in an answer.
struct AnswerKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringLiteral value: String) { stringValue = value }
  init(_ value: String) { stringValue = value }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

// Members in the forms that docs/api.md names.
extension KeyedDecodingContainer<AnswerKey> {
  func account(_ key: AnswerKey) throws -> AccountID {
    AccountID(try parse(key, "an account id") { Bytes16(uuidText: $0) })
  }

  func accounts(_ key: AnswerKey) throws -> [AccountID] {
    try decode([String].self, forKey: key).map { text in
      guard let value = Bytes16(uuidText: text) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: self, debugDescription: "`\(text)` is not an account id")
      }
      return AccountID(value)
    }
  }

  func instruction(_ key: AnswerKey) throws -> InstructionID {
    try parse(key, "a UUIDv7") { Bytes16(uuidText: $0).flatMap { InstructionID($0) } }
  }

  func bytes32(_ key: AnswerKey) throws -> Bytes32 {
    try parse(key, "64 hexadecimal digits") { Bytes32(hex: $0) }
  }

  func documentIfPresent(_ key: AnswerKey) throws -> DocumentDigest? {
    contains(key) ? DocumentDigest(try bytes32(key)) : nil
  }

  func currency(_ key: AnswerKey) throws -> CurrencyCode {
    try parse(key, "a currency code") { CurrencyCode($0) }
  }

  /// Minor units, a decimal string.
  func sum<Value: FixedWidthInteger>(_ key: AnswerKey) throws -> Value {
    try parse(key, "a decimal sum of minor units") { Value($0) }
  }

  func sumIfPresent<Value: FixedWidthInteger>(_ key: AnswerKey) throws -> Value? {
    contains(key) ? try sum(key) : nil
  }

  func name<Value: Name>(_ key: AnswerKey) throws -> Value {
    try Value(try decode(String.self, forKey: key))
  }

  func nameIfPresent<Value: Name>(_ key: AnswerKey) throws -> Value? {
    try decodeIfPresent(String.self, forKey: key).map { try Value($0) }
  }

  func sequenceIfPresent(_ key: AnswerKey) throws -> SequenceNumber? {
    try decodeIfPresent(UInt64.self, forKey: key).map { SequenceNumber($0) }
  }

  /// An instant, read from the member in microseconds.
  func time(_ key: AnswerKey) throws -> LedgerTime {
    let name = AnswerKey(key.stringValue + "_us")
    return LedgerTime(microseconds: try decode(UInt64.self, forKey: name))
  }

  func timeIfPresent(_ key: AnswerKey) throws -> LedgerTime? {
    contains(key) ? try time(key) : nil
  }

  func freeze(_ key: AnswerKey) throws -> FrozenCredits? {
    switch try decodeIfPresent(String.self, forKey: key) {
    case nil: nil
    case "credits_accepted": .accepted
    case "credits_refused": .refused
    case .some(let other):
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "`\(other)` is no freeze")
    }
  }

  private func parse<Value>(
    _ key: AnswerKey, _ noun: String, _ read: (String) -> Value?
  ) throws -> Value {
    let text = try decode(String.self, forKey: key)
    guard let value = read(text) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "`\(text)` is not \(noun)")
    }
    return value
  }
}
