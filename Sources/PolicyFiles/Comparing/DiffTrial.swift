import LedgerModel
import LedgerPolicy

/// One arrangement in which two policies may answer differently: who pays whom, how, and when.
struct DiffTrial: Equatable {
  /// One side of the payments.
  struct Party: Equatable {
    /// `nil` for a settlement account.
    var tier: Tier?
    var participant: ParticipantID
    var account: AccountID?
    var isLinked = false
    var settings: [PolicyExample.Setting] = []
    var participantSettings: [PolicyExample.Setting] = []
    var balance: UInt64 = 0
  }

  /// What happens before the payments, once.
  enum Prelude: Equatable {
    case event(EventDefinition)
    /// So many microseconds before.
    case list(before: UInt64)
    /// The payer gets so many minor units from the payee.
    case receive(UInt64)
    /// The subject's attribute is raised, so many microseconds before.
    case raise(PolicyExample.Setting, before: UInt64)
    /// A first payment, so many microseconds before.
    case firstPayment(before: UInt64)
  }

  var operation: Measure.Operation
  /// `nil` where the side is nobody, or is not looked at.
  var payer: Party?
  var payee: Party?
  var channel = Channel(unchecked: "")
  var purpose = Purpose(unchecked: "")
  var signers: [PublicKey] = []
  var start: LedgerTime
  var prelude: [Prelude] = []
  /// How many payers, or payees, take turns on the side that is not limited.
  var turns = 1
  var subjectIsPayer: Bool
  /// Whose second wallet makes, or gets, the payment in question; `nil` where it is the same one.
  var sibling: Sibling?

  enum Sibling: Equatable {
    /// Of the owner, tier and participant that the rule limits.
    case subject
    /// Of the other side.
    case other
  }

  var subject: Party? {
    get { subjectIsPayer ? payer : payee }
    set { if subjectIsPayer { payer = newValue } else { payee = newValue } }
  }

  /// Whether the wallet in question is opened when the payments begin, and not long before.
  private var isOpenedAtStart: Bool {
    prelude.contains {
      if case .event(let event) = $0 { event.trigger == .opened } else { false }
    }
  }

  /// The beginning, as a set can be told it: without the attributes that it does not have.
  func example(for set: RuleSet) -> PolicyExample {
    let parties = [payer, payee].compactMap(\.self)
    var names: [ParticipantID] = []
    for party in parties where !names.contains(party.participant) {
      names.append(party.participant)
    }
    let participants = names.map { name in
      let own = parties.filter { $0.participant == name }
      let account = own.first { $0.tier == nil }
      return PolicyExample.Participant(
        id: name, attributes: own.flatMap(\.participantSettings).filter(set.takes).map(set.bounded),
        balance: account.flatMap { Balance(minorUnits: Int64(clamping: $0.balance)) })
    }
    var wallets: [PolicyExample.Wallet] = []
    for (isPayer, party) in [(true, payer), (false, payee)] {
      guard let party, let tier = party.tier else { continue }
      let isSubject = isPayer == subjectIsPayer
      for turn in 0..<count(isSubject: isSubject) {
        // A second payee's wallet is empty; a second payer's can pay.
        let isEmpty = turn > 0 && !isPayer
        wallets.append(
          PolicyExample.Wallet(
            name: isPayer ? "payer" : "payee", tier: tier,
            balance: isEmpty
              ? .zero : Balance(minorUnits: Int64(clamping: party.balance)) ?? .zero,
            owner: isSubject ? "subject" : "other \(turn)",
            participant: names.firstIndex(of: party.participant) ?? 0,
            attributes: party.settings.filter(set.takes).map(set.bounded),
            isLinked: party.isLinked,
            opened: isSubject && isOpenedAtStart ? start : LedgerTime(microseconds: 1),
            account: turn == 0 ? party.account : nil))
      }
    }
    return PolicyExample(
      name: "", position: SourcePosition(line: 1, column: 1), participants: participants,
      wallets: wallets, steps: [])
  }

  /// How many wallets a side has.
  private func count(isSubject: Bool) -> Int {
    switch sibling {
    case .subject where isSubject, .other where !isSubject: 2
    case nil where !isSubject: turns
    default: 1
    }
  }

  /// The place of a side: wallets of the payer's side come first.
  private func holder(isPayer: Bool, turn: Int, isLast: Bool) -> PolicyExample.Holder? {
    guard let party = isPayer ? payer : payee else { return nil }
    guard party.tier != nil else {
      let isSecond = !isPayer && payer.map { $0.participant != party.participant } ?? false
      return .participant(isSecond ? 1 : 0)
    }
    let isSubject = isPayer == subjectIsPayer
    let count = count(isSubject: isSubject)
    let own = sibling == nil ? turn % count : isLast ? count - 1 : 0
    if isPayer { return .wallet(own) }
    let payers = payer?.tier == nil ? 0 : self.count(isSubject: !isSubject)
    return .wallet(payers + own)
  }

  /// The wallet, or account, of a side before all payments.
  func first(isPayer: Bool) -> PolicyExample.Holder? {
    holder(isPayer: isPayer, turn: 0, isLast: false)
  }

  /// A payment after `turn` others; the one in question is the last.
  func payment(
    _ amount: Amount, turn: Int, isLast: Bool, operation other: Measure.Operation? = nil
  ) -> PolicyExample.Payment {
    let operation = other ?? operation
    return PolicyExample.Payment(
      operation: operation, amount: amount,
      from: operation.payer == .nobody ? nil : holder(isPayer: true, turn: turn, isLast: isLast),
      to: operation.payee == .nobody ? nil : holder(isPayer: false, turn: turn, isLast: isLast),
      channel: channel, purpose: purpose, signers: signers)
  }

  /// A payment the other way.
  func returned(_ amount: Amount) -> PolicyExample.Payment {
    let payment = payment(amount, turn: 0, isLast: false)
    return PolicyExample.Payment(
      operation: operation, amount: amount, from: payment.to, to: payment.from, channel: channel,
      purpose: purpose, signers: signers)
  }
}

extension RuleSet {
  fileprivate func takes(_ setting: PolicyExample.Setting) -> Bool {
    attributes.contains { attribute in
      guard attribute.name == setting.name else { return false }
      switch (attribute.kind, setting.value) {
      case (.amount, .amount): return true
      case (.words(let words), .word(let word)): return words.contains(word)
      case (.amount, .word), (.words, .amount): return false
      }
    }
  }

  /// A setting that the set's ceiling allows.
  fileprivate func bounded(_ setting: PolicyExample.Setting) -> PolicyExample.Setting {
    guard case .amount(let value) = setting.value,
      let attribute = attributes.first(where: { $0.name == setting.name }),
      case .amount(let rule) = attribute.kind
    else { return setting }
    return PolicyExample.Setting(
      name: setting.name, value: .amount(min(value, rule.ceiling ?? .max)))
  }
}
