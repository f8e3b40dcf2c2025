public import LedgerModel

/// What can be wrong with a policy file, or odd about it.
///
/// Codes are stable. `E` and `W` with a number are those of the static checks in
/// docs/formats/policy-file.md; what stands there and not here belongs to rule shapes to come.
public enum PolicyProblem: Hashable, Sendable {
  // E00: the text is not of the file's subset of YAML.
  case fileTooLong(bytes: Int)
  case lineTooLong
  case indentTooDeep
  case nestingTooDeep
  case notPrintable(UInt32)
  case tab
  case carriageReturn
  case forbiddenYAML(String)
  case quoteOpen
  case notYAML(String)
  case emptyFile
  case duplicateKey(String)
  case keyNotText
  case explicitTag
  // E01: fields.
  case unknownField(String, of: String, suggestion: String?)
  case fieldNotYet(String, why: String)
  case missingField(String, of: String)
  case wantedMapping(String)
  case wantedList(String)
  case wantedText(String)
  case emptyText(String)
  case emptyList(String)
  case tooMany(String, count: Int, max: Int)
  case wantedInteger(String, found: String)
  case quotedWord(String)
  case unknownSchema(String)
  case invalidName(NameError)
  // E02: amounts.
  case unquotedAmount(String)
  case invalidAmount(String, exponent: Int)
  case overPreciseAmount(String, exponent: Int)
  case quotedCount(String)
  // E03.
  case unknownCurrency(String, suggestion: String?)
  // E04.
  case unknownZone(String, suggestion: String?)
  case fixedZone(String)
  case unreadableZone(String, ZoneFileError)
  case zoneMissing
  // E05.
  case unquotedTime(String)
  case invalidTime(String)
  case invalidDuration(String)
  case timeGoesBack
  case stepsTooLong(times: Int)
  // E06.
  case duplicateID(String, first: Int)
  // E07.
  case unknownWord(String, noun: String, known: [String], suggestion: String?)
  case noLeg(String, operation: String)
  case windowOfBalance
  case operationsRepeated(String)
  // E08.
  case missingCell(row: String, cells: Int, tiers: Int)
  case missingTier(String)
  // E09.
  case orderBroken(RuleID, tier: Tier, longer: RuleID)
  // E11.
  case sameMeasure(RuleID, as: RuleID)
  // E13.
  case amountTooLarge(String)
  // E20.
  case unverified(String)
  // E21: what compiled is no rule set.
  case invalidRuleSet(RuleSetError)
  // W01, W02, W04, W05, W06, W10.
  case ruleWithoutMaximum(RuleID)
  case neverBinding(RuleID, tier: Tier, because: RuleID)
  case daylightSaving(RuleID, zone: String)
  case unverifiedAccepted(String)
  case noLimit(of: String)
  case edgeNotTested(RuleID, tier: Tier, edges: [String])
}

extension PolicyProblem {
  public var isWarning: Bool { code.hasPrefix("W") }

  /// The stable name.
  public var code: String {
    switch self {
    case .fileTooLong, .lineTooLong, .indentTooDeep, .nestingTooDeep, .notPrintable, .tab,
      .carriageReturn, .forbiddenYAML, .quoteOpen, .notYAML, .emptyFile, .duplicateKey,
      .keyNotText, .explicitTag:
      "E00"
    case .unknownField, .fieldNotYet, .missingField, .wantedMapping, .wantedList, .wantedText,
      .emptyText, .emptyList, .tooMany, .wantedInteger, .quotedWord, .unknownSchema, .invalidName:
      "E01"
    case .unquotedAmount, .invalidAmount, .overPreciseAmount, .quotedCount: "E02"
    case .unknownCurrency: "E03"
    case .unknownZone, .fixedZone, .unreadableZone, .zoneMissing: "E04"
    case .unquotedTime, .invalidTime, .invalidDuration, .timeGoesBack, .stepsTooLong: "E05"
    case .duplicateID: "E06"
    case .unknownWord, .noLeg, .windowOfBalance, .operationsRepeated: "E07"
    case .missingCell, .missingTier: "E08"
    case .orderBroken: "E09"
    case .sameMeasure: "E11"
    case .amountTooLarge: "E13"
    case .unverified: "E20"
    case .invalidRuleSet: "E21"
    case .ruleWithoutMaximum: "W01"
    case .neverBinding: "W02"
    case .daylightSaving: "W04"
    case .unverifiedAccepted: "W05"
    case .noLimit: "W06"
    case .edgeNotTested: "W10"
    }
  }
}

extension PolicyProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .fileTooLong, .lineTooLong, .indentTooDeep, .nestingTooDeep, .notPrintable, .tab,
      .carriageReturn, .forbiddenYAML, .quoteOpen, .notYAML, .emptyFile, .duplicateKey,
      .keyNotText, .explicitTag:
      textMessage
    case .unknownField, .fieldNotYet, .missingField, .wantedMapping, .wantedList, .wantedText,
      .emptyText, .emptyList, .tooMany, .wantedInteger, .quotedWord, .unknownSchema, .invalidName,
      .unquotedTime, .invalidTime, .invalidDuration, .timeGoesBack, .stepsTooLong, .duplicateID,
      .missingCell, .missingTier:
      fieldMessage
    case .unquotedAmount, .invalidAmount, .overPreciseAmount, .quotedCount, .unknownCurrency,
      .unknownZone, .fixedZone, .unreadableZone, .zoneMissing, .unknownWord, .noLeg,
      .windowOfBalance, .operationsRepeated, .amountTooLarge:
      valueMessage
    case .orderBroken, .sameMeasure, .unverified, .invalidRuleSet, .ruleWithoutMaximum,
      .neverBinding, .daylightSaving, .unverifiedAccepted, .noLimit, .edgeNotTested:
      ruleMessage
    }
  }
}
