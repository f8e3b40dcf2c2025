import NIOCore
import NIOHTTP1

/// Lets requests through that are of HTTP/1.1 and name one host, and fails at another one as the
/// parser fails at what is no HTTP: nothing behind it is read.
///
/// It stands where the version and each `Host` are still to be seen: the types that the handlers
/// behind it have keep neither.
///
/// - Source: RFC 9112, 2.3 (an older version has its own rules of framing, which are not kept
///   here) and 3.2 (a server must refuse a request without a `Host`, or with two; of its value only
///   the name is looked at, and that where there is no TLS).
final class RequestHeadCheck: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  /// Why a request is not let through.
  enum Fault: Error {
    case version
    case host
  }

  private var hasFailed = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasFailed else { return }
    if case .head(let head) = unwrapInboundIn(data), let fault = Self.fault(of: head) {
      hasFailed = true
      return context.fireErrorCaught(fault)
    }
    context.fireChannelRead(data)
  }

  private static func fault(of head: HTTPRequestHead) -> Fault? {
    guard head.version == .http1_1 else { return .version }
    return head.headers["Host"].count == 1 ? nil : .host
  }
}
