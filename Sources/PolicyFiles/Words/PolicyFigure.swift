/// A figure as people read it, and as programs do: in JSON no separators part its thousands.
public struct PolicyFigure: Hashable, Sendable, Encodable {
  /// `2,000.00`, a count, a duration, or what a cap is made of.
  public let text: String
  /// The same, with `2000.00`.
  public let plain: String

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(plain)
  }
}
