import LedgerModel

// The messages about limits, by code; the others are in PolicyProblem+Messages.swift.

extension PolicyProblem {
  var shapeMessage: String {
    switch self {
    case .unknownWord(let word, let noun, let known, let suggestion):
      "`\(word)` is no \(noun)\(Self.didYouMean(suggestion)); "
        + (known.isEmpty ? "the file has none" : "known: " + Self.list(known))
    case .wordRepeated(let word, let noun): "\(noun) `\(word)` stands twice; name each once"
    case .noLeg(let side, let operation):
      "`\(operation)` has no wallet on side `\(side)`, so nothing would be counted"
    case .noSide(let side, let operation):
      "`\(operation)` has no account on side `\(side)`, so nothing would be counted"
    case .noPair(let operation):
      "`\(operation)` has no wallets on both sides, so no pair would be counted; write `pay`"
    case .noAccount(let side, let operation):
      "`\(operation)` is with the issuer, which has no account on side `\(side)`; leave it out"
    case .wantedWallet(let side, let operation):
      "`\(operation)` has a wallet on side `\(side)`, and this is a participant"
    case .paysItself: "an account does not pay itself; name another one"
    case .windowOfBalance:
      "a balance is what is held after a payment; it comes `in`, and is one rule, not a table"
    case .balanceScope:
      "a balance is of a `wallet`, an `owner`, a `participant` or a `tier`"
    case .notATable(let measure): "a limit of `\(measure)` is one rule, not a table"
    case .windowless(let measure): "a limit of `\(measure)` has no window; leave `window` out"
    case .supplyShape:
      "the supply is what is outstanding after an issuance: write `operations: [issue]`, "
        + "`direction: in` and `per: system`"
    case .counterpartiesShape:
      "counterparties are counted `per: wallet`, `out` or `in`, over a window of the calendar, a "
        + "rolling one or a lifetime"
    case .sinceLastShape: "the time since the last payment is of what goes `out` or comes `in`"
    case .pairDirection: "a pair of payer and payee has the direction `out`, from one to the other"
    case .previousShape:
      "`counts: previous` is for an amount, a count or counterparties over a window, since there "
        + "would be nothing else to compare"
    case .classMissing:
      "a class of participants goes by their attribute `class`; define it in `attributes`"
    case .classAttributeKind: "the attribute `class` is of participants, and has words"
    case .attributeNotWords(let name): "attribute `\(name)` is an amount; only words can be tested"
    case .attributeNotAmount(let name): "attribute `\(name)` has words; only an amount can be a cap"
    case .capNotOfQuantity(let kind, let quantity):
      "`\(kind)` is an amount of money, and `\(quantity)` is none; write a number"
    case .capNotOfScope(let name, let scope):
      "`\(name)` belongs to one account, and a limit per `\(scope)` is of many"
    case .noneWithin(let noun): "`none` is no number; \(noun) within another has one"
    case .noneMisspelt(let text): "`\(text)` is no value; write `none` where there is no limit"
    case .twoTests(let one, let other): "`\(one)` and `\(other)` are one test; write one of them"
    case .reservedTier(let tier): "`\(tier)` is a word of caps, and no tier; rename it"
    case .tiersMissing: "the file has no `tiers`; write one value for all"
    case .unusedCalendar(let name): "no limit names calendar `\(name)`; take it out"
    case .noWeekdayLeft: "a week without any other day has no business day; leave one out"
    case .eventOfAcquaintance: "an event does not ask how long payer and payee know each other"
    case .noHeadroom(let rule): "limit `\(rule)` leaves nothing that can be told; leave `left` out"
    case .settingAboveCeiling(let name):
      "this is more than the ceiling of attribute `\(name)`; no order can set it"
    case .actsForAnother(let operation, let wallet, let own):
      "`\(operation)` is between a wallet and its own participant, and `\(wallet)` is at `\(own)`; "
        + "write that"
    case .waterfallShape:
      "a waterfall is of a `balance` per `wallet` or `owner`, with a `maximum`: only what a wallet "
        + "may not hold can go on to its linked account"
    case .approvalTooMany(let count, let group, let keys):
      "\(DecimalAmount.count(count, "signature")) are more than the "
        + "\(DecimalAmount.count(keys, "key")) of group `\(group)`"
    case .eventNotOfScope(let event, let scope, let wanted):
      "event `\(event)` is of a `\(wanted)`, so a limit per `\(scope)` never sees it"
    case .eventNever(let event):
      "event `\(event)` never happens: no payment of its operations passes its `when`"
    case .monthFrom(let day):
      "a month from day `\(day)` on is no window, since months differ in their last days; write "
        + "`month`, or `{rolling: \"P30D\"}`"
    default: misplaced
    }
  }

