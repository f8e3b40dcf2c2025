extension PolicyTable: CustomStringConvertible {
  /// The schedules as tables with a column for each tier, and what they name below.
  public var description: String {
    let head = (["\(pack) version \(version), \(currency)"] + validity).joined(separator: ", ")
    var parts = [head]
    parts += schedules.map(text)
    if !lines.isEmpty { parts.append(lines.map(text).joined(separator: "\n")) }
    if !definitions.isEmpty { parts.append(definitions.joined(separator: "\n")) }
    if hasUnverified { parts.append("* No source confirms this figure.") }
    if !sources.isEmpty {
      parts.append("Sources:\n" + sources.map { "  \($0)" }.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  private func text(_ line: Line) -> String {
    "\(line.rule)\(line.isUnverified ? "*" : ""): \(line.text)"
  }

  private func text(_ schedule: Schedule) -> String {
    let body = schedule.rows.map { row in
      [row.rule, row.window] + row.cells.map { $0.figure.text + ($0.isUnverified ? "*" : "") }
    }
    let table = [["rule", "window"] + tiers] + body
    // A mark hangs out to the right, so that figures stay under each other.
    let hangs = (0..<tiers.count + 2).map { column in
      body.contains { $0[column].hasSuffix("*") }
    }
    let aligned = table.map { cells in
      zip(cells, hangs).map { cell, hangs in hangs && !cell.hasSuffix("*") ? cell + " " : cell }
    }
    let widths = hangs.indices.map { column in aligned.map { $0[column].count }.max() ?? 0 }
    let lines = aligned.map { cells in
      var line = " "
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? " " : "  ") + (column < 2 ? cell + padding : padding + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    return ([schedule.title] + lines).joined(separator: "\n")
  }
}
