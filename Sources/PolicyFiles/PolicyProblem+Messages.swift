import LedgerModel

// Four switches in place of one, each over one kind of problem; `description` picks among them, and
// a message of another kind is a fault in that choice.

extension PolicyProblem {
  var textMessage: String {
    switch self {
    case .fileTooLong(let bytes):
      "the file has \(bytes) bytes; at most \(PolicyFileLimits.fileBytesMax)"
    case .lineTooLong: "the line is longer than \(PolicyFileLimits.lineBytesMax) bytes; break it"
    case .indentTooDeep:
      "the line is indented by more than \(PolicyFileLimits.indentMax) spaces; indent by two"
    case .nestingTooDeep:
      "lists and mappings lie more than \(PolicyFileLimits.nestingMax) deep on this line"
    case .notPrintable(let scalar):
      "character U+\(String(scalar, radix: 16, uppercase: true)) does not show as what it is; "
        + "take it out"
    case .tab: "a tab is no indentation in YAML; use spaces"
    case .carriageReturn:
      "the line ends in CR LF; end lines in LF alone, since signatures are over the file's bytes"
    case .forbiddenYAML(let what): "\(what) are not part of a policy file; write the value out"
    case .quoteOpen: "the quoted text does not end on its line; close it where it began"
    case .notYAML(let problem): "this is not YAML: \(problem)"
    case .emptyFile: "the file is empty; begin with `schema: 1`"
    case .duplicateKey(let key): "field `\(key)` stands twice in this mapping; keep one"
    case .keyNotText: "a field's name is a plain word"
    case .explicitTag: "tags such as `!!str` are not part of a policy file; write the value plainly"
    default: misplaced
    }
  }

  var fieldMessage: String {
    switch self {
    case .unknownField(let name, let of, let suggestion):
      "`\(name)` is no field of \(of)\(Self.didYouMean(suggestion))"
    case .fieldNotYet(let name, let why): "field `\(name)` cannot be kept yet: \(why)"
    case .missingField(let name, let of): "field `\(name)` of \(of) is missing"
    case .wantedMapping(let what): "\(what) is a mapping; write `name: value` lines"
    case .wantedList(let what): "\(what) is a list; write `[a, b]`, or lines that begin with `- `"
    case .wantedText(let what): "\(what) is one value, not a list or mapping"
    case .emptyText(let what): "\(what) is empty; give it a value"
    case .emptyList(let what): "\(what) is empty; name at least one"
    case .tooMany(let what, let count, let max): "\(count) \(what) are too many; at most \(max)"
    case .wantedInteger(let what, let found):
      "\(what) is a whole number without quotes, not `\(found)`"
    case .quotedWord(let word): "write `\(word)` without quotes: quotes are for amounts and times"
    case .unknownSchema(let found): "schema `\(found)` is not known here; write `schema: 1`"
    case .invalidName(let error): error.description
    case .unquotedTime(let text): "time `\(text)` is not quoted; write `\"\(text)\"`"
    case .invalidTime(let text):
      "`\"\(text)\"` is no instant; write date, time and offset, as `\"2025-03-01T00:00:00+08:00\"`"
    case .invalidDuration(let text):
      "`\"\(text)\"` is no duration; write whole hours, minutes or seconds, as `\"PT24H\"`"
    case .timeGoesBack: "the step is before the one above it; put steps in order of time"
    case .stepsTooLong(let times):
      "the last of \(times) payments would be after the year \(PolicyFileLimits.yearMax); lower "
        + "`times` or `every`"
    case .duplicateID(let id, let first): "`\(id)` stands twice, first on line \(first); rename one"
    case .missingCell(let row, let cells, let tiers):
      "row `\(row)` has \(cells) cells for \(tiers) tiers; write `none` where there is no limit"
    case .missingTier(let tier):
      "tier `\(tier)` has no maximum here; write `\(tier): none` if it has none"
    default: misplaced
    }
  }

  var valueMessage: String {
    switch self {
    case .unquotedAmount(let text):
      "amount `\(text)` is not quoted; write `\"\(text)\"`, since YAML may read it as another number"
    case .invalidAmount(let text, let exponent):
      "`\"\(text)\"` is no amount; write digits\(exponent > 0 ? " with a point" : ""), as "
        + "`\"\(Self.sample(exponent))\"`"
    case .overPreciseAmount(let text, let exponent):
      "amount `\"\(text)\"` has more than the currency's \(exponent) digits after the point"
    case .quotedCount(let text): "write `\(text)` without quotes: a count of payments is no amount"
    case .unknownCurrency(let text, let suggestion):
      "`\(text)` is no currency code; write three capital letters, as `CNY`"
        + Self.didYouMean(suggestion)
    case .unknownZone(let name, let suggestion):
      "time zone `\(name)` is not known; write an IANA name, as `Asia/Shanghai`"
        + Self.didYouMean(suggestion)
    case .fixedZone(let name):
      "`\(name)` is an abbreviation or fixed offset; write an IANA name, as `Asia/Shanghai`"
    case .unreadableZone(let name, let error): "time zone `\(name)`: \(error)"
    case .zoneMissing:
      "a limit per day, month or year needs field `timezone`; write an IANA name, as `Asia/Shanghai`"
    case .unknownWord(let word, let noun, let known, let suggestion):
      "`\(word)` is no \(noun)\(Self.didYouMean(suggestion)); known: "
        + known.map { "`\($0)`" }.joined(separator: ", ")
    case .noLeg(let side, let operation):
      "`\(operation)` has no wallet on side `\(side)`, so nothing would be counted"
    case .windowOfBalance:
      "a balance is what is held after a payment; it comes `in`, and is one rule, not a table"
    case .operationsRepeated(let word): "operation `\(word)` stands twice; name each once"
    case .amountTooLarge(let text):
      "`\(text)` is more than any balance may be, \(Balance.max) minor units"
    default: misplaced
    }
  }

  var ruleMessage: String {
    switch self {
    case .orderBroken(let rule, let tier, let longer):
      "rule `\(rule)` allows tier `\(tier)` more than `\(longer)` does, whose time is longer; "
        + "one of the two is wrong"
    case .sameMeasure(let rule, let other):
      "rule `\(rule)` measures the same as `\(other)`; write one rule"
    case .unverified(let cell):
      "`mode: enforce` with the unverified figure `\(cell)`; confirm it with a source, or "
        + "accept it with `--accept-unverified`"
    case .invalidRuleSet(let error): error.description
    case .ruleWithoutMaximum(let rule): "rule `\(rule)` has no maximum in any tier"
    case .neverBinding(let rule, let tier, let because):
      "rule `\(rule)` never bites in tier `\(tier)`, because `\(because)` always bites before"
    case .daylightSaving(let rule, let zone):
      "rule `\(rule)` counts by the day in `\(zone)`, where a day has 23 or 25 hours twice a year"
    case .unverifiedAccepted(let cell): "the figure `\(cell)` is unverified"
    case .noLimit(let what): "no rule limits \(what)"
    case .edgeNotTested(let rule, let tier, let edges):
      "no example tests rule `\(rule)` for tier `\(tier)` \(edges.joined(separator: ", ")) its edge"
    default: misplaced
    }
  }

  private var misplaced: String { preconditionFailure("no message of this kind: \(code)") }

  private static func didYouMean(_ suggestion: String?) -> String {
    suggestion.map { "; did you mean `\($0)`?" } ?? ""
  }

  private static func sample(_ exponent: Int) -> String {
    exponent == 0 ? "50000" : "50000." + String(repeating: "0", count: exponent)
  }
}
