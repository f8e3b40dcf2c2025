import LedgerModel

/// One series over time as an inline drawing (SVG): no script, no font, nothing fetched.
struct ChartDrawing {
  private static let width = 960
  private static let height = 180
  /// What a drawing's coordinates are counted in: whole numbers, so that no rounding shows.
  private static let unit: Int128 = 10

  let title: String
  /// Not negative, one a period.
  let values: [Int128]
  /// Whether a value holds until the next one, or belongs to its period alone.
  let isLevel: Bool

  /// The drawing; a screen reader is told the title.
  var svg: String {
    let top = max(values.max() ?? 0, 1)
    let drawn = isLevel ? line(top) : bars(top)
    return """
      <svg viewBox="0 0 \(Self.width * 10) \(Self.height * 10)" role="img" \
      aria-label="\(HTMLText.escaped(title))">\
      <title>\(HTMLText.escaped(title))</title>\(drawn)</svg>
      """
  }

  private func bars(_ top: Int128) -> String {
    let step = x(1) - x(0)
    return values.enumerated().filter { $0.element > 0 }.map { index, value in
      let y = y(value, top)
      return "<rect x=\"\(x(index))\" y=\"\(y)\" width=\"\(max(step * 8 / 10, 1))\" "
        + "height=\"\(Int128(Self.height) * Self.unit - y)\"/>"
    }.joined()
  }

  private func line(_ top: Int128) -> String {
    let points = values.enumerated().flatMap { index, value in
      ["\(x(index)),\(y(value, top))", "\(x(index + 1)),\(y(value, top))"]
    }
    return "<polyline points=\"\(points.joined(separator: " "))\"/>"
  }

  private func x(_ index: Int) -> Int128 {
    Int128(Self.width) * Self.unit * Int128(index) / Int128(max(values.count, 1))
  }

  private func y(_ value: Int128, _ top: Int128) -> Int128 {
    let height = Int128(Self.height) * Self.unit
    // What is as large as a sum of 128 bits can be is cut by a million first.
    let (scaled, divisor) = top > 1 << 100 ? (value >> 20, top >> 20) : (value, top)
    return height - height * scaled / divisor
  }
}

/// Text in a page.
enum HTMLText {
  /// The text with what would be markup written out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
