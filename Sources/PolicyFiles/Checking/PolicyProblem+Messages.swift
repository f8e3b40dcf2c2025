import LedgerModel

// Several switches in place of one, each over the problems of some codes; `description` picks among
// them, and a message of another code is a fault in that choice. Those about rules are in
// PolicyProblem+RuleMessages.swift.

extension PolicyProblem {
  var textMessage: String {
    switch self {
    case .fileTooLong:
      "the file has more than \(PolicyFileLimits.fileBytesMax) bytes; split it into packs"
    case .lineTooLong: "the line is longer than \(PolicyFileLimits.lineBytesMax) bytes; break it"
    case .indentTooDeep:
      "the line is indented by more than \(PolicyFileLimits.indentMax) spaces; indent by two"
    case .nestingTooDeep:
      "lists and mappings lie more than \(PolicyFileLimits.nestingMax) deep on this line"
    case .valuesTooDeep:
      "lists and mappings lie more than \(PolicyFileLimits.depthMax) deep in the file"
    case .notPrintable(let scalar):
      "character U+\(String(scalar, radix: 16, uppercase: true)) does not show as what it is; "
        + "take it out"
    case .tab: "a tab does not show as what it is; use spaces"
    case .carriageReturn:
      "the line ends in CR LF; end lines in LF alone, since signatures are over the file's bytes"
    case .forbiddenYAML(let what): "\(what) are not part of a policy file; write the value out"
    case .quoteOpen: "the quoted text does not end on its line; close it where it began"
    case .notUTF8(let byte):
      "byte \(String(byte, radix: 16, uppercase: true)) is no UTF-8; save the file as UTF-8"
    case .notYAML(let problem): "this is not YAML: \(problem)"
    case .emptyFile: "the file is empty; begin with `schema: 1`"
    case .duplicateKey(let key, let first):
      "field `\(key)` stands twice in this mapping, first on line \(first); keep one"
    case .keyNotText: "a field's name is a plain word"
    case .escape:
      "`\\` in double quotes writes characters that do not show as what they are; write the "
        + "character itself, and a text with `\"` or `\\` in single quotes"
    case .lineBreak: "the text has an empty line in it; write it as one paragraph"
    case .explicitTag: "tags such as `!!str` are not part of a policy file; write the value plainly"
    default: misplaced
    }
  }

  var fieldMessage: String {
    switch self {
    case .unknownField(let name, let of, let suggestion):
      "`\(name)` is no field of \(of)\(Self.didYouMean(suggestion))"
    case .fieldElsewhere(let name, let instead): "field `\(name)` is not used here: \(instead)"
    case .missingField(let name, let of): "field `\(name)` of \(of) is missing"
    case .wantedOne(let names, let of):
      "\(of) has exactly one of the fields \(Self.list(names))"
    case .strayField(let name, let besides):
      "field `\(name)` means nothing beside `\(besides)`; leave it out"
    case .wantedMapping(let what): "\(what) is a mapping; write `name: value` lines"
    case .wantedList(let what): "\(what) is a list; write `[a, b]`, or lines that begin with `- `"
    case .wantedText(let what): "\(what) is one value, not a list or mapping"
    case .emptyText(let what): "\(what) is empty; give it a value"
    case .emptyList(let what): "\(what) is empty; name at least one"
    case .tooMany(let what, let count, let max): "\(count) \(what) are too many; at most \(max)"
    case .tooFewTerms(let kind): "the \(kind) is of two terms or more"
    case .wantedInteger(let what, let found):
      "\(what) is a whole number, not `\(found)`; write digits, the first of them no zero"
    case .quotedNumber(let text): "write `\(text)` without quotes: it is a number and no amount"
    case .numberOutOfRange(let what, let found, let range):
      "\(what) is \(range.lowerBound) to \(range.upperBound), not `\(found)`"
    case .packNameEdge(let text):
      "`\(text)` is no pack name: begin and end it with a letter or a digit"
    case .reasonTooLong(let bytes):
      "the reason has \(bytes) bytes; at most \(LegalReference.rule.bytesMax)"
    case .quotedWord(let word): "write `\(word)` without quotes: quotes are for amounts and times"
    case .unknownSchema(let found): "schema `\(found)` is not known here; write `schema: 1`"
    case .invalidName(let error): error.description
    case .invalidKey(let text):
      "`\(text)` is no public key; write 64 digits of `0-9` and `a-f`"
    case .invalidAccount(let text):
      "`\(text)` is no account; write it as the ledger does, "
        + "as `0190163d-8694-739b-aea5-966c26f8ad91`"
    case .duplicateID(let id, let first): "`\(id)` stands twice, first on line \(first); rename one"
    case .itemTwice(let text, let first):
      "`\(text)` stands twice, first on line \(first); leave one out"
    case .walletNamedAsParticipant(let name):
      "wallet `\(name)` has the name of a participant; rename it"
    case .accountTwice: "two wallets of this test have one `account`; give each its own"
    case .missingCell(let row, let cells, let tiers):
      "row `\(row)` has \(cells) cells for \(tiers) tiers; write `none` where there is no limit"
    case .missingTier(let tier):
      "tier `\(tier)` has no maximum here; write `\(tier): none` if it has none"
    case .columnsMissing: "a row of several cells needs field `tiers` of the table"
    default: misplaced
    }
  }

