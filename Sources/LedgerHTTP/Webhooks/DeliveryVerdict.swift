/// What an answer means for what was sent.
enum DeliveryVerdict: Hashable, Sendable {
  /// The receiver has it.
  case delivered
  /// It may have it yet: the same is sent again until it does, after a pause that it may ask for.
  case tryAgain(asked: Duration?)
  /// It does not want this: the same would be refused again.
  case refused

  /// - Source: RFC 9110, 15: 408, 429 and what begins with 5 pass; redirects are not followed.
  init(_ answer: WebhookSender.Answer) {
    switch answer {
    case .none: self = .tryAgain(asked: nil)
    case .status(200..<300, _): self = .delivered
    case .status(408, let asked), .status(429, let asked), .status(500..., let asked):
      self = .tryAgain(asked: asked)
    case .status: self = .refused
    }
  }
}

extension Duration {
  /// Whole nanoseconds, of what is no longer than some centuries.
  var nanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}

extension WebhookLimits {
  /// How long to wait after some failures in a row, the last of them included.
  ///
  /// - Parameters:
  ///   - failures: One or more.
  ///   - asked: What the receiver asks for, which is heeded up to ``askedPauseMax``.
  ///   - random: Keeps those who failed together from coming again together.
  /// - Returns: Between half and the whole of the pause that has doubled so often, or what was
  ///   asked where that is longer.
  func pause(
    after failures: Int, asked: Duration?, using random: inout some RandomNumberGenerator
  ) -> Duration {
    let doubled = (1..<max(failures, 1)).prefix(40).reduce(pauseMin) { pause, _ in
      min(pause * 2, pauseMax)
    }
    let nanoseconds = doubled.nanoseconds
    let chosen = Duration.nanoseconds(
      Int64.random(in: (nanoseconds / 2)...nanoseconds, using: &random))
    return max(chosen, min(asked ?? .zero, askedPauseMax))
  }
}
