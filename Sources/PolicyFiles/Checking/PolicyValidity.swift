public import LedgerModel

/// When something is in force: half-open, and open where there is no instant.
public struct PolicyValidity: Hashable, Sendable {
  public let from: LedgerTime?
  public let until: LedgerTime?

  public init(from: LedgerTime? = nil, until: LedgerTime? = nil) {
    self.from = from
    self.until = until
  }

  /// Whether some instant is in both.
  func overlaps(_ other: PolicyValidity) -> Bool {
    let begin = max(from?.microseconds ?? 0, other.from?.microseconds ?? 0)
    let end = min(until?.microseconds ?? .max, other.until?.microseconds ?? .max)
    return begin < end
  }

  /// Whether every instant of the other is in it.
  func covers(_ other: PolicyValidity) -> Bool {
    (from?.microseconds ?? 0) <= (other.from?.microseconds ?? 0)
      && (until?.microseconds ?? .max) >= (other.until?.microseconds ?? .max)
  }

  /// Whether every instant of it is in one of the others.
  func isCovered(by others: [PolicyValidity]) -> Bool {
    var begin = from?.microseconds ?? 0
    let end = until?.microseconds ?? .max
    // Each time the one that goes on longest.
    while begin < end {
      let next = others.filter { $0.from?.microseconds ?? 0 <= begin }
        .map { $0.until?.microseconds ?? .max }.max()
      guard let next, next > begin else { return false }
      begin = next
    }
    return true
  }

  func contains(_ time: LedgerTime) -> Bool {
    from.map { $0 <= time } ?? true && until.map { time < $0 } ?? true
  }
}
