import LedgerModel

/// Who may pay whom, and how, for a rule to look at the payment.
struct DiffArrangements {
  private let contrast: RuleContrast
  let sets: (old: RuleSet, new: RuleSet)
  let unit: UInt64
  /// The rule, in each set that has it, the new one first.
  let rules: [(rule: Rule, measure: Measure, set: RuleSet)]

  init(_ contrast: RuleContrast, _ sets: (old: RuleSet, new: RuleSet), exponent: Int) {
    self.contrast = contrast
    self.sets = sets
    unit = (0..<exponent).reduce(1) { value, _ in value * 10 }
    rules = [(contrast.new, sets.new), (contrast.old, sets.old)].compactMap { rule, set in
      rule.map { ($0, set.measures[$0.measure], set) }
    }
  }

  /// In order of preference: both sides known before one that is not looked at.
  var all: [DiffTrial] {
    guard !rules.isEmpty else { return unnamedTier }
    var trials: [DiffTrial] = []
    for words in otherWords {
      for tier in tiers {
        for operation in operations {
          for isPayer in sides(operation) {
            for filter in filters {
              for other in others(tier, operation, isPayer, filter) {
                trials += arrange(tier, operation, isPayer, filter, other, words)
              }
            }
          }
        }
      }
    }
    // A side that is not looked at is the last resort.
    return trials.filter { $0.payer != nil && $0.payee != nil }
      + trials.filter { $0.payer == nil || $0.payee == nil }
  }

  /// A wallet of a tier that one set refuses.
  private var unnamedTier: [DiffTrial] {
    guard let tier = contrast.tier else { return [] }
    return [
      DiffTrial(
        operation: .pay,
        payer: .init(
          tier: tier, participant: ParticipantID(unchecked: "bank-a"), balance: 2 * unit),
        payee: nil, start: LedgerTime(microseconds: 1), subjectIsPayer: true)
    ]
  }

  // MARK: Choices

  private static let anyTier = Tier(unchecked: "any")

  private var sharedTiers: [Tier] {
    let (old, new) = (sets.old.tiers, sets.new.tiers)
    if old.isEmpty, new.isEmpty { return [Self.anyTier] }
    if old.isEmpty { return new }
    return new.isEmpty ? old : new.filter(old.contains)
  }

  private var tiers: [Tier] {
    if let tier = contrast.tier { return [tier] }
    // First those for which the caps are not the same.
    let (odd, even) = sharedTiers.reduce(into: ([Tier](), [Tier]())) { lists, tier in
      let old = contrast.old?.cap(of: tier, sets.old.tiers)
      let new = contrast.new?.cap(of: tier, sets.new.tiers)
      if old == nil, new == nil { return }
      if old != new { lists.0.append(tier) } else { lists.1.append(tier) }
    }
    return Array((odd + even).prefix(6))
  }

  private var operations: [Measure.Operation] {
    let lists = rules.map(\.measure.operations)
    let all = Measure.Operation.allCases.filter { operation in
      lists.contains { $0.contains(operation) }
    }
    // What only one of them counts shows the most.
    return all.filter { operation in !lists.allSatisfy { $0.contains(operation) } }
      + all.filter { operation in lists.allSatisfy { $0.contains(operation) } }
  }

  private func sides(_ operation: Measure.Operation) -> [Bool] {
    let draws = rules.contains { $0.rule.drawsShortfall } && operation.payer == .wallet
    let sides = rules.map { operation.sides($0.measure.scope, $0.measure.direction) }
    return [true, false].filter { isPayer in
      (isPayer && draws) || sides.contains { isPayer ? $0.payer : $0.payee }
    }
  }

  struct Choice {
    let filter: PaymentFilter
    /// What the payment should not pass.
    let avoided: PaymentFilter?
  }

  private var filters: [Choice] {
    let all = rules.map(\.measure.filter)
    guard all.count == 2, all[0] != all[1] else { return [Choice(filter: all[0], avoided: nil)] }
    return [
      Choice(filter: all[0], avoided: all[1]), Choice(filter: all[1], avoided: all[0]),
      Choice(filter: all[0], avoided: nil), Choice(filter: all[1], avoided: nil),
    ]
  }

  /// Words of attributes that the rule does not ask for, since another rule that does may be in the
  /// way: none first.
  private var otherWords: [PolicyExample.Setting?] {
    let asked = Set(
      rules.flatMap { $0.measure.filter.payer.attributes + $0.measure.filter.payee.attributes }
        .map(\.attribute))
    var settings: [PolicyExample.Setting] = []
    for attribute in sets.new.attributes + sets.old.attributes {
      guard case .words(let words) = attribute.kind, !asked.contains(attribute.name),
        attribute.name != Attribute.participantClass
      else { continue }
      for word in words {
        let setting = PolicyExample.Setting(name: attribute.name, value: .word(word))
        if !settings.contains(setting) { settings.append(setting) }
      }
    }
    return [nil] + settings.prefix(8).map(Optional.some)
  }

  /// What the other side is; `nobody` where it is not looked at.
  private enum Other {
    case wallet(Tier)
    case settlementAccount
    case nobody
  }

