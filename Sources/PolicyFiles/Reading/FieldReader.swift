import LedgerModel

/// The fields of one mapping, whose names are known.
struct Fields {
  let position: SourcePosition
  let values: [String: YAMLValue]

  subscript(_ name: String) -> YAMLValue? { values[name] }
}

/// What a mapping may hold.
struct Shape {
  /// What it is called in a message.
  let noun: String
  let required: [String]
  let optional: [String]
  /// Fields that rule authors may expect, and what to write instead.
  var elsewhere: [String: String] = [:]
}

/// Reads values strictly, and collects every problem on the way.
struct FieldReader {
  let file: String
  private(set) var errors: [Diagnostic] = []
  private(set) var warnings: [Diagnostic] = []
  /// What the file defines, by noun, also where a mistake keeps it from being known.
  private var defined: [String: [String]] = [:]

  init(file: String) { self.file = file }

  mutating func report(_ problem: PolicyProblem, at position: SourcePosition) {
    let diagnostic = Diagnostic(file: file, position: position, problem: problem)
    if problem.isWarning {
      if warnings.count < PolicyFileLimits.diagnosticsMax { warnings.append(diagnostic) }
    } else if errors.count < PolicyFileLimits.diagnosticsMax {
      errors.append(diagnostic)
    }
  }

  /// Returns the fields that are known, and reports those that are not, and those that are missing.
  mutating func fields(_ value: YAMLValue, _ shape: Shape) -> Fields? {
    guard case .mapping(let pairs) = value.content else {
      report(.wantedMapping(shape.noun), at: value.position)
      return nil
    }
    let known = shape.required + shape.optional
    var meant: [String] = []
    var values: [String: YAMLValue] = [:]
    for field in pairs {
      guard let name = field.key.text else { continue }
      if known.contains(name) {
        values[name] = field.value
      } else if let instead = shape.elsewhere[name] {
        report(.fieldElsewhere(name, instead: instead), at: field.key.position)
      } else {
        let suggestion = Suggestion.nearest(to: name, among: known)
        report(.unknownField(name, of: shape.noun, suggestion: suggestion), at: field.key.position)
        if let suggestion { meant.append(suggestion) }
      }
    }
    // One mistake is told once.
    for name in shape.required where values[name] == nil && !meant.contains(name) {
      report(.missingField(name, of: shape.noun), at: value.position)
    }
    return Fields(position: value.position, values: values)
  }

  /// Returns the items of a list that is not empty.
  mutating func list(_ value: YAMLValue, _ noun: String) -> [YAMLValue]? {
    guard case .list(let items) = value.content else {
      report(.wantedList(noun), at: value.position)
      return nil
    }
    guard !items.isEmpty else {
      report(.emptyList(noun), at: value.position)
      return nil
    }
    return items
  }

  /// Returns the pairs of a mapping that is not empty.
  mutating func pairs(_ value: YAMLValue, _ noun: String) -> [(key: YAMLValue, value: YAMLValue)]? {
    guard case .mapping(let pairs) = value.content else {
      report(.wantedMapping(noun), at: value.position)
      return nil
    }
    guard !pairs.isEmpty else {
      report(.emptyList(noun), at: value.position)
      return nil
    }
    return pairs.map { ($0.key, $0.value) }
  }

  /// Returns a text, quoted or not.
  mutating func text(_ value: YAMLValue, _ noun: String) -> String? {
    guard let text = value.text else {
      report(.wantedText(noun), at: value.position)
      return nil
    }
    guard !text.isEmpty else {
      report(.emptyText(noun), at: value.position)
      return nil
    }
    return text
  }

  /// Returns a plain word.
  mutating func word(_ value: YAMLValue, _ noun: String) -> String? {
    guard let text = text(value, noun) else { return nil }
    guard !value.isQuoted else {
      report(.quotedWord(text), at: value.position)
      return nil
    }
    return text
  }

  /// Notes that the file defines a name, so that a mistake in what it is is told there alone.
  ///
  /// - Parameters:
  ///   - name: One that ends in `.` stands for all that begin so.
  ///   - nouns: What it is called where it is used.
  mutating func define(_ name: String, as nouns: String...) {
    for noun in nouns { defined[noun, default: []].append(name) }
  }

  /// Forgets what was defined as something.
  mutating func undefine(_ nouns: String...) {
    for noun in nouns { defined[noun] = nil }
  }

  private func isDefined(_ word: String, _ noun: String) -> Bool {
    (defined[noun] ?? []).contains { name in
      name.hasSuffix(".") ? word.hasPrefix(name) : word == name
    }
  }

  /// Returns a word of a closed list.
  ///
  /// - Parameters:
  ///   - value: As the file has it.
  ///   - noun: What the words are.
  ///   - known: The words.
  ///   - forms: What may be written in place of a word, in the message.
  ///   - meanings: What is meant by words that writers may expect.
  /// - Returns: `nil` where it is none, which is reported, unless the file defines it: what is
  ///   wrong with it was reported then.
  mutating func word(
    _ value: YAMLValue, _ noun: String, known: [String], forms: [String] = [],
    meanings: [String: String] = [:]
  ) -> String? {
    guard let word = word(value, noun) else { return nil }
    if !known.contains(word), isDefined(word, noun) { return nil }
    guard known.contains(word) else {
      let suggestion = meanings[word] ?? Suggestion.nearest(to: word, among: known)
      report(
        .unknownWord(word, noun: noun, known: known + forms, suggestion: suggestion),
        at: value.position)
      return nil
    }
    return word
  }

  /// Returns a name of the model.
  mutating func name<N: Name>(_ value: YAMLValue, _ type: N.Type) -> N? {
    guard let text = word(value, N.rule.noun) else { return nil }
    do {
      return try N(text)
    } catch {
      report(.invalidName(error), at: value.position)
      return nil
    }
  }

  /// Returns a whole number, written without quotes.
  mutating func integer(_ value: YAMLValue, _ noun: String, _ range: ClosedRange<Int>) -> Int? {
    guard let text = text(value, noun) else { return nil }
    guard Self.isDigits(text), text == "0" || !text.hasPrefix("0") else {
      report(.wantedInteger(noun, found: text), at: value.position)
      return nil
    }
    guard !value.isQuoted else {
      report(.quotedNumber(text), at: value.position)
      return nil
    }
    guard let number = Int(text), range ~= number else {
      report(.numberOutOfRange(noun, found: text, range), at: value.position)
      return nil
    }
    return number
  }

  /// Returns minor units of a quoted amount.
  mutating func amount(_ value: YAMLValue, _ noun: String, exponent: Int) -> UInt64? {
    guard let text = text(value, noun) else { return nil }
    guard value.isQuoted else {
      report(.unquotedAmount(text), at: value.position)
      return nil
    }
    switch DecimalAmount.minorUnits(text, exponent: exponent) {
    case .failure(let failure):
      report(failure.problem, at: value.position)
      return nil
    case .success(let minorUnits):
      guard minorUnits <= UInt64(Balance.max.minorUnits) else {
        report(.amountTooLarge(text), at: value.position)
        return nil
      }
      return minorUnits
    }
  }

  /// Returns a quoted instant.
  mutating func time(_ value: YAMLValue, _ noun: String) -> LedgerTime? {
    guard let text = text(value, noun) else { return nil }
    guard value.isQuoted else {
      report(.unquotedTime(text), at: value.position)
      return nil
    }
    guard let microseconds = CivilDate.microseconds(rfc3339: text) else {
      report(.invalidTime(text), at: value.position)
      return nil
    }
    return LedgerTime(microseconds: microseconds)
  }
}
