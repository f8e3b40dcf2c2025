/// Columns of text under one another.
struct TextTable {
  enum Alignment {
    case left
    case right
  }

  let head: [String]
  let alignments: [Alignment]
  private(set) var rows: [[String]] = []

  init(_ columns: [(String, Alignment)]) {
    head = columns.map(\.0)
    alignments = columns.map(\.1)
  }

  mutating func append(_ cells: [String]) {
    precondition(cells.count == head.count, "\(cells.count) cells under \(head.count) heads")
    rows.append(cells)
  }

  var text: String {
    let lines = [head] + rows
    let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ")
        line += alignments[column] == .left ? cell + padding : padding + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
