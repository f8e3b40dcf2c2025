/// Writes a policy file in the one layout that there is.
struct FormatWriter {
  /// A line of comment that stands alone.
  private struct Alone {
    let line: Int
    let column: Int
    let text: String
    var isAfterBlank: Bool
  }

  static let width = 100

  private let source: FormatComments
  /// All entries, in the order of the file.
  private let entries: [FormatTree.Entry]
  /// Comments with lines of their own that are not written yet, the next one last.
  private var alone: [Alone] = []
  /// By entry: comments that must stand before it, since they stood within its value.
  private var before: [[String]]
  /// By entry: the comment at the end of its line.
  private var beside: [String?]
  /// How many entries are written.
  private var written = 0
  private var lines: [String] = []
  /// Whether the last line opened a block.
  private var isOpened = true

  static func write(_ tree: FormatTree, _ source: FormatComments) -> String {
    var writer = FormatWriter(tree, source)
    switch tree.root {
    case .block(let entries): writer.write(entries, indent: 0, path: [])
    case .scalar, .flow: writer.put(tree.root, key: "", padding: 0, indent: 0, comment: nil)
    }
    writer.flush(before: .max, indent: 0)
    return writer.lines.joined(separator: "\n") + "\n"
  }

  private init(_ tree: FormatTree, _ source: FormatComments) {
    self.source = source
    var entries: [FormatTree.Entry] = []
    Self.list(tree.root, &entries)
    self.entries = entries
    before = Array(repeating: [], count: entries.count)
    beside = Array(repeating: nil, count: entries.count)
    for comment in source.comments { place(comment) }
    alone.reverse()
  }

  private static func list(_ value: FormatTree.Value, _ entries: inout [FormatTree.Entry]) {
    guard case .block(let own) = value else { return }
    for entry in own {
      entries.append(entry)
      list(entry.value, &entries)
    }
  }

  /// Finds where a comment is to stand.
  private mutating func place(_ comment: FormatComments.Comment) {
    let owner = entries.lastIndex { $0.line < comment.line + (comment.isAlone ? 0 : 1) }
    if let owner, !entries[owner].value.isBlock {
      if comment.isInside || (comment.isAlone && entries[owner].valueLine > comment.line) {
        if let other = beside[owner] { before[owner].append(other) }
        beside[owner] = nil
        before[owner].append(comment.text)
        return
      }
    }
    if let owner, !comment.isAlone {
      if let other = beside[owner] { before[owner].append(other) }
      beside[owner] = comment.text
      return
    }
    alone.append(
      Alone(
        line: comment.line, column: comment.column, text: comment.text,
        isAfterBlank: source.isBlank(above: comment.line)))
  }

  // MARK: Blocks

  private mutating func write(_ entries: [FormatTree.Entry], indent: Int, path: [String]) {
    let spaces = String(repeating: " ", count: indent)
    for (place, entry) in entries.enumerated() {
      let isItem = entry.key == nil
      let isBeside = place == 0 && path.last == "-"
      if !isBeside {
        let isSection = path.isEmpty ? entry.value.isBlock : path == ["limits"] || path == ["tests"]
        lead(entry, indent: indent, wantsBlank: isSection)
        if isItem { lines.append("\(spaces)- ") }
      } else if isItem {
        lines[lines.count - 1] += "- "
      }
      let comment = beside[written]
      written += 1
      let key = entry.key.map { "\($0):" } ?? ""
      if !isItem, !isBeside { lines.append(spaces) }
      if case .block(let children) = (path == ["limits"] ? entry.aligned() : entry).value {
        if !isItem {
          lines[lines.count - 1] += key + (comment.map { "  \($0)" } ?? "")
          isOpened = true
        }
        write(children, indent: indent + 2, path: path + [entry.key ?? "-"])
      } else {
        put(entry.value, key: key, padding: entry.padding, indent: indent, comment: comment)
        isOpened = false
      }
    }
    guard let column = entries.first?.column else { return }
    let next = written < self.entries.count ? self.entries[written] : nil
    while let comment = alone.last, comment.line < next?.line ?? .max, comment.column >= column,
      comment.column > next?.column ?? 0
    {
      alone.removeLast()
      put(comment.text, indent: indent, isAfterBlank: comment.isAfterBlank)
    }
  }

