/// An account, named by 16 bytes that whoever opened it chose at random.
///
/// Random, because sequential numbers would let a participant count its rivals' customers.
public struct AccountID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let value: Bytes16

  public init(_ value: Bytes16) { self.value = value }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

  /// `8-4-4-4-12` hexadecimal digits.
  public var description: String { value.uuidText }
}

/// The holder behind a wallet: 16 opaque bytes from an identity service outside the ledger.
public struct OwnerID: Hashable, Sendable, CustomStringConvertible {
  public let value: Bytes16

  public init(_ value: Bytes16) { self.value = value }

  public var description: String { value.uuidText }
}

/// The client's name for one instruction; with the party, its idempotency key.
///
/// - Source: RFC 9562, section 5.7 (UUIDv7).
public struct InstructionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let value: Bytes16

  /// Creates the id, or `nil` unless version and variant are those of a UUIDv7.
  public init?(_ value: Bytes16) {
    guard value.high >> 12 & 0xF == 7, value.low >> 62 == 0b10 else { return nil }
    self.value = value
  }

  /// Creates the id of an instant from 74 random bits, of which the lowest of `random` are used.
  ///
  /// - Parameters:
  ///   - milliseconds: Since 1970, below 2^48.
  ///   - random: Of which 12 and 62 bits are used.
  public init(milliseconds: UInt64, random: (UInt64, UInt64)) {
    let high = milliseconds << 16 | 0x7000 | random.0 & 0xFFF
    let low = 0b10 << 62 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    self.value = Bytes16(high: high, low: low)
  }

  /// The id's own time: its first 48 bits.
  public var time: LedgerTime { LedgerTime(microseconds: (value.high >> 16) * 1_000) }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

  public var description: String { value.uuidText }
}

/// The ledger itself: the leaf hash of its genesis entry.
public struct LedgerID: Hashable, Sendable, CustomStringConvertible {
  public let value: Bytes32

  public init(_ value: Bytes32) { self.value = value }

  public var description: String { value.hex }
}

/// An Ed25519 public key (RFC 8032), which is also the identity of whoever holds the private key.
public struct PublicKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let value: Bytes32

  public init(_ value: Bytes32) { self.value = value }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

  public var description: String { value.hex }
}

/// SHA-256 of a certificate's SubjectPublicKeyInfo: its public key, with the algorithm.
///
/// A certificate that is renewed for the same key keeps it.
///
/// - Source: RFC 7469, section 2.4.
public struct SPKIHash: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let value: Bytes32

  public init(_ value: Bytes32) { self.value = value }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

  /// 64 hexadecimal digits in lower case.
  public var description: String { value.hex }
}

/// SHA-256 of a statement's bytes, by which a repeated submission is known.
///
/// The signers are no part of it: the ledger keeps how many there were, and sequences a statement
/// again for more of them alone, so that a copy that one officer sent too early does not burn the
/// order that a quorum signs later.
public struct SubmissionDigest: Hashable, Sendable {
  public let value: Bytes32

  public init(_ value: Bytes32) { self.value = value }
}

/// SHA-256 of a salt of 32 random bytes and a document: what an order was made from, which holds
/// personal data and is kept outside the log.
///
/// Without the salt nobody can find out by trying what the document says, and once both are deleted
/// nothing of it is left.
///
/// - Source: docs/formats/instruction.md, I-16.
public struct DocumentDigest: Hashable, Sendable, CustomStringConvertible {
  public let value: Bytes32

  public init(_ value: Bytes32) { self.value = value }

  /// 64 hexadecimal digits in lower case.
  public var description: String { value.hex }
}

/// Place in the one order; finality is this number, not a time.
public struct SequenceNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
  public static let genesis = SequenceNumber(0)

  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }

  public var next: SequenceNumber { SequenceNumber(value + 1) }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

  public var description: String { String(value) }
}

/// An instant of the ledger's own clock: one stamp a batch, strictly greater than the last.
///
/// - Units: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct LedgerTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let microseconds: UInt64

  public init(microseconds: UInt64) { self.microseconds = microseconds }

  /// Whole seconds since 1970.
  public var seconds: Int64 { Int64(microseconds / 1_000_000) }

  /// The instant `microseconds` later, or the last one there is.
  public func advanced(byMicroseconds microseconds: UInt64) -> LedgerTime {
    let (sum, overflow) = self.microseconds.addingReportingOverflow(microseconds)
    return LedgerTime(microseconds: overflow ? .max : sum)
  }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.microseconds < rhs.microseconds }

  /// RFC 3339 in UTC, with microseconds.
  public var description: String { CivilDate.rfc3339(microseconds: microseconds) }
}
