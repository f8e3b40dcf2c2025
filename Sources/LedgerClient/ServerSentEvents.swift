/// The stream format of Server-Sent Events, read from bytes in pieces that end anywhere.
///
/// - Source: WHATWG HTML, 9.2.6 (Interpreting an event stream).
package struct ServerSentEvents: Sendable {
  /// One event that was dispatched.
  package struct Message: Hashable, Sendable {
    /// Its type; `message` where the stream names none.
    package let event: String
    package let data: [UInt8]
    /// The newest id of the stream: this event's, or one before.
    package let lastID: String

    package init(event: String, data: [UInt8], lastID: String) {
      self.event = event
      self.data = data
      self.lastID = lastID
    }
  }

  /// An event that grows above ``bytesMax``.
  package struct TooLong: Error, Hashable {
    package let bytesMax: Int

    package init(bytesMax: Int) { self.bytesMax = bytesMax }
  }

  /// The newest id of the stream, also one without an event: a heartbeat.
  package private(set) var lastID = ""
  /// How long to wait before the next stream, where this one says so.
  package private(set) var retryMilliseconds: Int64?

  private let bytesMax: Int
  private var bytes: [UInt8] = []
  /// Of the next byte to read.
  private var offset = 0
  /// Before this no line ends that is yet to be read.
  private var scanned = 0
  private var isAtStart = true
  /// Whether a line feed that comes next is the other half of a line's end.
  private var endedInReturn = false
  private var event = ""
  private var data: [UInt8]?
  private var id: String?

  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// - Parameter bytesMax: Of one event.
  package init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// Takes the next piece.
  package mutating func append(_ piece: some Sequence<UInt8>) {
    bytes.removeFirst(offset)
    scanned = max(scanned - offset, 0)
    offset = 0
    bytes += piece
  }

  /// The next event that is complete; `nil` where more has to come first.
  ///
  /// - Throws: ``TooLong``.
  package mutating func next() throws(TooLong) -> Message? {
    while let line = nextLine() {
      if let message = take(line) { return message }
      guard (data?.count ?? 0) <= bytesMax else { throw TooLong(bytesMax: bytesMax) }
    }
    guard bytes.count - offset + (data?.count ?? 0) <= bytesMax else {
      throw TooLong(bytesMax: bytesMax)
    }
    return nil
  }

  private mutating func nextLine() -> ArraySlice<UInt8>? {
    if isAtStart {
      guard bytes.count >= Self.byteOrderMark.count else { return nil }
      isAtStart = false
      if bytes.starts(with: Self.byteOrderMark) { offset = Self.byteOrderMark.count }
    }
    if endedInReturn, offset < bytes.count {
      endedInReturn = false
      if bytes[offset] == Self.lineFeed { offset += 1 }
    }
    scanned = max(scanned, offset)
    let end = bytes[scanned...].firstIndex { $0 == Self.lineFeed || $0 == Self.carriageReturn }
    guard let end else {
      scanned = bytes.count
      return nil
    }
    let line = bytes[offset..<end]
    endedInReturn = bytes[end] == Self.carriageReturn
    offset = end + 1
    return line
  }

  private mutating func take(_ line: ArraySlice<UInt8>) -> Message? {
    guard !line.isEmpty else { return dispatch() }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    switch String(decoding: line[..<colon], as: UTF8.self) {
    case "event": event = String(decoding: value, as: UTF8.self)
    case "data":
      if data == nil { data = [] } else { data?.append(Self.lineFeed) }
      data?.append(contentsOf: value)
    case "id": if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
    case "retry":
      if !value.isEmpty, value.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
        retryMilliseconds = Int64(String(decoding: value, as: UTF8.self)) ?? .max
      }
    default: break  // A comment has an empty name, and fields of other names say nothing.
    }
    return nil
  }

  private mutating func dispatch() -> Message? {
    lastID = id ?? lastID
    defer { (event, data, id) = ("", nil, nil) }
    guard let data else { return nil }
    return Message(event: event.isEmpty ? "message" : event, data: data, lastID: lastID)
  }
}
