import LedgerModel
import LedgerPolicy

/// Why a time zone file is not taken.
public enum ZoneFileError: Error, Hashable, Sendable {
  case tooLong(bytes: Int)
  case truncated
  case notTZif
  case versionOne
  case leapSeconds
  case invalid(String)
  case footer(PosixZoneError)
}

extension ZoneFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let bytes):
      "its file has \(bytes) bytes; at most \(PolicyFileLimits.zoneBytesMax)"
    case .truncated: "its file is cut short; install the zone database anew"
    case .notTZif: "its file is no TZif file; install the zone database anew"
    case .versionOne:
      "its file is of TZif version 1, without 64-bit times; install a newer database"
    case .leapSeconds:
      "its file counts leap seconds, which ledger time does not; use the plain zone"
    case .invalid(let what): "its file is damaged: \(what)"
    case .footer(let error): "its rule for the future, \(error)"
    }
  }
}

/// Reads compiled time zones.
///
/// - Source: RFC 9636.
enum ZoneFile {
  /// Returns the zone of a TZif file, of which only what matters to ledger time is kept.
  ///
  /// Kept are the offset at 1970-01-01T00:00:00Z, the later transitions that change the offset, and
  /// the footer; transitions at the end that the footer gives as well are dropped. So the same
  /// rules give the same table, whether the database was built with or without redundant
  /// transitions (`zic -b fat` or `slim`), with or without dates before 1970.
  static func read(_ bytes: [UInt8], name: String) throws(ZoneFileError) -> TimeZoneTable {
    guard bytes.count <= PolicyFileLimits.zoneBytesMax else {
      throw .tooLong(bytes: bytes.count)
    }
    var reader = Reader(bytes: bytes)
    let first = try reader.header()
    guard first.version >= UInt8(ascii: "2") else { throw .versionOne }
    try reader.skip(first.byteCount(timeBytes: 4))
    let header = try reader.header()
    guard header.leapSeconds == 0 else { throw .leapSeconds }
    guard header.types > 0 else { throw .invalid("it has no local time types") }
    var times: [Int64] = []
    for _ in 0..<header.times { times.append(try reader.int64()) }
    var indices: [Int] = []
    for _ in 0..<header.times { indices.append(Int(try reader.byte())) }
    var offsets: [Int] = []
    for _ in 0..<header.types {
      offsets.append(Int(try reader.int32()))
      try reader.skip(2)  // Whether it is daylight saving time, and what it is called.
    }
    try reader.skip(header.characters + header.standardIndicators + header.utcIndicators)
    let footer = try reader.footer()
    guard indices.allSatisfy(offsets.indices.contains) else {
      throw .invalid("a transition names a type that is not there")
    }
    guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw .invalid("its transitions do not ascend")
    }
    var table = TimeZoneTable(
      name: name, firstOffset: offsets[0],
      transitions: zip(times, indices).map { .init(at: $0, offset: offsets[$1]) }, footer: footer)
    table = table.since1970.withoutWhatTheFooterGives
    guard table.isValid else { throw .invalid("its offsets and its rule for the future disagree") }
    return table
  }

  private struct Header {
    let version: UInt8
    let utcIndicators: Int
    let standardIndicators: Int
    let leapSeconds: Int
    let times: Int
    let types: Int
    let characters: Int

    func byteCount(timeBytes: Int) -> Int {
      times * (timeBytes + 1) + types * 6 + characters + leapSeconds * (timeBytes + 4)
        + standardIndicators + utcIndicators
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var index = 0

    mutating func byte() throws(ZoneFileError) -> UInt8 {
      guard index < bytes.count else { throw .truncated }
      defer { index += 1 }
      return bytes[index]
    }

    mutating func skip(_ count: Int) throws(ZoneFileError) {
      guard count <= bytes.count - index else { throw .truncated }
      index += count
    }

    mutating func int32() throws(ZoneFileError) -> Int32 {
      var value: UInt32 = 0
      for _ in 0..<4 { value = value << 8 | UInt32(try byte()) }
      return Int32(bitPattern: value)
    }

    mutating func int64() throws(ZoneFileError) -> Int64 {
      var value: UInt64 = 0
      for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
      return Int64(bitPattern: value)
    }

    mutating func count() throws(ZoneFileError) -> Int {
      let value = try int32()
      // Bounded by the file, so that no product of two counts can overflow.
      guard 0...Int32(PolicyFileLimits.zoneBytesMax) ~= value else { throw .truncated }
      return Int(value)
    }

    mutating func header() throws(ZoneFileError) -> Header {
      for expected in "TZif".utf8 where try byte() != expected { throw .notTZif }
      let version = try byte()
      try skip(15)
      return Header(
        version: version, utcIndicators: try count(), standardIndicators: try count(),
        leapSeconds: try count(), times: try count(), types: try count(), characters: try count())
    }

    mutating func footer() throws(ZoneFileError) -> TimeZoneTable.Footer {
      guard try byte() == UInt8(ascii: "\n"), bytes.last == UInt8(ascii: "\n"),
        index < bytes.count
      else { throw .truncated }
      do {
        return try PosixZone.read(String(decoding: bytes[index..<bytes.count - 1], as: UTF8.self))
      } catch {
        throw .footer(error)
      }
    }
  }
}

extension TimeZoneTable {
  /// The same from 1970 on, without transitions that change nothing.
  fileprivate var since1970: TimeZoneTable {
    let first = transitions.last { $0.at <= 0 }?.offset ?? firstOffset
    var kept: [Transition] = []
    for transition in transitions where transition.at > 0 {
      if transition.offset != kept.last?.offset ?? first { kept.append(transition) }
    }
    return TimeZoneTable(name: name, firstOffset: first, transitions: kept, footer: footer)
  }

  /// The same without the last transitions, as far as the footer gives them too.
  fileprivate var withoutWhatTheFooterGives: TimeZoneTable {
    var table = self
    // The first one stays: a table without transitions is its footer from the beginning.
    while table.transitions.count >= 2, let last = table.transitions.last {
      let shorter = TimeZoneTable(
        name: name, firstOffset: firstOffset, transitions: Array(table.transitions.dropLast()),
        footer: footer)
      guard shorter.isValid, shorter.nextChange == last else { break }
      table = shorter
    }
    return table
  }

  /// What first changes the offset after the last transition, which there must be.
  private var nextChange: Transition? {
    guard let last = transitions.last else { return nil }
    // The footer may begin with a change to the offset that is in force already.
    let next = transition(after: last.at)
    return next?.offset == last.offset ? next.flatMap { transition(after: $0.at) } : next
  }
}
