public import LedgerModel

/// What can be wrong with a policy file, or odd about it.
///
/// Codes are stable: docs/formats/policy-file.md has what each means.
public enum PolicyProblem: Error, Hashable, Sendable {
  // E00: the text is not of the file's subset of YAML.
  case fileTooLong
  case lineTooLong
  case indentTooDeep
  case nestingTooDeep
  case valuesTooDeep
  case notPrintable(UInt32)
  case tab
  case carriageReturn
  case forbiddenYAML(String)
  case quoteOpen
  case notUTF8(UInt8)
  case notYAML(String)
  case emptyFile
  case duplicateKey(String, first: Int)
  case keyNotText
  case explicitTag
  case escape
  case lineBreak
  // E01: fields.
  case unknownField(String, of: String, suggestion: String?)
  case fieldElsewhere(String, instead: String)
  case missingField(String, of: String)
  case wantedOne(of: [String], in: String)
  case strayField(String, besides: String)
  case wantedMapping(String)
  case wantedList(String)
  case wantedText(String)
  case emptyText(String)
  case emptyList(String)
  case tooMany(String, count: Int, max: Int)
  case tooFewTerms(String)
  case wantedInteger(String, found: String)
  case quotedWord(String)
  case unknownSchema(String)
  case invalidName(NameError)
  case invalidKey(String)
  case invalidAccount(String)
  case quotedNumber(String)
  case numberOutOfRange(String, found: String, ClosedRange<Int>)
  case packNameEdge(String)
  case reasonTooLong(bytes: Int)
  // E02: amounts.
  case unquotedAmount(String)
  case invalidAmount(String, exponent: Int)
  case overPreciseAmount(String, exponent: Int)
  case quotedCount(String)
  case paymentOfNothing(String)
  // E03: the currency.
  case unknownCurrency(String, suggestion: String?)
  // E04: time zones.
  case unknownZone(String, suggestion: String?)
  case fixedZone(String)
  case unreadableZone(String, ZoneFileError)
  case zoneMissing
  case zoneUnused
  case zoneWithoutPlace(String)
  case otherNameOfUTC(String)
  // E05: times.
  case unquotedTime(String)
  case invalidTime(String)
  case invalidDuration(String)
  case invalidTimeOfDay(String)
  case invalidDate(String)
  case emptySpan
  case timeGoesBack
  case stepsTooLong(times: Int)
  case openedAfterStep(String)
  // E06: names that stand twice.
  case duplicateID(String, first: Int)
  case walletNamedAsParticipant(String)
  case accountTwice
  case itemTwice(String, first: Int)
  // E07: words that mean nothing, and combinations that count nothing.
  case unknownWord(String, noun: String, known: [String], suggestion: String?)
  case wordRepeated(String, noun: String)
  case noLeg(String, operation: String)
  case noSide(String, operation: String)
  case noPair(operation: String)
  case noAccount(String, operation: String)
  case wantedWallet(String, operation: String)
  case paysItself
  case windowOfBalance
  case balanceScope
  case notATable(String)
  case windowless(String)
  case supplyShape
  case counterpartiesShape
  case sinceLastShape
  case pairDirection
  case previousShape
  case classMissing
  case classAttributeKind
  case attributeNotWords(String)
  case attributeNotAmount(String)
  case capNotOfQuantity(String, quantity: String)
  case capNotOfScope(String, scope: String)
  case noneWithin(String)
  case noneMisspelt(String)
  case twoTests(String, String)
  case reservedTier(String)
  case tiersMissing
  case unusedCalendar(String)
  case noWeekdayLeft
  case eventOfAcquaintance
  case noHeadroom(String)
  case settingAboveCeiling(String)
  case actsForAnother(operation: String, wallet: String, own: ParticipantID)
  // E08: tiers and cells that are missing.
  case missingCell(row: String, cells: Int, tiers: Int)
  case missingTier(String)
  case columnsMissing
  // E09: limits that cannot both be meant.
  case orderBroken(RuleID, tier: Tier?, longer: RuleID)
  case contradiction(RuleID, tier: Tier?, maximum: RuleID)
  case rollingRemembersTooFew(RuleID, count: UInt64, events: Int)
  // E10: what is within another is allowed more.
  case childAboveParent(RuleID, tier: Tier?, parent: RuleID)
  case aboveScheme(RuleID, tier: Tier?, scheme: RuleID, pack: PackName)
  case initialAboveCeiling(String)
  case schemeOfAnotherCurrency(CurrencyCode, scheme: CurrencyCode)
  // E11: two limits that are one.
  case sameMeasure(RuleID, as: RuleID)
  // E12: versions and their periods.
  case supersedesNotLower(Int, version: Int)
  case versionNotHigher(Int, previous: Int)
  case supersedesAnother(Int, previous: Int)
  case periodsOverlap(from: LedgerTime, until: LedgerTime)
  case periodsGap(from: LedgerTime, until: LedgerTime)
  case periodBefore(from: LedgerTime, previous: LedgerTime)
  case previousOfAnotherCurrency(CurrencyCode, previous: CurrencyCode)
  case notThePrevious(PackVersion, of: PackName, supersedes: PackVersion?)
  // E13: more than the ledger can hold.
  case amountTooLarge(String)
  case paymentTooLarge(String)
  case balancesTooLarge
  // E14: shares and lengths out of range.
  case invalidShare(String)
  case shareAboveWhole(String)
  case durationLength(String, daysMax: UInt64)
  // E15: waterfalls.
  case waterfallShape
  // E16: approvals.
  case approvalTooMany(Int, group: String, keys: Int)
  // E17: events that a limit never sees.
  case eventNotOfScope(String, scope: String, wanted: String)
  case eventNever(String)
  // E18: days that some months lack.
  case monthFrom(String)
  // E20: unverified figures.
  case unverified(String)
  // E21: what compiled is no rule set.
  case invalidRuleSet(RuleSetError)
  case ruleSetTooLarge(bytes: Int)
  case orderTooLarge(ruleSet: Int, file: Int, excess: Int)
  // E22: what no ledger has yet.
  case holdOutsideDraft(String)
  // W01: rules that never decide.
  case ruleWithoutMaximum(RuleID)
  case filterPassesNothing(RuleID)
  case filterPassesNoTier(RuleID)
  case neverInForce(RuleID)
  case alwaysDecidedBefore(RuleID, by: RuleID)
  case nothingUnderZero(RuleID, tier: Tier?)
  // W02: limits that are never reached.
  case neverBinding(RuleID, tier: Tier?, because: RuleID)
  case beyondReach(RuleID, tier: Tier?)
  case belowReach(RuleID, tier: Tier?)
  case idleTerm(RuleID, term: String, kind: String)
  // W03: two readings of one time.
  case rollingBesideCalendar(RuleID, RuleID)
  // W04: daylight saving time.
  case daylightSaving(RuleID, zone: String)
  case daylightSpan(RuleID, zone: String)
  // W05: unverified figures that were accepted.
  case unverifiedAccepted(String)
  // W06: limits that are missing.
  case noLimit(of: String)
  case schemeLimitMissing(RuleID, scheme: PackName)
  // W08: memory.
  case memoryOfKey(RuleID, bytes: Int)
  case memoryNeverFreed(RuleID)
  // W09: names that look like others.
  case confusable(String, with: String)
  case mixedScript(String)
  // W10: edges that no example touches.
  case edgeNotTested(RuleID, tier: Tier?, edges: [String])
  // W11: exemptions that change nothing.
  case exemptionCovered
  case exemptionEnded(RuleID)
  case exemptionShadowed(RuleID, by: RuleID)
  // W12: what is looser than before.
  case looser(String, tier: Tier?, String, uncertain: String?)
}

