// Names, references and messages are chosen by others, who may want a terminal to show something
// else than what is signed: by control sequences, by turned writing direction, or by what does not
// show at all.

extension String {
  /// The text of others within a line: whatever does not show as what it is, line feeds too, is
  /// written as its number, as `\u{202E}`.
  var shown: String { escaped { Self.isHidden($0) } }

  /// Whole output of ours: the same, but for the line feeds that part its lines.
  var shownLines: String { escaped { $0 != "\n" && Self.isHidden($0) } }

  private func escaped(_ isHidden: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isHidden) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if isHidden(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Controls, formats (bidi controls, joiners, marks without width), separators of lines, and
  /// what no font can know.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
      .surrogate:
      true
    default: false
    }
  }
}
