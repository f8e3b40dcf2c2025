import LedgerISO20022
import LedgerModel
import LedgerTesting
import Testing

/// Goal: a decimal is read as the number that it is, in one form, or not at all; and what is
/// written is read back.
///
/// Method: exhaustive over short texts of a small alphabet against a slow reader that works on
/// characters; then seeded sums of every exponent, written and read, against a shift of the point.
@Suite struct DecimalTextTests {
  /// All texts of up to five characters of an alphabet that has every kind of mistake.
  static let texts: [String] = {
    var all = [""]
    var last = [""]
    for _ in 0..<5 {
      last = last.flatMap { text in "019.-+e ".map { text + String($0) } }
      all += last
    }
    return all
  }()

  @Test func shortTextsAreReadAsTheSlowReaderDoes() {
    for text in Self.texts {
      let decimal = DecimalText(text)
      let expected = Self.slowly(text)
      #expect((decimal == nil) == (expected == nil), "`\(text)`")
      guard let decimal, let expected else { continue }
      for exponent in 0...6 {
        #expect(decimal.scaled(to: exponent) == Self.shifted(expected, exponent), "`\(text)`")
      }
    }
  }

  /// A sum is written with all digits of its currency, is valid for ISO 20022, and is read back.
  @Test(arguments: 0...6, UInt64(0)..<8)
  func writtenSumsAreReadBack(exponent: Int, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let bits = Int.random(in: 0...62, using: &random)
      let sum = Int128(UInt64.random(in: 0...(1 << bits), using: &random))
      let text = DecimalText.text(of: sum, exponent: exponent)
      let isExpressible =
        exponent <= 5
        ? sum < 1_000_000_000_000_000_000 : sum % 10 == 0 && sum / 10 < 1_000_000_000_000_000_000
      #expect((text != nil) == isExpressible, "\(sum) at \(exponent)")
      guard let text else { continue }
      let decimal = try #require(DecimalText(text), "\(text)")
      #expect(decimal.scaled(to: exponent) == sum, "\(sum) as \(text)")
      #expect(decimal.fractionDigits == min(exponent, 5), "\(sum) as \(text)")
    }
  }

  @Test func atMost18DigitsAreRead() {
    let nines = String(repeating: "9", count: 18)
    #expect(DecimalText(nines)?.scaled(to: 6) == 999_999_999_999_999_999_000_000)
    #expect(DecimalText("1.23456789012345678")?.fractionDigits == 17)
    #expect(DecimalText(nines + "9") == nil)
    #expect(DecimalText("1.234567890123456789") == nil)
    #expect(DecimalText("١٢") == nil, "digits of another script")
    #expect(DecimalText("1\u{301}") == nil)
  }

  /// `-?digits.digits` by characters: whole and fraction.
  private static func slowly(_ text: String) -> (whole: String, fraction: String)? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard 1...2 ~= parts.count, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    guard parts.allSatisfy({ $0.allSatisfy { "0123456789".contains($0) } }) else { return nil }
    guard parts[0] == "0" || !parts[0].hasPrefix("0") else { return nil }
    return (parts[0], parts.count == 2 ? parts[1] : "")
  }

  private static func shifted(_ number: (whole: String, fraction: String), _ places: Int) -> Int128?
  {
    guard number.fraction.count <= places else { return nil }
    let zeros = String(repeating: "0", count: places - number.fraction.count)
    return Int128(number.whole + number.fraction + zeros)
  }
}