  var valueMessage: String {
    switch self {
    case .unquotedAmount(let text) where Self.straight(text) != text: Self.otherQuotes(text)
    case .unquotedAmount(let text):
      "amount `\(text)` is not quoted; write `\"\(text)\"`, since YAML may read it as another number"
    case .invalidAmount(let text, let exponent):
      "`\"\(text)\"` is no amount; write digits\(exponent > 0 ? " with a point" : ""), as "
        + "`\"\(Self.sample(exponent))\"`"
    case .overPreciseAmount(let text, let exponent):
      "amount `\"\(text)\"` has more than the currency's \(exponent) digits after the point"
    case .paymentOfNothing(let text):
      "amount `\"\(text)\"` moves nothing; a payment is above zero"
    case .quotedCount(let text): "write `\(text)` without quotes: a count of payments is no amount"
    case .unknownCurrency(let text, let suggestion):
      "`\(text)` is no currency code; write three capital letters, as `CNY`"
        + Self.didYouMean(suggestion)
    case .unknownZone(let name, let suggestion):
      "time zone `\(name)` is not known; write an IANA name, as `Asia/Shanghai`"
        + Self.didYouMean(suggestion)
    case .fixedZone(let name):
      "`\(name)` is a fixed offset; write an IANA name, as `Asia/Shanghai`"
    case .zoneWithoutPlace(let name):
      "`\(name)` names no place; write an IANA name of area and place, as `Asia/Shanghai`"
    case .otherNameOfUTC(let name): "`\(name)` is another name of `UTC`; write `UTC`"
    case .unreadableZone(let name, let error): "time zone `\(name)`: \(error)"
    case .zoneMissing:
      "a window of the calendar needs field `timezone`; write an IANA name, as `Asia/Shanghai`"
    case .zoneUnused: "no window of this limit asks for a time zone; leave `timezone` out"
    case .amountTooLarge(let text):
      "`\(text)` is more than any balance may be, \(Balance.max) minor units"
    case .paymentTooLarge(let text):
      "`\(text)` is more than any payment may be, \(Amount.max) minor units"
    case .balancesTooLarge:
      "the balances of this test add up to more than can be outstanding, \(Balance.max) minor units"
    default: misplaced
    }
  }

  var timeMessage: String {
    switch self {
    case .unquotedTime(let text) where Self.straight(text) != text: Self.otherQuotes(text)
    case .unquotedTime(let text): "time `\(text)` is not quoted; write `\"\(text)\"`"
    case .invalidTime(let text) where Self.isNoDay(text): Self.noDay(text)
    case .invalidTime(let text):
      "`\"\(text)\"` is no instant; write date, time and offset, as `\"2025-03-01T00:00:00+08:00\"`"
    case .invalidDuration(let text):
      "`\"\(text)\"` is no duration; write whole days, hours, minutes or seconds, as `\"P30D\"` or "
        + "`\"PT24H\"`"
    case .invalidTimeOfDay(let text):
      "`\"\(text)\"` is no time of day here; write hours and minutes, as `\"18:00\"`, and midnight "
        + "as `\"00:00\"` where something begins and as `\"24:00\"` where it ends"
    case .invalidDate(let text) where Self.isNoDay(text): Self.noDay(text)
    case .invalidDate(let text):
      "`\"\(text)\"` is no date from 1970 on; write it as `\"2026-12-25\"`"
    case .emptySpan: "it ends when it begins, or before; write a later end"
    case .timeGoesBack: "the step is before the one above it; put steps in order of time"
    case .stepsTooLong(let times):
      "the last of \(times) payments would be after the year \(PolicyFileLimits.yearMax); lower "
        + "`times` or `every`"
    case .openedAfterStep(let wallet):
      "the step is before wallet `\(wallet)` is opened; open it no later than the first step"
    case .invalidShare(let text):
      "`\"\(text)\"` is no share; write a percentage with at most 2 digits after the point, as "
        + "`\"12.5%\"`"
    case .shareAboveWhole(let text):
      "share `\"\(text)\"` is more than the whole; write at most `\"100%\"`"
    case .durationLength(let text, let daysMax):
      "`\"\(text)\"` is no length that can be kept; write more than nothing and at most "
        + "`\"P\(daysMax)D\"`"
    default: misplaced
    }
  }

  var misplaced: String { preconditionFailure("no message of this kind: \(code)") }

  static func didYouMean(_ suggestion: String?) -> String {
    suggestion.map { "; did you mean `\($0)`?" } ?? ""
  }

  static func list(_ names: [String]) -> String {
    names.map { "`\($0)`" }.joined(separator: ", ")
  }

  /// A text without quotes of word processors.
  private static func straight(_ text: String) -> String {
    let quotes: [Character] = ["“", "”", "„", "‘", "’", "«", "»"]
    return text.filter { !quotes.contains($0) }
  }

  private static func otherQuotes(_ text: String) -> String {
    "`\(text)` is in quotes of another kind; write `\"\(straight(text))\"`"
  }

  /// Whether a text begins like a date from 1970 on that no calendar has.
  private static func isNoDay(_ text: String) -> Bool {
    let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy(FieldReader.isDigits),
      parts[0] >= "1970"
    else { return false }
    return CivilDate.microseconds(rfc3339: "\(text.prefix(10))T00:00:00Z") == nil
  }

  private static func noDay(_ text: String) -> String {
    "there is no day `\(text.prefix(10))` in the calendar; write one that there is"
  }

  private static func sample(_ exponent: Int) -> String {
    exponent == 0 ? "50000" : "50000." + String(repeating: "0", count: exponent)
  }
}