  var ruleMessage: String {
    switch self {
    case .orderBroken(let rule, let tier, let longer):
      "rule `\(rule)` allows \(Self.tier(tier))more than `\(longer)` does, whose time is longer; "
        + "one of the two is wrong"
    case .contradiction(let rule, let tier, let maximum):
      "rule `\(rule)` asks of \(tier.map { "tier `\($0)`" } ?? "every payment") for more than "
        + "`\(maximum)` allows, so nothing passes; one of the two is wrong"
    case .rollingRemembersTooFew(let rule, let count, let events):
      "rule `\(rule)` allows \(count) payments and remembers \(events), so it denies early; write "
        + "`events: \(count)` or more"
    case .childAboveParent(let rule, let tier, let parent):
      "rule `\(rule)` allows \(Self.tier(tier))more than `\(parent)` does, within which it lies; "
        + "one of the two is wrong"
    case .aboveScheme(let rule, let tier, let scheme, let pack):
      "rule `\(rule)` allows \(Self.tier(tier))more than `\(scheme)` of `\(pack)`, the scheme, does"
    case .initialAboveCeiling(let name):
      "attribute `\(name)` begins above its own ceiling; one of the two is wrong"
    case .schemeOfAnotherCurrency(let currency, let scheme):
      "the file is of currency `\(currency)` and the scheme of `\(scheme)`, so nothing can be "
        + "compared; give the scheme of `\(currency)`"
    case .sameMeasure(let rule, let other):
      "rule `\(rule)` measures the same as `\(other)`; write one rule"
    case .unverified(let cell):
      "`mode: enforce` with the unverified figure `\(cell)`; confirm it with a source, or "
        + "accept it with `--accept-unverified`"
    case .invalidRuleSet(let error): error.description
    case .ruleSetTooLarge(let bytes):
      "compiled, the rules take \(bytes) bytes, and a rule set at most \(Limits.ruleSetBytesMax); "
        + "split the file into packs, or leave out holidays, exemptions or zones"
    case .orderTooLarge(let ruleSet, let file, let excess):
      "compiled, the rules take \(ruleSet) bytes, and with the file's \(file) the order has "
        + "\(excess) more than the \(Limits.instructionBytesMax) that one may have; shorten "
        + "comments, or split the file into packs"
    case .holdOutsideDraft(let rule):
      "rule `\(rule)` holds payments, and holds do not exist yet; write `mode: draft`"
    default: misplaced
    }
  }

  var versionMessage: String {
    switch self {
    case .supersedesNotLower(let old, let version):
      "version \(version) cannot supersede version \(old) of the same pack; write a lower one"
    case .versionNotHigher(let version, let previous):
      "version \(version) comes after version \(previous) of the same pack; write a higher one"
    case .supersedesAnother(let version, let previous):
      "the file says that it supersedes version \(version), and it comes after version \(previous)"
    case .periodsOverlap(let from, let until):
      "it is in force from \(from), and the version before is until \(until): two would be at once"
    case .periodsGap(let from, let until):
      "it is in force from \(from), and the version before is until \(until): between them is none"
    case .periodBefore(let from, let previous):
      "it is in force from \(from), which is not after \(previous), when the version before began"
    case .previousOfAnotherCurrency(let currency, let previous):
      "the file is of currency `\(currency)` and the version before of `\(previous)`, so nothing can "
        + "be compared; give one of `\(currency)`"
    case .notThePrevious(let previous, let pack, let supersedes):
      "`\(previous)` is no version before this file, so nothing can be compared; give one of pack "
        + "`\(pack)`\(supersedes.map { ", or `\($0)`, which it supersedes" } ?? "")"
    case .looser(let subject, let tier, let text, let uncertain):
      "`\(subject)`\(tier.map { ", tier `\($0)`" } ?? ""): \(text); this "
        + (uncertain.map { "may let more pass than the version before, since \($0)" }
          ?? "lets more pass than the version before")
    default: misplaced
    }
  }

