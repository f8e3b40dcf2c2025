extension RuleExplanation: CustomStringConvertible {
  /// The verdict, and a paragraph for each rule that looked.
  public var description: String {
    ([verdict] + lines.map(text)).joined(separator: "\n\n")
  }

  private func text(_ line: Line) -> String {
    let place = line.sourceLine == 0 ? "" : ", line \(line.sourceLine)"
    let shadow = line.isShadow ? ", in shadow" : ""
    var rows = [
      "\(line.rule) (\(line.pack) version \(line.version)\(place)\(shadow)): \(line.verdict)",
      "  limits   \(line.subject)",
      "  whose    \(line.whose)",
    ]
    if let window = line.window { rows.append("  window   \(window)") }
    if let began = line.began { rows.append("  began    \(began.text)") }
    if let resets = line.resets { rows.append("  resets   \(resets.text)") }
    rows.append("  used     \(line.used.text)")
    rows.append("  asked    \(line.asked.text)")
    rows.append("  cap      \(line.cap?.text ?? "never set")")
    if let left = line.left { rows.append("  left     \(left.text)") }
    if let exemption = line.exemption {
      rows.append("  exempt   until \(exemption.until.text), for the reason `\(exemption.reason)`")
    }
    return rows.joined(separator: "\n")
  }
}