  /// Writes what stands before an entry: comments, and a blank line.
  private mutating func lead(_ entry: FormatTree.Entry, indent: Int, wantsBlank: Bool) {
    var rows: [(text: String, isAfterBlank: Bool)] = []
    let limit = firstLine(of: entry)
    while let comment = alone.last, comment.line < limit {
      alone.removeLast()
      rows.append((comment.text, comment.isAfterBlank))
    }
    // What stood within a value stands where the entry stood.
    var isAfterBlank = source.isBlank(above: entry.line)
    for text in before[written] + before(firstOf: entry) {
      rows.append((text, isAfterBlank))
      isAfterBlank = false
    }
    if wantsBlank {
      var place = rows.count
      while place > 0, !(place == rows.count ? isAfterBlank : rows[place].isAfterBlank) {
        place -= 1
      }
      if place == rows.count { isAfterBlank = true } else { rows[place].isAfterBlank = true }
    }
    for row in rows { put(row.text, indent: indent, isAfterBlank: row.isAfterBlank) }
    if isAfterBlank, !isOpened { lines.append("") }
  }

  /// The comments before the entries that begin on the line of an item.
  private func before(firstOf entry: FormatTree.Entry) -> [String] {
    var texts: [String] = []
    var entry = entry
    var place = written
    while entry.key == nil, case .block(let children) = entry.value, let first = children.first {
      place += 1
      texts += before[place]
      entry = first
    }
    return texts
  }

  /// The line of the first entry that is written on the line of this one, and is the last.
  private func firstLine(of entry: FormatTree.Entry) -> Int {
    guard entry.key == nil, case .block(let children) = entry.value, let first = children.first
    else { return entry.line }
    return firstLine(of: first)
  }

  // MARK: Lines

  private mutating func flush(before limit: Int, indent: Int) {
    while let comment = alone.last, comment.line < limit {
      alone.removeLast()
      put(comment.text, indent: indent, isAfterBlank: comment.isAfterBlank)
    }
  }

  private mutating func put(_ comment: String, indent: Int, isAfterBlank: Bool) {
    if isAfterBlank, !isOpened { lines.append("") }
    isOpened = false
    lines.append(String(repeating: " ", count: indent) + comment)
  }

  /// Adds a key and its value to the last line, and further lines where it takes them.
  private mutating func put(
    _ value: FormatTree.Value, key: String, padding: Int, indent: Int, comment: String?
  ) {
    if lines.isEmpty { lines.append("") }
    var start = lines[lines.count - 1] + key
    let spaces = String(repeating: " ", count: indent + 2)
    let gap = key.isEmpty ? "" : String(repeating: " ", count: padding + 1)
    lines.removeLast()
    switch value {
    case .block: preconditionFailure("a block takes lines of its own")
    case .scalar(let text):
      lines += Self.wrapped(text.isEmpty ? start : start + gap + text, spaces)
    case .flow(let flow, let isOverLines):
      start += gap
      guard isOverLines, start.count + flow.text.count > Self.width else {
        lines.append(start + flow.text)
        break
      }
      start += flow.opening
      for (place, item) in flow.items.enumerated() {
        let text = item + (place == flow.items.count - 1 ? flow.closing : ",")
        if start.count + text.count + 1 > Self.width, start != spaces {
          lines.append(Self.trimmed(start))
          start = spaces
        }
        start += (start == spaces || start.hasSuffix(flow.opening) ? "" : " ") + text
        let parts = Self.wrapped(start, spaces)
        lines += parts.dropLast()
        start = parts.last ?? start
      }
      lines.append(start)
    }
    lines[lines.count - 1] = Self.trimmed(lines[lines.count - 1])
    if let comment { lines[lines.count - 1] += "  \(comment)" }
  }

  /// Breaks a line that is longer than one may be, where a word follows that begins nothing else.
  private static func wrapped(_ line: String, _ spaces: String) -> [String] {
    guard line.utf8.count > PolicyFileLimits.lineBytesMax else { return [line] }
    let indent = line.prefix { $0 == " " }
    var words = line.dropFirst(indent.count)
      .split(separator: " ", omittingEmptySubsequences: false)[...]
    var lines: [String] = []
    var last = String(indent + (words.popFirst() ?? ""))
    for word in words {
      let isPlain = word.first.map { $0.isLetter || $0.isNumber } ?? false
      if isPlain, last.count + word.count >= width, !last.hasSuffix(" ") {
        lines.append(last)
        last = spaces + word
      } else {
        last += " " + word
      }
    }
    return lines + [last]
  }

  private static func trimmed(_ text: String) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return text
  }
}
