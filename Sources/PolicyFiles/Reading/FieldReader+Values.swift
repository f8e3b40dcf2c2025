import LedgerModel

extension FieldReader {
  /// Returns the microseconds of a quoted duration: `P30D`, `PT24H`, `PT10M`, `PT30S`.
  mutating func duration(
    _ value: YAMLValue, _ noun: String, min: UInt64 = 0,
    max: UInt64 = PolicyFileLimits.durationMicrosecondsMax
  ) -> UInt64? {
    guard let text = text(value, noun) else { return nil }
    guard value.isQuoted else {
      report(.unquotedTime(text), at: value.position)
      return nil
    }
    let units: [(prefix: String, unit: Character, microseconds: UInt64)] = [
      ("P", "D", 86_400_000_000), ("PT", "H", 3_600_000_000), ("PT", "M", 60_000_000),
      ("PT", "S", 1_000_000),
    ]
    for (prefix, unit, microseconds) in units {
      let digits = text.dropFirst(prefix.utf8.count).dropLast()
      guard text.hasPrefix(prefix), text.last == unit, !digits.isEmpty, Self.isDigits(digits)
      else { continue }
      let (length, overflow) =
        UInt64(digits)?.multipliedReportingOverflow(by: microseconds) ?? (0, true)
      guard !overflow, min <= length, length <= max else {
        report(.durationLength(text, daysMax: max / 86_400_000_000), at: value.position)
        return nil
      }
      return length
    }
    report(.invalidDuration(text), at: value.position)
    return nil
  }

  /// Returns a duration that a window, or a time after an event, may have.
  mutating func span(_ value: YAMLValue, _ noun: String) -> UInt64? {
    duration(value, noun, min: 1, max: Limits.windowMicrosecondsMax)
  }

  /// Returns the seconds after midnight of a quoted time of day, `"00:00"` to `"24:00"`.
  mutating func timeOfDay(
    _ value: YAMLValue, _ noun: String, _ range: ClosedRange<Int>
  ) -> Int? {
    guard let text = text(value, noun) else { return nil }
    guard value.isQuoted else {
      report(.unquotedTime(text), at: value.position)
      return nil
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && Self.isDigits($0) }),
      let hours = Int(parts[0]), let minutes = Int(parts[1]), minutes < 60,
      range ~= hours * 3_600 + minutes * 60
    else {
      report(.invalidTimeOfDay(text), at: value.position)
      return nil
    }
    return hours * 3_600 + minutes * 60
  }

  /// Returns the days since 1970-01-01 of a quoted date.
  mutating func date(_ value: YAMLValue, _ noun: String) -> Int? {
    guard let text = text(value, noun) else { return nil }
    guard value.isQuoted else {
      report(.unquotedTime(text), at: value.position)
      return nil
    }
    guard text.utf8.count == 10,
      let microseconds = CivilDate.microseconds(rfc3339: text + "T00:00:00Z")
    else {
      report(.invalidDate(text), at: value.position)
      return nil
    }
    return Int(microseconds / 86_400_000_000)
  }

  /// Returns `true` or `false`, written without quotes.
  mutating func boolean(_ value: YAMLValue, _ noun: String) -> Bool? {
    word(value, noun, known: ["true", "false"]).map { $0 == "true" }
  }

  /// Returns the hundredths of a percent of a quoted share, `"12.5%"`.
  mutating func share(_ value: YAMLValue, _ noun: String) -> Int? {
    guard let text = text(value, noun) else { return nil }
    guard value.isQuoted else {
      report(.unquotedAmount(text), at: value.position)
      return nil
    }
    guard text.last == "%",
      case .success(let basisPoints) = DecimalAmount.minorUnits(
        String(text.dropLast()), exponent: 2)
    else {
      report(.invalidShare(text), at: value.position)
      return nil
    }
    guard basisPoints <= 10_000 else {
      report(.shareAboveWhole(text), at: value.position)
      return nil
    }
    return Int(basisPoints)
  }

  /// Returns the names of a list, ascending; each stands once.
  mutating func names<N: Name>(_ value: YAMLValue, _ noun: String, _ type: N.Type) -> [N]? {
    guard let items = list(value, noun) else { return nil }
    var names: [(name: N, line: Int)] = []
    for item in items {
      guard let name = name(item, type) else { continue }
      if let first = names.first(where: { $0.name == name }) {
        report(.itemTwice(name.text, first: first.line), at: item.position)
      } else {
        names.append((name, item.position.line))
      }
    }
    guard names.count <= Limits.wordsPerTestMax else {
      report(
        .tooMany("words of \(noun)", count: names.count, max: Limits.wordsPerTestMax),
        at: value.position)
      return nil
    }
    return names.isEmpty ? nil : names.map(\.name).sorted()
  }

  /// Returns words of a closed list, in the order of the file; each stands once.
  mutating func words(_ value: YAMLValue, _ noun: String, known: [String]) -> [String]? {
    guard let items = list(value, "`\(noun)`") else { return nil }
    var words: [String] = []
    for item in items {
      guard let word = word(item, noun, known: known) else { continue }
      if words.contains(word) {
        report(.wordRepeated(word, noun: noun), at: item.position)
      } else {
        words.append(word)
      }
    }
    return words.isEmpty ? nil : words
  }

  /// Returns the one field of several that is there, and reports none and two.
  mutating func one(of names: [String], _ fields: Fields, of noun: String) -> String? {
    let found = names.filter { fields[$0] != nil }
    guard let first = found.first, found.count == 1 else {
      let position = found.dropFirst().first.flatMap { fields[$0]?.position } ?? fields.position
      report(.wantedOne(of: names, in: noun), at: position)
      return nil
    }
    return first
  }

  /// Returns a title or a reason: a text for people.
  mutating func prose(_ value: YAMLValue, _ noun: String) -> String? {
    guard let text = text(value, noun) else { return nil }
    if let word = Confusables.mixedWord(in: text) {
      report(.mixedScript(word), at: value.position)
    }
    return text
  }

  static func isDigits(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }
}
