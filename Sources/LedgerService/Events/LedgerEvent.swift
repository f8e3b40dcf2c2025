import LedgerCore
package import LedgerModel
package import LedgerWire

/// An instruction of the durable log, as those hear of it whom it concerns.
package struct LedgerEvent: Sendable {
  package let sequence: SequenceNumber
  package let time: LedgerTime
  /// Who ordered it.
  package let party: Party
  package let instruction: Instruction
  package let outcome: LoggedOutcome
  /// What it did to accounts, which is side data of the accounts' own participants.
  package let effects: [PostingEffect]
  /// Whose accounts it names, where it was accepted, and for whom else it is; in no order.
  package let concerned: Set<Reader>
  /// The accounts that it names or moved money of.
  package let accounts: Set<AccountID>
  /// Whether each reader hears of it.
  package let isForAll: Bool

  package init(
    sequence: SequenceNumber, time: LedgerTime, party: Party, instruction: Instruction,
    outcome: LoggedOutcome, effects: [PostingEffect], concerned: Set<Reader>,
    accounts: Set<AccountID>, isForAll: Bool
  ) {
    self.sequence = sequence
    self.time = time
    self.party = party
    self.instruction = instruction
    self.outcome = outcome
    self.effects = effects
    self.concerned = concerned
    self.accounts = accounts
    self.isForAll = isForAll
  }

  /// Whom it may concern, for those who wait.
  var interests: [EventTail.Interest] {
    [.everything] + accounts.map { .account($0) } + concerned.map { .reader($0) }
      + (isForAll ? [.all] : [])
  }

  /// The same with the side data of those accounts alone.
  func showing(_ mayShow: (AccountID) -> Bool) -> LedgerEvent {
    LedgerEvent(
      sequence: sequence, time: time, party: party, instruction: instruction, outcome: outcome,
      effects: effects.filter { mayShow($0.account) }, concerned: concerned, accounts: accounts,
      isForAll: isForAll)
  }

  /// Whether whoever asks hears of it: as of its entry, but that an event does not name a wallet's
  /// owner, so that the issuer hears of openings, too.
  package func isFor(_ access: Access) -> Bool {
    switch access {
    case .open: true
    case .certificate(let readers):
      access.seesAllAccounts || !readers.isDisjoint(with: concerned)
        || (isForAll && !readers.isEmpty)
    }
  }
}

/// Which events are asked for.
package struct EventFilter: Hashable, Sendable {
  /// Only those that name the account, or moved money of it.
  package var account: AccountID?
  /// Only orders of these names, such as `pay`; `nil` for all.
  package var kinds: Set<String>?

  package init(account: AccountID? = nil, kinds: Set<String>? = nil) {
    self.account = account
    self.kinds = kinds
  }

  /// What wakes who asks so.
  func interests(of access: Access) -> [EventTail.Interest] {
    if let account { return [.account(account)] }
    guard case .certificate(let readers) = access, !access.seesAllAccounts else {
      return [.everything]
    }
    return [.all] + readers.map { .reader($0) }
  }

  func admits(_ event: LedgerEvent) -> Bool {
    (account.map { event.accounts.contains($0) } ?? true)
      && (kinds.map { $0.contains(event.instruction.operation.name) } ?? true)
  }
}