  var warningMessage: String {
    switch self {
    case .ruleWithoutMaximum(let rule): "rule `\(rule)` has no maximum in any tier"
    case .filterPassesNothing(let rule): "no payment passes `when` of rule `\(rule)`"
    case .filterPassesNoTier(let rule):
      "rule `\(rule)` has no maximum in any tier that its `when` lets pass"
    case .neverInForce(let rule): "rule `\(rule)` ends before the file is in force"
    case .alwaysDecidedBefore(let rule, let other):
      "rule `\(rule)` never decides, because `\(other)` denies all that it does not let pass"
    case .nothingUnderZero(let rule, let tier):
      "rule `\(rule)` lets nothing pass\(tier.map { " in tier `\($0)`" } ?? ""), because nothing is "
        + "under 0; write a maximum that some payment reaches"
    case .neverBinding(let rule, let tier, let because):
      "rule `\(rule)` never bites\(tier.map { " in tier `\($0)`" } ?? ""), because `\(because)` "
        + "always bites before"
    case .beyondReach(let rule, let tier):
      "rule `\(rule)` never bites\(tier.map { " in tier `\($0)`" } ?? ""), because nothing in a "
        + "ledger is above its maximum"
    case .belowReach(let rule, let tier):
      "rule `\(rule)` never bites\(tier.map { " in tier `\($0)`" } ?? ""), because nothing in a "
        + "ledger is below its minimum"
    case .idleTerm(let rule, let term, let kind):
      "`\(term)` is never the \(kind) of its terms in rule `\(rule)`; take it out"
    case .rollingBesideCalendar(let rule, let other):
      "rule `\(rule)` rolls, and `\(other)` goes by the calendar for the same time; readers will "
        + "take one for the other"
    case .daylightSaving(let rule, let zone):
      "rule `\(rule)` counts by the day in `\(zone)`, where a day has 23 or 25 hours twice a year"
    case .daylightSpan(let rule, let zone):
      "rule `\(rule)` counts by a time of day in `\(zone)`, which is skipped or comes twice there "
        + "where clocks change"
    case .unverifiedAccepted(let cell): "the figure `\(cell)` is unverified"
    case .noLimit(let what): "no rule limits \(what)"
    case .schemeLimitMissing(let rule, let scheme):
      "no rule limits what `\(rule)` of `\(scheme)`, the scheme, does; it binds only while the "
        + "scheme is in force beside this file"
    case .memoryOfKey(let rule, let bytes):
      "rule `\(rule)` may remember \(bytes) bytes for each of what it counts; lower `events` if "
        + "fewer will do"
    case .memoryNeverFreed(let rule):
      "rule `\(rule)` remembers each pair or counterparty for ever; a window that ends takes less"
    case .confusable(let name, let other):
      "`\(name)` is easily read as `\(other)`; rename one"
    case .mixedScript(let word):
      "`\(word)` mixes letters of alphabets that look alike; write it in one"
    case .edgeNotTested(let rule, let tier, let edges):
      "no example tests rule `\(rule)`\(tier.map { " for tier `\($0)`" } ?? "") "
        + "\(edges.joined(separator: ", ")) its edge"
    case .exemptionCovered: "another exemption covers all that this one says; take it out"
    case .exemptionEnded(let rule):
      "the exemption from rule `\(rule)` ends before the rule is in force"
    case .exemptionShadowed(let rule, let other):
      "the exemption from rule `\(rule)` changes nothing, because `\(other)` denies the same"
    default: misplaced
    }
  }

  private static func tier(_ tier: Tier?) -> String { tier.map { "tier `\($0)` " } ?? "" }
}
