import Foundation
import LedgerModel
import LedgerService
import LedgerTLS
import LedgerWire

/// Texts of the command line on their way into the model: each is checked once, here.
enum TextArgument {
  static func account(_ text: String) throws(CommandFault) -> AccountID {
    AccountID(try uuid(text, "account"))
  }

  static func owner(_ text: String) throws(CommandFault) -> OwnerID {
    OwnerID(try uuid(text, "owner"))
  }

  static func instruction(_ text: String) throws(CommandFault) -> InstructionID {
    guard let id = InstructionID(try uuid(text, "instruction")) else {
      throw .invalidArgument(
        "`\(text)` is a UUID, but no version 7; instruction ids are UUIDv7 (RFC 9562)")
    }
    return id
  }

  static func currency(_ text: String) throws(CommandFault) -> CurrencyCode {
    guard let code = CurrencyCode(text) else {
      throw .invalidArgument("`\(text)` is no currency code; write three capital letters, as `CNY`")
    }
    return code
  }

  /// Reads 64 hexadecimal digits, or the public half of a key file.
  static func publicKey(_ text: String) throws -> PublicKey {
    if let value = Bytes32(hex: text) { return PublicKey(value) }
    guard LocalFile.exists(text) else {
      throw CommandFault.invalidArgument(
        "`\(text)` is neither 64 lower-case hexadecimal digits nor a key file; `specie key show FILE` "
          + "prints a public key")
    }
    return try KeyFile(path: text).publicKey
  }

  /// Reads `NAME=VALUE`.
  static func pair(_ text: String, _ form: String) throws(CommandFault) -> (String, String) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex,
      text.index(after: sign) != text.endIndex
    else { throw .invalidArgument("`\(text)` is not of the form `\(form)`") }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }

  /// Reads `30s`, `9m`, `12h` or `7d`.
  ///
  /// - Returns: Microseconds.
  static func duration(_ text: String) throws(CommandFault) -> UInt64 {
    let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let last = text.last, let unit = units[last], let count = UInt64(text.dropLast()),
      count > 0, count <= 400 * 86_400 / unit
    else {
      throw .invalidArgument(
        "`\(text)` is no duration; write a number and s, m, h or d, up to `400d`, such as `9m`")
    }
    return count * unit * 1_000_000
  }

  /// Reads `00:01` to `24:00`.
  ///
  /// - Returns: Seconds after midnight.
  static func timeOfDay(_ text: String) throws(CommandFault) -> Int {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
      parts.allSatisfy({ $0.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }),
      let hours = Int(parts[0]), let minutes = Int(parts[1]), minutes < 60,
      1...1_440 ~= hours * 60 + minutes
    else {
      throw .invalidArgument("`\(text)` is no time of day; write `00:01` to `24:00`")
    }
    return (hours * 60 + minutes) * 60
  }

  /// Reads RFC 3339, or `now`.
  static func instant(_ text: String) throws(CommandFault) -> LedgerTime {
    if text == "now" { return WallClock.now }
    guard let microseconds = CivilDate.microseconds(rfc3339: text) else {
      throw .invalidArgument(
        "`\(text)` is no instant; write RFC 3339 with an offset, such as `2026-01-31T09:00:00+08:00`"
      )
    }
    return LedgerTime(microseconds: microseconds)
  }

  /// Reads the end of a validity, as ``instant(_:)`` does.
  static func end(_ text: String) throws(CommandFault) -> LedgerTime {
    let end = try instant(text)
    // On the wire, zero is no end.
    guard end.microseconds > 0 else {
      throw .invalidArgument("`\(text)` is no end: nothing was valid before 1970")
    }
    return end
  }

  private static func uuid(_ text: String, _ noun: String) throws(CommandFault) -> Bytes16 {
    guard let value = Bytes16(uuidText: text) else {
      throw .invalidArgument(
        "`\(text)` is no \(noun) id; write 8-4-4-4-12 lower-case hexadecimal digits, such as "
          + "`5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035`")
    }
    return value
  }
}

/// The clock on the wall, which ids and expiries are taken from.
enum WallClock {
  static var now: LedgerTime { SystemClock().now }
}

/// Ids that this command chooses, at random.
enum RandomID {
  static func account() -> AccountID { AccountID(uuid4()) }

  static func owner() -> OwnerID { OwnerID(uuid4()) }

  static func instruction(at time: LedgerTime = WallClock.now) -> InstructionID {
    let random = bytes16()
    return InstructionID(
      milliseconds: time.microseconds / 1_000, random: (random.high, random.low))
  }

  static func bytes32() -> Bytes32 {
    guard let value = Bytes32(RandomBytes.make(32)) else {
      preconditionFailure("32 random bytes are not 32")
    }
    return value
  }

  /// UUIDv4 (RFC 9562, section 5.4), which any program takes for an id.
  private static func uuid4() -> Bytes16 {
    let random = bytes16()
    return Bytes16(
      high: random.high & ~0xF000 | 0x4000, low: random.low & ~(0b11 << 62) | 0b10 << 62)
  }

  private static func bytes16() -> Bytes16 {
    guard let value = Bytes16(RandomBytes.make(16)) else {
      preconditionFailure("16 random bytes are not 16")
    }
    return value
  }
}
