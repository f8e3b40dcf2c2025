import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Gives each request an id, and its answer the same: the caller's own, where it is a good one.
///
/// Whoever reads a log, here or at the caller's, finds the other side's line by it. It stands
/// before all other handlers, so that answers of the connection's guard have one, too.
final class RequestIdentifier: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Characters of an id of a caller's.
  private static let lengthMax = 64
  /// Tells this process's ids from another's.
  private static let process = String(UInt64.random(in: .min ... .max), radix: 16)
  private static let connectionCount = Atomic<UInt64>(0)

  private let connection = RequestIdentifier.connectionCount.add(1, ordering: .relaxed).newValue
  private var requestCount = 0
  /// Of requests whose answers have not begun, the oldest first.
  private var ids: CircularBuffer<String> = []

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else {
      return context.fireChannelRead(data)
    }
    let given = head.headerFields.first { $0.name == .requestID }?.value
    let id = given.flatMap { Self.isGood($0) ? $0 : nil } ?? makeID()
    if id != given { head.headerFields[.requestID] = id }
    ids.append(id)
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    guard case .head(var head) = unwrapOutboundIn(data), head.status.kind != .informational else {
      return context.write(data, promise: promise)
    }
    // What is no request has an answer, too.
    head.headerFields.append(HTTPField(name: .requestID, value: ids.popFirst() ?? makeID()))
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  private func makeID() -> String {
    requestCount += 1
    return "\(Self.process)-\(connection)-\(requestCount)"
  }

  private static func isGood(_ id: String) -> Bool {
    1...lengthMax ~= id.utf8.count
      && id.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-._".utf8.contains(byte)
        }
      }
  }
}
