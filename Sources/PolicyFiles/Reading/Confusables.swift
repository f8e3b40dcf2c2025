/// Finds names that look alike, and words that mix alphabets.
///
/// - Source: Unicode Technical Standard 39, sections 4 and 5, for the letters that names here have.
enum Confusables {
  /// What is left of a name where letters that look alike are one.
  static func skeleton(_ name: String) -> String {
    name.replacing("rn", with: "m").replacing("vv", with: "w").replacing("cl", with: "d")
      .replacing("1", with: "l").replacing("i", with: "l").replacing("0", with: "o")
  }

  /// Returns the first word that has letters of more than one of the alphabets that look alike:
  /// Latin, Greek, Cyrillic.
  static func mixedWord(in text: String) -> String? {
    let words = text.unicodeScalars.split { !$0.properties.isAlphabetic }
    for word in words {
      let scripts = Set(word.compactMap(script))
      if scripts.count > 1 { return String(String.UnicodeScalarView(word)) }
    }
    return nil
  }

  private static func script(_ scalar: Unicode.Scalar) -> Int? {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: 0
    case 0x370...0x3FF: 1
    case 0x400...0x52F: 2
    default: nil
    }
  }
}
