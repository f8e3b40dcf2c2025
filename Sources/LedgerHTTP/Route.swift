/// The readings, by their paths: those of `openapi.json`.
package enum Route: String, CaseIterable {
  case health = "/healthz"
  case readiness = "/readyz"
  case metrics = "/metrics"
  case description = "/openapi.json"
  case ledger = "/v1/ledger"
  case access = "/v1/access"
  case participants = "/v1/participants"
  case certificates = "/v1/certificates"
  case supply = "/v1/supply"
  case account = "/v1/accounts/{account}"
  case balance = "/v1/accounts/{account}/balance"
  case headroom = "/v1/accounts/{account}/headroom"
  case entries = "/v1/accounts/{account}/entries"
  case day = "/v1/accounts/{account}/statements/{date}"
  case events = "/v1/events"
  case webhooks = "/v1/webhooks"
  // Before the path that it ends otherwise like.
  case webhookReplay = "/v1/webhooks/{webhook}:replay"
  case webhook = "/v1/webhooks/{webhook}"
  case deadLetters = "/v1/webhooks/{webhook}/dead-letters"
  case deadLettersResend = "/v1/webhooks/{webhook}/dead-letters:resend"
  case instruction = "/v1/instructions/{id}"
  case encode = "/v1/instructions:encode"
  case dryRun = "/v1/submissions:dry-run"
  case message = "/v1/iso20022"
  case document = "/v1/documents/{document}"
  case documentStatus = "/v1/documents/{document}/status"
  case checkpoint = "/v1/checkpoint"
  case proof = "/v1/proof/{sequence}"
  case publishedCheckpoint = "/log/checkpoint"
  case tile = "/log/tile/{level}/{index}"
  case partialTile = "/log/tile/{level}/{index}.p/{width}"
  case bundle = "/log/tile/entries/{index}"
  case partialBundle = "/log/tile/entries/{index}.p/{width}"

  /// The methods that the path has.
  package var methods: [String] {
    switch self {
    case .dryRun, .encode, .message, .webhookReplay, .deadLettersResend: ["POST"]
    case .webhook: ["GET", "HEAD", "PUT", "DELETE"]
    case .deadLetters: ["GET", "HEAD", "DELETE"]
    default: ["GET", "HEAD"]
    }
  }

  private static let segments = allCases.map { route in
    let parts = route.rawValue.split(separator: "/", omittingEmptySubsequences: false)
    return (route, Array(parts.dropFirst()))
  }

  /// Finds the reading at a path.
  ///
  /// - Parameter path: Its segments.
  /// - Returns: The reading, and what stands for its parameters: of a tile, the path within the
  ///   log.
  static func match(_ path: [String]) -> (route: Route, parameters: [String])? {
    // A tile's index may have several segments.
    if path.starts(with: ["log", "tile"]) {
      let isBundle = path.count > 2 && path[2] == "entries"
      let isPartial = path.contains { $0.hasSuffix(".p") }
      let route: Route =
        isBundle
        ? (isPartial ? .partialBundle : .bundle) : (isPartial ? .partialTile : .tile)
      return (route, [path.dropFirst().joined(separator: "/")])
    }
    for (route, template) in segments where template.count == path.count {
      var parameters: [String] = []
      let isMatch = zip(template, path).allSatisfy { expected, segment in
        guard expected.hasPrefix("{") else { return expected == segment }
        let suffix = expected.drop { $0 != "}" }.dropFirst()
        guard segment.hasSuffix(suffix) else { return false }
        parameters.append(String(segment.dropLast(suffix.count)))
        return true
      }
      if isMatch { return (route, parameters) }
    }
    return nil
  }
}
