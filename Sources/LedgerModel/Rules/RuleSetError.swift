/// Why a rule set is none.
public enum RuleSetError: Error, Hashable, Sendable {
  case unknownFormat(Int)
  /// Something that the format does not have yet.
  case notInFormat(Int, noun: String)
  /// Something that no ledger can do yet; a draft may hold it.
  case notYet(rule: RuleID, noun: String)
  case tooMany(noun: String, count: Int, max: Int)
  case none(noun: String)
  case duplicateTier(Tier)
  case duplicateZone(String)
  case unusedZone(String)
  case invalidZone(String)
  case duplicateName(noun: String, name: String)
  case unusedName(noun: String, name: String)
  case unknownName(noun: String, name: String)
  case invalidCalendar(CalendarName)
  case invalidAttribute(AttributeName)
  case invalidEvent(EventName)
  case invalidGroup(GroupName)
  case duplicateMeasure(index: Int)
  case duplicateRule(RuleID)
  case measureOutOfRange(rule: RuleID, index: Int)
  case unusedMeasure(index: Int)
  case invalidMeasure(index: Int, MeasureProblem)
  case capCount(rule: RuleID, count: Int)
  case invalidRule(RuleID, RuleProblem)
  case invalidExemption(index: Int)
}

/// Why a measure measures nothing.
public enum MeasureProblem: Hashable, Sendable {
  case operations
  case balance
  case supply
  case counterparties
  case sinceLast
  case event
  case pairDirection
  case classAttribute
  case window
  case filter
}

/// Why a rule is no limit.
public enum RuleProblem: Hashable, Sendable {
  case validity
  case capTooDeep(max: Int)
  case capTooLong(max: Int)
  case capTooLarge
  case capTerms
  case share
  case attribute(AttributeName)
  case group
  case waterfall
  case hold
  case previousOnly
}

extension RuleSetError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownFormat(let format):
      "rule set format \(format) is not known here; the newest is \(RuleSet.newestFormat)"
    case .notInFormat(let format, let noun): "rule set format \(format) has no \(noun)"
    case .notYet(let rule, let noun):
      "rule `\(rule)` needs \(noun), which no ledger has yet; keep the pack a draft"
    case .tooMany(let noun, let count, let max): "\(count) \(noun) are too many; at most \(max)"
    case .none(let noun): "there are no \(noun); name at least one"
    case .duplicateTier(let tier): "tier `\(tier)` is named twice"
    case .duplicateZone(let name): "zone `\(name)` stands twice"
    case .unusedZone(let name): "no measure names zone `\(name)`"
    case .invalidZone(let name):
      "zone `\(name)` is none: transitions ascend, offsets are above -25 h and below 26 h, and the "
        + "footer agrees with the last transition"
    case .duplicateName(let noun, let name): "\(noun) `\(name)` stands twice"
    case .unusedName(let noun, let name): "nothing names \(noun) `\(name)`"
    case .unknownName(let noun, let name): "there is no \(noun) `\(name)`"
    case .invalidCalendar(let name):
      "calendar `\(name)` is none: weekend and holidays ascend, a weekday is left, and the cut-off "
        + "is 00:00:01 to 24:00"
    case .invalidAttribute(let name):
      "attribute `\(name)` is none: words ascend, an initial amount is not above the ceiling, and "
        + "the attribute `class` is of participants and has words"
    case .invalidEvent(let name):
      "event `\(name)` is none: operations ascend, go out of wallets, and its filter asks for "
        + "nothing that the set does not define"
    case .invalidGroup(let name):
      "group `\(name)` is none: keys ascend, and there are 1 to \(Limits.keysPerGroupMax)"
    case .duplicateMeasure(let index): "measure \(index) stands twice"
    case .duplicateRule(let rule): "rule `\(rule)` stands twice"
    case .measureOutOfRange(let rule, let index): "rule `\(rule)` names measure \(index)"
    case .unusedMeasure(let index): "no rule names measure \(index)"
    case .invalidMeasure(let index, let problem): "measure \(index) is none: \(problem)"
    case .capCount(let rule, let count): "rule `\(rule)` has \(count) caps, one a tier"
    case .invalidRule(let rule, let problem): "rule `\(rule)` is none: \(problem)"
    case .invalidExemption(let index):
      "exemption \(index) is none: rules, accounts and participants ascend, and each kind that it "
        + "needs is there"
    }
  }
}

extension MeasureProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .operations: "operations ascend, and there is at least one that touches the scope"
    case .balance:
      "a balance is of one payment, comes in, and is of a wallet, owner, participant or tier"
    case .supply: "a supply is of one payment, comes in by `issue`, and is of the system"
    case .counterparties:
      "counterparties are of a wallet, out or in, within a window of the calendar, a rolling one or "
        + "a lifetime"
    case .sinceLast: "the time since the last payment has a lifetime, and goes out or in"
    case .event:
      "a window since or after an event is of a wallet, or of a pair after its first payment"
    case .pairDirection: "a pair of payer and payee has the direction out"
    case .classAttribute: "a class of participants needs the attribute `class`"
    case .window: "the window is empty, or longer than 400 days"
    case .filter: "its filter asks for nothing, or for what the set does not define"
    }
  }
}

extension RuleProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .validity: "it ends before it begins"
    case .capTooDeep(let max): "its cap is nested deeper than \(max) levels"
    case .capTooLong(let max): "its cap has more than \(max) terms"
    case .capTooLarge: "its cap is above \(Balance.max) minor units"
    case .capTerms: "the least or the greatest is of two terms or more"
    case .share: "a share is 0 to 100 percent"
    case .attribute(let name): "attribute `\(name)` is no amount that the scope has"
    case .group: "it requires more keys than the group has, or none"
    case .waterfall: "a waterfall is of a wallet's balance or its owner's, at most a cap"
    case .hold: "it holds for no time"
    case .previousOnly:
      "a balance, a supply and a time since the last payment count the current one"
    }
  }
}
