import LedgerModel

/// Says in words what happened in a trial.
struct DiffWords {
  private let old: CompiledPolicy
  private let new: CompiledPolicy
  /// The amounts that the caps are made of.
  private let asked: Set<AttributeName>
  /// In which instants are told.
  private let zone: TimeZoneTable?

  init(
    _ old: CompiledPolicy, _ new: CompiledPolicy, _ contrast: RuleContrast, zone: TimeZoneTable?
  ) {
    (self.old, self.new) = (old, new)
    let caps = [contrast.old, contrast.new].compactMap(\.self).flatMap(\.caps.all)
    asked = Set(caps.flatMap(\.attributes))
    self.zone = zone
  }

  func example(_ witness: DiffRun.Witness, isJoint: Bool) -> PolicyDiff.Example {
    let trial = witness.trial
    var parties: [String] = []
    if let payer = trial.payer { parties.append("the payer is \(party(payer))") }
    if let payee = trial.payee {
      let many = trial.turns > 1 ? ", one of \(trial.turns)" : ""
      parties.append("the payee is \(party(payee))\(many)")
    }
    let channel = trial.channel.text.isEmpty ? "" : ", channel \(trial.channel)"
    let purpose = trial.purpose.text.isEmpty ? "" : ", purpose \(trial.purpose)"
    let signers = trial.signers.count
    let signed =
      signers == 0 ? "" : ", signed by \(DecimalAmount.count(signers, "key")) of a group"
    let history =
      trial.prelude.map { text($0, trial.start) }
      + witness.history.map { entry in
        let times = entry.count == 1 ? "" : "\(entry.count) times "
        return "\(instant(entry.at)) \(times)\(trial.operation.word) \(amount(entry.amount))"
          + channel + purpose
      } + (witness.event.map { ["event \($0.name)"] } ?? [])
    return PolicyDiff.Example(
      parties: parties, history: history,
      payment: "\(instant(witness.at)) \(trial.operation.word) \(amount(witness.amount))"
        + channel + purpose + signed + sibling(trial),
      before: text(witness.old, old), after: text(witness.new, new), isJoint: isJoint)
  }

  private func sibling(_ trial: DiffTrial) -> String {
    guard let sibling = trial.sibling else { return "" }
    let isPayer = (sibling == .subject) == trial.subjectIsPayer
    let whose = sibling == .subject ? "of the same owner" : "of another owner"
    return "\(isPayer ? ", from" : ", to") a second wallet \(whose)"
  }

  private func instant(_ time: LedgerTime) -> String { zone?.localTime(time) ?? time.description }

  private func amount(_ amount: Amount) -> String {
    DecimalAmount.grouped(Int128(amount.minorUnits), exponent: new.exponent)
  }

  private func party(_ party: DiffTrial.Party) -> String {
    let balance = DecimalAmount.grouped(Int128(party.balance), exponent: new.exponent)
    let isAny = old.ruleSet.tiers.isEmpty && new.ruleSet.tiers.isEmpty
    var text =
      party.tier.map { "a wallet\(isAny ? "" : " of tier \($0)") at \(party.participant)" }
      ?? "\(party.participant)'s settlement account"
    text += ", which holds \(balance)"
    if let account = party.account { text += ", account \(account)" }
    if party.isLinked { text += ", with a linked account" }
    let settings = shown(party).map { setting in
      "\(setting.name) \(value(setting))"
    }
    return text + settings.map { ", \($0)" }.joined()
  }

  /// Without what is only set so that it is not in the way.
  private func shown(_ party: DiffTrial.Party) -> [PolicyExample.Setting] {
    (party.settings + party.participantSettings).filter { setting in
      if case .amount = setting.value { asked.contains(setting.name) } else { true }
    }
  }

  private func value(_ setting: PolicyExample.Setting) -> String {
    switch setting.value {
    case .word(let word): return word.text
    case .amount(let amount):
      let ceilings = (old.ruleSet.attributes + new.ruleSet.attributes).compactMap { attribute in
        if attribute.name == setting.name, case .amount(let rule) = attribute.kind {
          rule.ceiling
        } else {
          nil
        }
      }
      return ceilings.contains { $0 < amount }
        ? "as high as it may be" : DecimalAmount.grouped(Int128(amount), exponent: new.exponent)
    }
  }

  private func text(_ prelude: DiffTrial.Prelude, _ start: LedgerTime) -> String {
    switch prelude {
    case .event(let event) where event.trigger == .opened:
      "\(instant(start)) the wallet is opened"
    case .event(let event): "event \(event.name)"
    case .receive(let amount):
      "the payer gets "
        + "\(DecimalAmount.grouped(Int128(amount), exponent: new.exponent)) from the payee"
    case .raise(let setting, let before):
      "the order to set \(setting.name) to \(value(setting)) is given "
        + (before == 0 ? "just before" : "\(PolicyWords.duration(before)) before")
    case .list(let before): "the payer listed the payee \(PolicyWords.duration(before)) before"
    case .firstPayment(let before):
      "the payer first paid the payee \(PolicyWords.duration(before)) before"
    }
  }

  private func text(_ answer: DiffRun.Answer, _ policy: CompiledPolicy) -> String {
    func money(_ value: Int128) -> String {
      DecimalAmount.grouped(value, exponent: policy.exponent)
    }
    switch answer {
    case .permit(let flags, let swept, let drawn):
      return "permitted"
        + (flags.isEmpty
          ? "" : ", flagged by \(PolicyWords.list(flags.map(\.text), "and"))")
        + (swept == 0 ? "" : ", and \(money(Int128(swept))) goes on to the linked account")
        + (drawn == 0 ? "" : ", and \(money(Int128(drawn))) is drawn from the linked account")
    case .unknownTier: return "denied, since the tier is not named"
    case .insufficientFunds: return "refused for want of money"
    case .deny(let breach):
      switch breach.reason {
      case .undecidable: return "denied by \(breach.rule), whose number was never set"
      case .memoryFull(let max):
        return "denied by \(breach.rule), which remembers "
          + DecimalAmount.count(max, "payment")
      case .approvalMissing(let required, let signed):
        return "denied by \(breach.rule) for want of signatures: \(signed) of \(required)"
      case .exceeded:
        return "denied by \(breach.rule)" + (left(breach, policy).map { ", \($0) left" } ?? "")
      }
    }
  }

  private func left(_ breach: LimitBreach, _ policy: CompiledPolicy) -> String? {
    let set = policy.ruleSet
    guard let rule = set.rules.first(where: { $0.id == breach.rule }),
      DraftRule(rule, of: set, at: SourcePosition(line: 1, column: 1)).hasHeadroom
    else { return nil }
    let limit = Int128(breach.limit) - (rule.comparison == .under ? 1 : 0)
    return MeasureWords(set, exponent: policy.exponent)
      .value(max(0, limit - breach.used), set.measures[rule.measure].quantity)
  }
}
