extension FormatTree.Entry {
  /// Returns an item of `limits` with the columns of its table aligned, if it is a table.
  ///
  /// The head of a column stands over the text in its cells' quotes.
  func aligned() -> FormatTree.Entry {
    guard case .block(let fields) = value, fields.contains(where: { $0.key == "table" }),
      let head = fields.firstIndex(where: { $0.key == "tiers" }),
      let body = fields.firstIndex(where: { $0.key == "maxima" }),
      let names = fields[head].cells, !names.isEmpty,
      case .block(let rows) = fields[body].value
    else { return self }
    let cells = rows.map(\.cells)
    guard !cells.isEmpty, cells.allSatisfy({ $0?.count == names.count }) else { return self }
    let table = [names.map { " \($0)" }] + cells.compactMap(\.self)
    let widths = names.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    let lines = table.map { row in
      row.indices.map { column in
        let isLast = column == row.count - 1
        let text = row[column] + (isLast ? "" : ",")
        let width = widths[column] + (isLast ? 0 : 1)
        return text + String(repeating: " ", count: width - text.count)
      }.joined(separator: " ")
    }
    // Rows are indented two further than the head.
    let keys = [fields[head].keyWidth] + rows.map { $0.keyWidth + 2 }
    let start = keys.max() ?? 0
    var copy = self
    var fieldsCopy = fields
    fieldsCopy[head].value = .scalar("[\(lines[0]) ]")
    fieldsCopy[head].padding = start - keys[0]
    fieldsCopy[body].value = .block(
      rows.indices.map { place in
        var row = rows[place]
        row.value = .scalar("[\(lines[place + 1]) ]")
        row.padding = start - keys[place + 1]
        return row
      })
    copy.value = .block(fieldsCopy)
    return copy
  }

  private var keyWidth: Int { key?.count ?? 0 }

  /// The cells of a row of a table.
  private var cells: [String]? {
    guard case .flow(let flow, _) = value, flow.opening == "[" else { return nil }
    return flow.items
  }
}
