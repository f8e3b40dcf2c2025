/// Rewrites a laid-out file so that each thing is written in one way.
///
/// Each pass changes whole lines, so that comments go along with what they are about.
struct FormatForms {
  private enum Pass: CaseIterable {
    case openLists
    case openItems
    case openRows
    case closeFields
    case orderItems
    case orderSections
  }

  private let source: FormatComments
  private let root: FormatTree.Value
  private var lines: [String]
  /// Where all entries begin, ascending.
  private let starts: [Int]

  /// Returns the text with one pass after the other.
  ///
  /// - Throws: ``YAMLFault`` where a pass makes of it what is no policy file.
  static func rewritten(_ text: String) throws(YAMLFault) -> String {
    let straight = FormatComments(text).straightened.joined(separator: "\n")
    var forms = try FormatForms(straight == text ? text : try written(straight))
    for pass in Pass.allCases {
      let before = forms.lines
      switch pass {
      case .openLists: forms.openLists()
      case .openItems: forms.openItems()
      case .openRows: forms.openRows()
      case .closeFields: forms.closeFields()
      case .orderItems: forms.orderItems()
      case .orderSections: forms.orderSections()
      }
      if forms.lines != before { forms = try FormatForms(try written(forms.text)) }
    }
    return forms.text
  }

  private var text: String { lines.joined(separator: "\n") + "\n" }

  private static func written(_ text: String) throws(YAMLFault) -> String {
    let source = FormatComments(text)
    return FormatWriter.write(try FormatTree(text, source), source)
  }

  private init(_ text: String) throws(YAMLFault) {
    source = FormatComments(text)
    root = try FormatTree(text, source).root
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    var starts: [Int] = []
    Self.list(root, &starts)
    self.starts = starts
  }

  private static func list(_ value: FormatTree.Value, _ starts: inout [Int]) {
    for entry in value.entries {
      starts.append(entry.line)
      list(entry.value, &starts)
    }
  }

  // MARK: Places

  /// The entries of lists and mappings at a path, the last one of the file first.
  private func entries(at path: [String]) -> [FormatTree.Entry] {
    var found = root.entries
    for (place, step) in path.enumerated() {
      found = found.filter { ($0.key ?? "-") == step }
      if place < path.count - 1 { found = found.flatMap(\.value.entries) }
    }
    return found.reversed()
  }

  /// The last line of an entry, without blank lines and comments that follow.
  private func end(of entry: FormatTree.Entry) -> Int {
    var own: [Int] = [entry.line]
    Self.list(entry.value, &own)
    let last = own.max() ?? entry.line
    var end = (starts.first { $0 > last } ?? lines.count + 1) - 1
    while end > last, isIdle(end) { end -= 1 }
    return end
  }

  /// Whether a line has no more than a comment.
  private func isIdle(_ line: Int) -> Bool {
    let text = lines[line - 1].drop { $0 == " " }
    return text.isEmpty || text.hasPrefix("#")
  }

  private func comments(_ range: ClosedRange<Int>) -> [FormatComments.Comment] {
    source.comments.filter { range ~= $0.line }
  }

  /// What stands before an entry on its line.
  private func prefix(of entry: FormatTree.Entry) -> String {
    String(lines[entry.line - 1].prefix(entry.column))
  }

  // MARK: Passes

  /// Limits, examples and steps have lines of their own.
  private mutating func openLists() {
    for path in [["tests", "-", "steps"], ["tests"], ["limits"]] {
      for entry in entries(at: path) {
        guard case .flow(let flow, _) = entry.value, flow.opening == "[", !flow.items.isEmpty,
          let key = entry.key
        else { continue }
        let range = entry.line...end(of: entry)
        let indent = String(repeating: " ", count: entry.column)
        let notes = comments(range).map { indent + $0.text }
        replace(
          range, notes + [prefix(of: entry) + "\(key):"] + flow.items.map { "\(indent)  - \($0)" })
      }
    }
  }

  /// Limits and examples have a line for each field.
  private mutating func openItems() {
    for path in [["tests", "-"], ["limits", "-"]] {
      for entry in entries(at: path) {
        open(entry, "- ", String(repeating: " ", count: entry.column))
      }
    }
  }

  /// The rows of tables, too.
  private mutating func openRows() {
    for name in FormatOrder.rows {
      for entry in entries(at: ["limits", "-", name]) {
        open(entry, "", String(repeating: " ", count: entry.column + 2), "\(name):")
      }
    }
  }

