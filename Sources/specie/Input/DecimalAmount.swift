import LedgerModel

/// Money as people write it: decimals at the command line, minor units everywhere else.
enum DecimalAmount {
  /// Reads an amount exactly: digits, and at most one point with as many digits after it as the
  /// currency has.
  ///
  /// - Returns: Minor units; 1 to `Amount.max`.
  static func minorUnits(_ text: String, of currency: CurrencyScale) throws(CommandFault) -> UInt64
  {
    do throws(DecimalFault) {
      return UInt64(try Amount(decimal: text, exponent: currency.exponent).minorUnits)
    } catch {
      throw .invalidArgument(Self.words(for: error, text, currency))
    }
  }

  private static func words(
    for fault: DecimalFault, _ text: String, _ currency: CurrencyScale
  ) -> String {
    switch fault {
    case .malformed:
      "`\(text)` is no amount; write digits and a point, without signs or separators, such as "
        + "`\(Self.text(150_000, exponent: currency.exponent, isGrouped: false))`"
    case .tooManyDigits(let found):
      "`\(text)` has \(found) digits after the point; \(currency.code) has \(currency.exponent)"
    case .tooLarge:
      "`\(text)` is more than one order may move, "
        + "\(Self.text(Int128(Amount.max.minorUnits), exponent: currency.exponent)) \(currency.code)"
    case .zero: "`\(text)` moves nothing; name one minor unit or more"
    }
  }

  /// Writes minor units with every digit after the point, in groups of three before it.
  static func text(_ minorUnits: Int128, exponent: Int, isGrouped: Bool = true) -> String {
    let digits = String(minorUnits.magnitude)
    let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
    let whole = String(padded.dropLast(exponent))
    let sign = minorUnits < 0 ? "-" : ""
    let front = sign + (isGrouped ? grouped(whole) : whole)
    return exponent == 0 ? front : front + "." + padded.suffix(exponent)
  }

  /// Writes a count in groups of three digits.
  static func count(_ value: some BinaryInteger) -> String {
    (value < 0 ? "-" : "") + grouped(String(value.magnitude))
  }

  /// Writes a count and its noun: `1 order`, `2,000 orders`.
  static func count(
    _ value: some BinaryInteger, _ noun: String, _ plural: String? = nil
  ) -> String {
    "\(count(value)) \(value == 1 ? noun : plural ?? noun + "s")"
  }

  private static func grouped(_ digits: String) -> String {
    var result = ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0, (digits.count - offset).isMultiple(of: 3) { result.append(",") }
      result.append(digit)
    }
    return result
  }
}

/// How many decimal digits a currency's minor unit has.
struct CurrencyScale: Hashable, Sendable {
  let code: CurrencyCode
  let exponent: Int

  init(code: CurrencyCode, exponent: Int) {
    self.code = code
    self.exponent = exponent
  }

  /// Reads `CNY:2`.
  init(argument text: String) throws(CommandFault) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let code = CurrencyCode(parts[0]), let exponent = Int(parts[1]),
      0...Limits.currencyExponentMax ~= exponent
    else {
      throw .invalidArgument(
        "`\(text)` is no currency with its decimal digits; write three capital letters, a colon and "
          + "0 to \(Limits.currencyExponentMax), such as `CNY:2`")
    }
    self.init(code: code, exponent: exponent)
  }
}

/// The currencies whose exponent is known; others are shown in minor units.
struct CurrencyScales: Sendable {
  let scales: [CurrencyScale]

  init(_ scales: [CurrencyScale]) { self.scales = scales }

  init(_ genesis: Genesis) {
    scales = genesis.currencies.map { CurrencyScale(code: $0.code, exponent: $0.exponent) }
  }

  func scale(_ code: CurrencyCode) throws(CommandFault) -> CurrencyScale {
    guard let scale = scales.first(where: { $0.code == code }) else {
      throw .currencyUnknown(
        code: code.description, known: scales.map { "`\($0.code)`" })
    }
    return scale
  }

  /// `1,000.00 CNY` where there is no other currency, `1,000.00` where all have as many digits, or
  /// else `100,000 minor units`.
  func textOfAny(_ minorUnits: Int128) -> String {
    guard let first = scales.first, scales.allSatisfy({ $0.exponent == first.exponent }) else {
      return "\(DecimalAmount.count(minorUnits)) minor units"
    }
    return scales.count == 1
      ? text(minorUnits, first.code) : DecimalAmount.text(minorUnits, exponent: first.exponent)
  }

  /// `1000.00`, for programs; minor units where the exponent is not known.
  func plain(_ minorUnits: Int128, _ code: CurrencyCode) -> String {
    let exponent = scales.first { $0.code == code }?.exponent ?? 0
    return DecimalAmount.text(minorUnits, exponent: exponent, isGrouped: false)
  }

  /// `1,000.00 CNY`, or `100,000 minor units of CNY` where the exponent is not known.
  func text(_ minorUnits: Int128, _ code: CurrencyCode) -> String {
    guard let scale = scales.first(where: { $0.code == code }) else {
      return "\(DecimalAmount.count(minorUnits)) minor units of \(code)"
    }
    return "\(DecimalAmount.text(minorUnits, exponent: scale.exponent)) \(code)"
  }
}
