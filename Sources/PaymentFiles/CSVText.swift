/// Comma-separated values (RFC 4180): quoted fields may hold commas, quotes and line feeds.
package struct CSVText {
  /// One record, and the line on which it begins.
  package struct Record: Hashable, Sendable {
    package let line: Int
    package let fields: [String]
  }

  package enum Fault: Error, Hashable, Sendable {
    case strayQuote(line: Int)
    case openQuote(line: Int)
    case loneCarriageReturn(line: Int)

    package var line: Int {
      switch self {
      case .strayQuote(let line), .openQuote(let line), .loneCarriageReturn(let line): line
      }
    }

    package var problem: String {
      switch self {
      case .strayQuote: "a quote stands within a field; quote the whole field, and double the quote"
      case .openQuote: "a quoted field that begins here does not end"
      case .loneCarriageReturn:
        "a carriage return stands without a line feed after it; end lines in LF or CR LF"
      }
    }
  }

  /// Reads all records; an empty line is one of one empty field.
  ///
  /// - Complexity: O(bytes).
  package static func records(_ bytes: [UInt8]) throws(Fault) -> [Record] {
    var reader = CSVText(bytes: bytes)
    return try reader.readAll()
  }

  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func readAll() throws(Fault) -> [Record] {
    var records: [Record] = []
    while offset < bytes.count {
      let start = line
      var fields: [String] = []
      repeat { fields.append(try readField()) } while take(UInt8(ascii: ","))
      if offset < bytes.count {
        let isCarriageReturn = take(UInt8(ascii: "\r"))
        guard take(UInt8(ascii: "\n")) else {
          throw isCarriageReturn ? .loneCarriageReturn(line: line) : .strayQuote(line: line)
        }
        line += 1
      }
      records.append(Record(line: start, fields: fields))
    }
    return records
  }

  private mutating func readField() throws(Fault) -> String {
    guard take(UInt8(ascii: "\"")) else {
      let start = offset
      while offset < bytes.count {
        switch bytes[offset] {
        case UInt8(ascii: "\""): throw .strayQuote(line: line)
        case UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
          return String(decoding: bytes[start..<offset], as: UTF8.self)
        default: offset += 1
        }
      }
      return String(decoding: bytes[start..<offset], as: UTF8.self)
    }
    let start = line
    var field: [UInt8] = []
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == UInt8(ascii: "\""), !take(UInt8(ascii: "\"")) {
        return String(decoding: field, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      field.append(byte)
    }
    throw .openQuote(line: start)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }
}
