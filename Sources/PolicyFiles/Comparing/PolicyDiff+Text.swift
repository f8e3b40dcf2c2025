extension PolicyDiff: CustomStringConvertible {
  /// Each change with its example, what becomes of counters, and a count.
  public var description: String {
    var parts = ["from \(before)\nto   \(after)"]
    parts += changes.map(text)
    if changes.isEmpty { parts.append("The rules are the same.") }
    if !counters.isEmpty { parts.append(counterText) }
    if !changes.isEmpty {
      parts.append(
        Direction.allCases.map { direction in
          "\(changes.count { $0.direction == direction }) \(direction.rawValue)"
        }.joined(separator: ", "))
    }
    return parts.joined(separator: "\n\n")
  }

  private func text(_ change: Change) -> String {
    let tier = change.tier.map { ", tier \($0)" } ?? ""
    var lines = ["\(change.direction.rawValue)  \(change.subject)\(tier): \(change.text)"]
    if let reason = change.reason { lines.append("  not ordered: \(reason)") }
    if let example = change.example {
      lines += example.parties.map { "  where   \($0)" }
      lines += example.history.map { "  after   \($0)" }
      lines.append("  payment \(example.payment)")
      lines.append("  before  \(example.before)")
      lines.append("  now     \(example.after)")
      if example.isJoint { lines.append("  It takes the other changes, too, for this to differ.") }
    } else if let missing = change.exampleMissing {
      lines.append("  no example: \(missing)")
    }
    return lines.joined(separator: "\n")
  }

  private var counterText: String {
    var lines = replaces ? ["Counters:"] : ["Counters, since neither pack replaces the other:"]
    for counter in counters {
      lines.append(
        "  \(counter.fate.rawValue): \(counter.measure) (\(counter.rules.joined(separator: ", ")))")
    }
    return lines.joined(separator: "\n")
  }
}
