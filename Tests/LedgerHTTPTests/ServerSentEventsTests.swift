import LedgerClient
import LedgerTesting
import Testing

/// Goal: a stream says the same wherever its bytes are cut, and as the standard has it.
///
/// Method: examples of WHATWG HTML, 9.2, cut at each place, and at random ones.
@Suite struct ServerSentEventsTests {
  private typealias Message = ServerSentEvents.Message

  private static func messages(
    _ pieces: [[UInt8]], bytesMax: Int = 1_000
  ) throws(ServerSentEvents.TooLong) -> (messages: [Message], parser: ServerSentEvents) {
    var parser = ServerSentEvents(bytesMax: bytesMax)
    var messages: [Message] = []
    for piece in pieces {
      parser.append(piece)
      while let message = try parser.next() { messages.append(message) }
    }
    return (messages, parser)
  }

  private static func message(_ event: String, _ data: String, _ id: String) -> Message {
    Message(event: event, data: Array(data.utf8), lastID: id)
  }

  private static let stream =
    "\u{FEFF}retry: 250\r\n\r\n: a comment\rid: 7\revent:pay\rdata: {\"a\":1}\r\r"
    + "data:first\ndata\ndata:  third\n\nid: 8\n\nid\ndata: é\r\n\r\nunknown: x\ndata: open\n"

  private static let wanted = [
    message("pay", "{\"a\":1}", "7"), message("message", "first\n\n third", "7"),
    message("message", "é", ""),
  ]

  @Test func saysTheSameWhereverItIsCut() throws {
    let bytes = Array(Self.stream.utf8)
    for cut in 0...bytes.count {
      let (messages, parser) = try Self.messages([Array(bytes[..<cut]), Array(bytes[cut...])])
      #expect(messages == Self.wanted, "cut at \(cut)")
      #expect(parser.retryMilliseconds == 250)
    }
    for seed in UInt64(0)..<200 {
      var random = SplitMix64(seed: seed)
      var rest = bytes[...]
      var pieces: [[UInt8]] = []
      while !rest.isEmpty {
        let count = Int.random(in: 0...min(6, rest.count), using: &random)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(try Self.messages(pieces).messages == Self.wanted, "seed \(seed)")
    }
  }

  /// An id without an event moves the stream on, and is not the id of what never ended.
  @Test func idsMoveOn() throws {
    let (messages, parser) = try Self.messages([Array("id: 5\n\nid: 6\n".utf8)])
    #expect(messages.isEmpty)
    #expect(parser.lastID == "5")
  }

  /// A long line costs as much as its bytes, in however many pieces it comes.
  @Test(.timeLimit(.minutes(1))) func isLookedThroughOnce() throws {
    let line = "data: " + String(repeating: "x", count: 200_000) + "\n"
    let pieces = Array((line + line + "\n").utf8).map { [$0] }
    let messages = try Self.messages(pieces, bytesMax: 1_000_000).messages
    #expect(messages.map(\.data.count) == [400_001])
  }

  @Test func isBounded() throws {
    let long = Array(("data: " + String(repeating: "x", count: 90) + "\n").utf8)
    #expect(throws: ServerSentEvents.TooLong(bytesMax: 100)) {
      try Self.messages([Array(repeating: UInt8(ascii: "x"), count: 101)], bytesMax: 100)
    }
    #expect(throws: ServerSentEvents.TooLong(bytesMax: 100)) {
      try Self.messages([long, long], bytesMax: 100)
    }
    let short = Array("data: \(String(repeating: "x", count: 90))\n\n".utf8)
    #expect(try Self.messages([short, short], bytesMax: 100).messages.count == 2)
  }
}
