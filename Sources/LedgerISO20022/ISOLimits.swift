/// Bounds of a message that is read; reaching one is a fault that names it.
public struct ISOLimits: Hashable, Sendable {
  /// Bytes of the whole message; below 2^31, which Expat counts to.
  public var messageBytesMax = 1 << 20
  /// Elements within each other; the grammar has 13 at most.
  public var depthMax = 32
  /// Elements of the whole message.
  public var elementsMax = 50_000
  /// Attributes of one element; the grammar knows one, `Ccy`.
  public var attributesMax = 4
  /// Bytes of one element's text, or of one attribute: 2,048 characters of four bytes.
  public var textBytesMax = 8_192
  /// Transactions, or requests for a report, of one message.
  public var transactionsMax = 1_000

  public static let standard = ISOLimits()

  public init() {}
}
