/// Plain words that every text about rules is made of.
enum PolicyWords {
  static func duration(_ microseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [
      (86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"),
      (1_000_000, "second"), (1, "microsecond"),
    ]
    // A single day may mean the calendar's, so it is told in hours.
    for (length, noun) in units where microseconds > 0 && microseconds.isMultiple(of: length) {
      let count = microseconds / length
      if noun == "day", count == 1 { continue }
      return "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return "0 seconds"
  }

  static func percent(_ basisPoints: Int) -> String {
    let whole = basisPoints / 100
    let part = basisPoints % 100
    if part == 0 { return "\(whole)%" }
    let digits = part < 10 ? "0\(part)" : part % 10 == 0 ? "\(part / 10)" : "\(part)"
    return "\(whole).\(digits)%"
  }

  static func timeOfDay(_ seconds: Int) -> String {
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(padded(seconds / 3_600)):\(padded(seconds / 60 % 60))"
      + (seconds % 60 == 0 ? "" : ":\(padded(seconds % 60))")
  }

  static func list(_ items: [String], _ joint: String) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(joint) \(last)"
  }
}
