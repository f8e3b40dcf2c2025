import LedgerCore
import LedgerModel
import LedgerPolicy

/// All that a ledger shows, to compare two of them.
struct PublicState: Equatable {
  /// All that a ledger shows of one currency.
  struct CurrencyTotals: Equatable {
    let issued: Int128
    let redeemed: Int128
    let held: Int128
    let policy: PolicyEngine
  }

  let time: LedgerTime
  let nextSequence: SequenceNumber
  let liveIDCount: Int
  let currencies: [CurrencyTotals]
  let participants: [ParticipantState]
  let accounts: [AccountState]
  let tiers: [Tier]
  /// Of the issuer, of recovery, and of each participant in order of admission.
  let keys: [[KeyRegistry.Entry]]
  /// Of the issuer, of auditors, and of each participant in order of admission.
  let certificates: [[CertificateRegistry.Entry]]

  init(of ledger: LedgerState) {
    time = ledger.time
    nextSequence = ledger.nextSequence
    liveIDCount = ledger.liveIDCount
    currencies = ledger.currencies.map { currency in
      CurrencyTotals(
        issued: currency.issued, redeemed: currency.redeemed, held: currency.held,
        policy: currency.policy)
    }
    participants = ledger.participants
    accounts = ledger.accounts
    tiers = ledger.tiers
    keys = ledger.parties.map { ledger.keys.entries(of: $0) }
    certificates = ledger.readers.map { ledger.certificates.entries(of: $0) }
  }

  /// The same without what every sequenced instruction changes: its number and its id.
  func isEqualButForIDs(to other: PublicState) -> Bool {
    time == other.time && currencies == other.currencies && participants == other.participants
      && accounts == other.accounts && tiers == other.tiers && keys == other.keys
      && certificates == other.certificates
  }
}

extension PublicState {
  /// The same but for what every batch and every instruction changes.
  func isEqualButForTime(to other: PublicState) -> Bool {
    accounts == other.accounts && participants == other.participants && keys == other.keys
      && certificates == other.certificates
      && currencies.map(\.policy.standing) == other.currencies.map(\.policy.standing)
  }
}

extension LedgerState {
  /// The issuer, recovery, and each participant in order of admission.
  var parties: [Party] { [.issuer, .recovery] + participants.map { .participant($0.id) } }

  /// The issuer, auditors, and each participant in order of admission.
  var readers: [Reader] { [.issuer, .auditor] + participants.map { .participant($0.id) } }
}

/// FNV-1a over text: enough to notice a difference, and nothing more.
struct Fingerprint {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ text: String) {
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    value = (value ^ 0xFF) &* 0x100_0000_01B3
  }

  /// Adds all that the ledger shows, accounts and keys in ascending order.
  mutating func add(_ ledger: LedgerState) {
    add("\(ledger.time) \(ledger.nextSequence) \(ledger.liveIDCount)")
    for currency in ledger.currencies {
      add("\(currency.currency.code) \(currency.issued) \(currency.redeemed) \(currency.held)")
      let sets = currency.policy.inForce
      add(sets.isEmpty ? "no rules" : sets.map { "\($0.pack) \($0.version)" }.joined())
    }
    for participant in ledger.participants.sorted(by: { $0.id < $1.id }) {
      add("\(participant.id) \(participant.name) \(participant.admitted)")
      add("\(participant.isSuspended) \(name(participant.freeze)) \(participant.settlementSlots)")
    }
    for account in ledger.accounts.sorted(by: { $0.id < $1.id }) {
      let tier = account.tier.map { ledger.tiers[Int($0)].text } ?? "-"
      add("\(account.id) \(account.kind) \(account.balance) \(account.available) \(tier)")
      add("\(account.isClosed) \(name(account.freeze)) \(account.entryCount)")
      add("\(account.lastSequence.map(\.description) ?? "-")")
    }
    for party in ledger.parties {
      for entry in ledger.keys.entries(of: party).sorted(by: { $0.key < $1.key }) {
        add("\(party) \(entry.key) \(entry.standing) \(entry.validFrom)")
        add("\(entry.validUntil?.description ?? "-")")
      }
    }
    for reader in ledger.readers {
      for entry in ledger.certificates.entries(of: reader) {
        add("\(reader) \(entry.certificate) \(entry.isRevoked) \(entry.validFrom)")
        add("\(entry.validUntil?.description ?? "-")")
      }
    }
  }

  /// Adds what became of an instruction.
  mutating func add(_ applied: Applied) {
    add("\(applied.sequence) \(describe(applied.outcome))")
    for effect in [applied.debit, applied.credit].compactMap(\.self) + applied.cascade {
      add("\(effect.slot) \(effect.posting.account) \(effect.posting.balance)")
      add("\(effect.posting.previous?.description ?? "-")")
    }
  }

  private func name(_ freeze: FrozenCredits?) -> String {
    switch freeze {
    case nil: "-"
    case .accepted: "accepted"
    case .refused: "refused"
    }
  }

  private func describe(_ outcome: Outcome) -> String {
    switch outcome {
    case .accepted: "accepted"
    case .remarked(let remarks): "accepted, \(remarks)"
    case .duplicate(let first): "duplicate of \(first)"
    case .rejected(.limitExceeded(let breach)): "\(breach)"
    case .rejected(let rejection): rejection.code.rawValue
    }
  }
}