  private mutating func open(
    _ entry: FormatTree.Entry, _ dash: String, _ indent: String, _ head: String? = nil
  ) {
    guard case .flow(let flow, _) = entry.value, flow.opening == "{", !flow.items.isEmpty else {
      return
    }
    let range = entry.line...end(of: entry)
    let notes = comments(range).map { indent + $0.text }
    let before = prefix(of: entry)
    guard before.allSatisfy({ $0 == " " }) || head != nil else { return }
    let fields = flow.items.enumerated().map { place, item in
      let field = item.contains(": ") ? item : "\(item):"
      let lead = head != nil ? "" : place == 0 ? dash : "  "
      return indent + lead + field
    }
    replace(range, notes + (head.map { [before + $0] } ?? []) + fields)
  }

  /// Fields of limits and steps of examples stand in brackets, and so do lists of words that fit.
  private mutating func closeFields() {
    var edits: [(entry: FormatTree.Entry, text: String)] = []
    close(root, path: [], &edits)
    for edit in edits.sorted(by: { $0.entry.line > $1.entry.line }) {
      let range = edit.entry.line...end(of: edit.entry)
      guard comments(range).isEmpty else { continue }
      replace(range, [edit.text])
    }
  }

  private func close(
    _ value: FormatTree.Value, path: [String],
    _ edits: inout [(entry: FormatTree.Entry, text: String)]
  ) {
    for entry in value.entries {
      let path = path + [entry.key ?? "-"]
      guard case .block(let children) = entry.value else { continue }
      let isField =
        path.count == 3 && path.starts(with: ["limits", "-"]) && !FormatOrder.rows.contains(path[2])
      let isStep = path == ["tests", "-", "steps", "-"]
      let isList = children.allSatisfy { $0.key == nil && $0.value.isScalar }
      let most = isField || isStep ? PolicyFileLimits.lineBytesMax : FormatWriter.width
      if isField || isStep || isList, let text = entry.value.inline {
        let line = prefix(of: entry) + (entry.key.map { "\($0): " } ?? "- ") + text
        if line.utf8.count <= most {
          edits.append((entry, line))
          continue
        }
      }
      close(entry.value, path: path, &edits)
    }
  }

  /// The fields of limits and examples are in the order of the document.
  private mutating func orderItems() {
    for path in [["tests", "-"], ["limits", "-"]] {
      for entry in entries(at: path) { order(entry.value.entries, at: path) }
    }
  }

  /// So are the fields of the file.
  private mutating func orderSections() {
    order(root.entries, at: [])
  }

  /// Puts the lines of fields in order; a comment goes with the field below it.
  private mutating func order(_ entries: [FormatTree.Entry], at path: [String]) {
    let sorted = FormatOrder.sorted(Array(entries.indices), at: path) { entries[$0].key }
    guard sorted != Array(entries.indices), let first = entries.first, let last = entries.last
    else { return }
    let begins = entries.enumerated().map { place, entry in
      var begin = entry.line
      if place == 0, !path.isEmpty { return begin }
      while begin > 1, lines[begin - 2].drop(while: { $0 == " " }).hasPrefix("#") { begin -= 1 }
      return begin
    }
    let ends = begins.dropFirst().map { $0 - 1 } + [end(of: last)]
    guard zip(begins, ends).allSatisfy({ $0 <= $1 }) else { return }
    let dash = prefix(of: first)
    let spaces = String(repeating: " ", count: dash.count)
    var result: [String] = []
    for (place, old) in sorted.enumerated() {
      var part = Array(lines[(begins[old] - 1)..<ends[old]])
      let at = entries[old].line - begins[old]
      part[at] = (place == 0 ? dash : spaces) + part[at].dropFirst(dash.count)
      result += part
    }
    replace(begins[0]...ends[ends.count - 1], result)
  }

  private mutating func replace(_ range: ClosedRange<Int>, _ new: [String]) {
    lines.replaceSubrange((range.lowerBound - 1)..<range.upperBound, with: new)
  }
}

extension FormatTree.Value {
  fileprivate var entries: [FormatTree.Entry] {
    if case .block(let entries) = self { entries } else { [] }
  }

  fileprivate var isScalar: Bool { if case .scalar = self { true } else { false } }

  /// The same in brackets; `nil` where a text means something else there.
  fileprivate var inline: String? {
    switch self {
    case .scalar(let text):
      let isQuoted = text.hasPrefix("\"") || text.hasPrefix("'")
      let isPlain = !text.isEmpty && !text.contains { ",[]{}#:".contains($0) }
      return isQuoted || isPlain ? text : nil
    case .flow(let flow, _): return flow.text
    case .block(let entries):
      let items = entries.map { entry in
        entry.value.inline.map { text in entry.key.map { "\($0): \(text)" } ?? text }
      }
      guard !items.contains(nil) else { return nil }
      let text = items.compactMap(\.self).joined(separator: ", ")
      return entries.contains { $0.key == nil } ? "[\(text)]" : "{\(text)}"
    }
  }
}
