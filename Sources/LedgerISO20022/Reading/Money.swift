import LedgerModel

/// A decimal in a currency of the ledger, from where it stands.
struct Money: Equatable {
  let currency: CurrencyCode
  let exponent: Int
  let minorUnits: Int128
  private let source: XMLElement

  init(_ element: XMLElement, in context: ReadingContext) throws(ISOFault) {
    let code = element.attributes.first { $0.name == "Ccy" }.flatMap { CurrencyCode($0.value) }
    guard let code, let decimal = DecimalText(element.text) else {
      throw .attributeMissing(path: element.path, name: "Ccy")
    }
    guard let exponent = context.exponents[code] else {
      throw .currencyUnknown(path: element.path, code)
    }
    guard let minorUnits = decimal.scaled(to: exponent) else {
      throw .amountInvalid(path: element.path, value: element.text, .fractionDigits(max: exponent))
    }
    self.currency = code
    self.exponent = exponent
    self.minorUnits = minorUnits
    self.source = element
  }

  /// What one order moves, in minor units.
  func orderedMinorUnits() throws(ISOFault) -> UInt64 {
    guard let amount = Amount(minorUnits: minorUnits) else {
      throw .amountInvalid(
        path: source.path, value: source.text, minorUnits == 0 ? .zero : .tooLarge)
    }
    return UInt64(amount.minorUnits)
  }

  static func == (lhs: Money, rhs: Money) -> Bool {
    lhs.currency == rhs.currency && lhs.minorUnits == rhs.minorUnits
  }
}

/// The sums of a message's amounts.
struct MoneySums {
  /// Of the first currency, in its minor units.
  private var minorUnits: Int128 = 0
  private var currency: CurrencyCode?
  private var hasOneCurrency = true
  /// Of all amounts as bare numbers, in millionths: no currency has a smaller unit.
  private var millionths: Int128 = 0

  /// Adds an amount; each is below 10^24 millionths, so that no message can pass an `Int128`.
  mutating func add(_ money: Money) {
    hasOneCurrency = hasOneCurrency && (currency ?? money.currency) == money.currency
    currency = money.currency
    minorUnits += money.minorUnits
    millionths +=
      money.minorUnits * DecimalText.power(Limits.currencyExponentMax - money.exponent)
  }

  /// Whether `total` is the sum of amounts that are all in its currency.
  func isTotal(_ total: Money) -> Bool {
    hasOneCurrency && currency == total.currency && minorUnits == total.minorUnits
  }

  /// Whether `text` is the sum of all amounts, whatever their currency (ISO 20022, `CtrlSum`).
  func isControl(_ text: String) -> Bool {
    let digits = DecimalText.controlFractionDigitsMax
    let unit = DecimalText.power(digits - Limits.currencyExponentMax)
    guard let control = DecimalText(text)?.scaled(to: digits) else { return false }
    return control.isMultiple(of: unit) && control / unit == millionths
  }
}
