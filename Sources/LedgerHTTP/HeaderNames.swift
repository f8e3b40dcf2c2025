import HTTPTypes

extension HTTPField.Name {
  static let idempotencyKey = name("Idempotency-Key")
  static let lastEventID = name("Last-Event-ID")
  static let rateLimit = name("RateLimit")
  static let rateLimitPolicy = name("RateLimit-Policy")
  static let requestID = name("X-Request-ID")

  private static func name(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("`\(text)` is no field") }
    return name
  }
}