extension PolicyProblem {
  public var isWarning: Bool { code.hasPrefix("W") }

  /// The stable name.
  public var code: String {
    switch self {
    case .fileTooLong, .lineTooLong, .indentTooDeep, .nestingTooDeep, .valuesTooDeep,
      .notPrintable, .tab, .carriageReturn, .forbiddenYAML, .quoteOpen, .notUTF8, .notYAML,
      .emptyFile,
      .duplicateKey, .keyNotText, .explicitTag, .escape, .lineBreak:
      "E00"
    case .unknownField, .fieldElsewhere, .missingField, .wantedOne, .strayField, .wantedMapping,
      .wantedList, .wantedText, .emptyText, .emptyList, .tooMany, .tooFewTerms, .wantedInteger,
      .quotedWord, .unknownSchema, .invalidName, .invalidKey, .invalidAccount, .quotedNumber,
      .numberOutOfRange, .packNameEdge, .reasonTooLong:
      "E01"
    case .unquotedAmount, .invalidAmount, .overPreciseAmount, .quotedCount, .paymentOfNothing:
      "E02"
    case .unknownCurrency:
      "E03"
    case .unknownZone, .fixedZone, .unreadableZone, .zoneMissing, .zoneUnused, .zoneWithoutPlace,
      .otherNameOfUTC:
      "E04"
    case .unquotedTime, .invalidTime, .invalidDuration, .invalidTimeOfDay, .invalidDate,
      .emptySpan, .timeGoesBack, .stepsTooLong, .openedAfterStep:
      "E05"
    case .duplicateID, .walletNamedAsParticipant, .accountTwice, .itemTwice:
      "E06"
    case .unknownWord, .wordRepeated, .noLeg, .noSide, .noPair, .noAccount, .wantedWallet,
      .paysItself, .windowOfBalance, .balanceScope, .notATable, .windowless, .supplyShape,
      .counterpartiesShape, .sinceLastShape, .pairDirection, .previousShape, .classMissing,
      .classAttributeKind, .attributeNotWords, .attributeNotAmount, .capNotOfQuantity,
      .capNotOfScope, .noneWithin, .noneMisspelt, .twoTests, .reservedTier, .tiersMissing,
      .unusedCalendar,
      .noWeekdayLeft, .eventOfAcquaintance, .noHeadroom, .settingAboveCeiling,
      .actsForAnother:
      "E07"
    case .missingCell, .missingTier, .columnsMissing:
      "E08"
    case .orderBroken, .contradiction, .rollingRemembersTooFew:
      "E09"
    case .childAboveParent, .aboveScheme, .initialAboveCeiling, .schemeOfAnotherCurrency:
      "E10"
    case .sameMeasure:
      "E11"
    case .supersedesNotLower, .versionNotHigher, .supersedesAnother, .periodsOverlap, .periodsGap,
      .periodBefore, .previousOfAnotherCurrency, .notThePrevious:
      "E12"
    case .amountTooLarge, .paymentTooLarge, .balancesTooLarge:
      "E13"
    case .invalidShare, .shareAboveWhole, .durationLength:
      "E14"
    case .waterfallShape:
      "E15"
    case .approvalTooMany:
      "E16"
    case .eventNotOfScope, .eventNever:
      "E17"
    case .monthFrom:
      "E18"
    case .unverified:
      "E20"
    case .invalidRuleSet, .ruleSetTooLarge, .orderTooLarge:
      "E21"
    case .holdOutsideDraft:
      "E22"
    case .ruleWithoutMaximum, .filterPassesNothing, .filterPassesNoTier, .neverInForce,
      .alwaysDecidedBefore, .nothingUnderZero:
      "W01"
    case .neverBinding, .beyondReach, .belowReach, .idleTerm:
      "W02"
    case .rollingBesideCalendar:
      "W03"
    case .daylightSaving, .daylightSpan:
      "W04"
    case .unverifiedAccepted:
      "W05"
    case .noLimit, .schemeLimitMissing:
      "W06"
    case .memoryOfKey, .memoryNeverFreed:
      "W08"
    case .confusable, .mixedScript:
      "W09"
    case .edgeNotTested:
      "W10"
    case .exemptionCovered, .exemptionEnded, .exemptionShadowed:
      "W11"
    case .looser:
      "W12"
    }
  }
}

extension PolicyProblem: CustomStringConvertible {
  public var description: String {
    switch code {
    case "E00": textMessage
    case "E01", "E06", "E08": fieldMessage
    case "E02", "E03", "E04", "E13": valueMessage
    case "E05", "E14": timeMessage
    case "E07", "E15", "E16", "E17", "E18": shapeMessage
    case "E09", "E10", "E11", "E20", "E21", "E22": ruleMessage
    case "E12", "W12": versionMessage
    case "W01", "W02", "W03", "W04", "W05", "W06", "W08", "W09", "W10", "W11": warningMessage
    default: preconditionFailure("no message of code \(code)")
    }
  }
}