  private func others(
    _ tier: Tier, _ operation: Measure.Operation, _ isPayer: Bool, _ choice: Choice
  ) -> [Other] {
    switch isPayer ? operation.payee : operation.payer {
    case .nobody: return [.nobody]
    case .settlementAccount: return [.settlementAccount, .nobody]
    case .wallet:
      let leg = isPayer ? choice.filter.payee : choice.filter.payer
      let avoided = isPayer ? choice.avoided?.payee : choice.avoided?.payer
      var tiers = sharedTiers.filter { leg.tier?.passes($0) ?? true }
      tiers.sort { one, other in
        // What the other filter does not pass first, then other tiers than the subject's.
        let ranks = [one, other].map { tier2 in
          (avoided?.tier?.passes(tier2) ?? true ? 1 : 0) + (tier2 == tier ? 1 : 0)
        }
        return ranks[0] < ranks[1]
      }
      return tiers.prefix(5).map(Other.wallet) + [.nobody]
    }
  }

  // MARK: Arrangements

  private func arrange(
    _ tier: Tier, _ operation: Measure.Operation, _ isPayer: Bool, _ choice: Choice, _ other: Other,
    _ words: PolicyExample.Setting?
  ) -> [DiffTrial] {
    let filter = choice.filter
    let isWallet = (isPayer ? operation.payer : operation.payee) == .wallet
    let legs = (isPayer ? filter.payer : filter.payee, isPayer ? filter.payee : filter.payer)
    let avoided = (
      isPayer ? choice.avoided?.payer : choice.avoided?.payee,
      isPayer ? choice.avoided?.payee : choice.avoided?.payer
    )
    if isWallet, let test = legs.0.tier, !test.passes(tier) { return [] }
    var subject = party(isWallet ? tier : nil, "bank-a", legs.0, avoided.0)
    if let words, holder(of: words.name) == .wallet { subject.settings.append(words) }
    if let words, holder(of: words.name) == .participant {
      subject.participantSettings.append(words)
    }
    subject.account = contrast.account
    if let participant = contrast.participant { subject.participant = participant }
    var counterpart: DiffTrial.Party? =
      switch other {
      case .wallet(let tier): party(tier, "bank-b", legs.1, avoided.1)
      case .settlementAccount: party(nil, "bank-b", legs.1, avoided.1)
      case .nobody: nil
      }
    guard isOfThisLedger(operation, &subject, &counterpart, legs) else { return [] }
    // The other side's own limits are as high as they may be.
    let high = highSettings
    counterpart?.settings += high.filter { holder(of: $0.name) == .wallet }
    if counterpart?.participant != subject.participant {
      counterpart?.participantSettings += high.filter { holder(of: $0.name) == .participant }
    }
    var trials: [DiffTrial] = []
    for settings in amountSettings {
      for isLinked in linked {
        var own = subject
        own.isLinked = isLinked && isWallet
        own.settings += settings.filter { holder(of: $0.name) == .wallet }
        own.participantSettings += settings.filter { holder(of: $0.name) == .participant }
        var trial = DiffTrial(
          operation: operation, payer: isPayer ? own : counterpart,
          payee: isPayer ? counterpart : own,
          channel: Self.word(filter.channel, choice.avoided?.channel, Channel(unchecked: "other"))
            ?? Channel(unchecked: ""),
          purpose: Self.word(filter.purpose, choice.avoided?.purpose, Purpose(unchecked: "OTHR"))
            ?? Purpose(unchecked: ""),
          start: LedgerTime(microseconds: 1), subjectIsPayer: isPayer)
        for prelude in preludes(operation, choice, settings) {
          trial.prelude = prelude
          for keys in signers {
            trial.signers = keys
            trials.append(trial)
          }
        }
      }
    }
    return trials
  }

  /// Makes the two sides such as the ledger lets act with each other: a wallet is funded and cashed
  /// out by its own participant alone, and a settlement account does not pay itself.
  ///
  /// - Returns: Whether there are such sides.
  private func isOfThisLedger(
    _ operation: Measure.Operation, _ subject: inout DiffTrial.Party,
    _ counterpart: inout DiffTrial.Party?, _ legs: (LegFilter, LegFilter)
  ) -> Bool {
    guard var other = counterpart else { return true }
    guard operation.isWithinParticipant else {
      return operation != .settle || other.participant != subject.participant
    }
    func passes(_ participant: ParticipantID) -> Bool {
      (legs.0.participant?.passes(participant) ?? true)
        && (legs.1.participant?.passes(participant) ?? true)
    }
    let candidates = [contrast.participant ?? subject.participant, other.participant]
    guard let participant = candidates.first(where: passes),
      contrast.participant.map({ $0 == participant }) ?? true
    else { return false }
    subject.participant = participant
    // It has one value of each attribute.
    let known = subject.participantSettings
    let more = other.participantSettings.filter { setting in
      !known.contains { $0.name == setting.name }
    }
    subject.participantSettings += more
    other.participant = participant
    other.participantSettings = []
    counterpart = other
    return true
  }
}
