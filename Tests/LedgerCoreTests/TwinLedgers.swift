import LedgerCore
import LedgerModel
import LedgerPolicy
import LedgerTesting

/// The ledger and its reference, given the same orders; what differs is kept.
struct TwinLedgers {
  var ledger: LedgerState
  var reference: ReferenceLedger
  private let findings = Findings()
  private(set) var codes: Set<RejectionCode> = []
  private(set) var refusals: Set<String> = []
  /// Two rejections that held at once, of which the first was the answer.
  private(set) var pairs: Set<[RejectionCode]> = []
  private(set) var fingerprint = Fingerprint()
  private(set) var acceptedCount = 0
  private(set) var duplicateCount = 0
  private(set) var resentCount = 0
  private(set) var limitedCount = 0

  /// A class, so that a message may read the ledgers while it is kept.
  private final class Findings {
    var messages: [String] = []
  }

  init(genesis: Genesis, at time: LedgerTime = .example) {
    ledger = LedgerState(genesis: genesis, id: .example, at: time)
    reference = ReferenceLedger(genesis: genesis, id: .example, at: time)
  }

  /// Runs one batch through both, and checks all there is to check after each step.
  mutating func run(_ batch: RandomBatch) {
    begin(at: batch.time)
    for submission in batch.submissions { run(submission) }
    ledger.checkTotals()
    compareStates()
    fingerprint.add(ledger)
  }

  mutating func begin(at time: LedgerTime) {
    ledger.begin(at: time)
    reference.begin(at: time)
  }

  mutating func run(_ submission: VerifiedSubmission) {
    let before = PublicState(of: ledger)
    let expected = reference.admit(submission)
    let admission: Admission
    do throws(SubmissionRefusal) {
      admission = try ledger.admit(submission)
    } catch {
      expect(expected == .refused(error), "refused by \(error), expected \(expected)")
      expect(PublicState(of: ledger) == before, "the refusal \(error) changed the state")
      refusals.insert(error.code)
      return
    }
    switch admission {
    case .alreadySequenced(let sequence):
      resentCount += 1
      expect(expected == .alreadySequenced(at: sequence), "sequenced at \(sequence): \(expected)")
      expect(PublicState(of: ledger) == before, "the repeated submission changed the state")
    case .admitted(let admitted):
      expect(expected == .admitted(at: admitted.sequence), "let in: \(expected)")
      expect(admitted.party == submission.statement.party, "let in as \(admitted.party)")
      guard case .admitted = expected else { return }
      for instruction in submission.instructions { run(instruction, in: admitted) }
    }
  }

  /// Runs one instruction through both.
  mutating func run(_ verified: VerifiedInstruction, in submission: AdmittedSubmission) {
    let before = ledger
    let applied = ledger.apply(verified, in: submission)
    let answer = reference.apply(verified, of: submission.party, signers: submission.signers)
    let step = "entry \(applied.sequence), \(verified.instruction.operation)"
    fingerprint.add(applied)
    expect(
      applied.sequence == answer.sequence, "\(step): the reference is at \(answer.sequence)")
    expect(applied.outcome == answer.outcome, "\(step): \(applied.outcome), \(answer.outcome)")
    expect(applied.debit?.posting == answer.debit, "\(step): debit, \(String(describing: answer))")
    expect(applied.credit?.posting == answer.credit, "\(step): credit, \(answer)")
    for effect in [applied.debit, applied.credit].compactMap(\.self) {
      expect(ledger.accounts[effect.slot].id == effect.posting.account, "\(step): another slot")
      expect(ledger.accounts[effect.slot].balance == effect.posting.balance, "\(step): balance")
    }
    switch applied.outcome {
    case .accepted, .remarked: acceptedCount += 1
    case .duplicate: duplicateCount += 1
    case .rejected(let rejection):
      codes.insert(rejection.code)
      if rejection.code == .limitExceeded { limitedCount += 1 }
      for other in answer.holding.dropFirst() { pairs.insert([rejection.code, other.code]) }
    }
    if !applied.outcome.isAccepted {
      let isUnchanged = PublicState(of: ledger).isEqualButForIDs(to: PublicState(of: before))
      expect(isUnchanged, "\(step): \(applied.outcome) changed the state")
      expect(applied.changes.isEmpty, "\(step): a refusal with changes")
    }
    expect(ledger.nextSequence == before.nextSequence.next, "\(step): \(ledger.nextSequence)")
    compareChanges(applied, of: verified.instruction.operation, before: before, step: step)
    ledger.checkInvariants()
  }

  /// What differed, each in a sentence; empty while both agree.
  var differences: [String] { findings.messages }

  private func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { findings.messages.append(message()) }
  }

  /// The changes are exactly what changed but for balances, as it is now.
  private func compareChanges(
    _ applied: Applied, of operation: Operation, before: LedgerState, step: String
  ) {
    var expected: [StateChange] = []
    for (index, participant) in ledger.participants.enumerated()
    where index >= before.participants.count || before.participants[index] != participant {
      expected.append(.participant(index: index, participant))
    }
    for party in ledger.parties
    where ledger.keys.entries(of: party) != before.keys.entries(of: party) {
      expected.append(.keys(party, ledger.keys.entries(of: party)))
    }
    if ledger.readers.contains(where: {
      ledger.certificates.entries(of: $0) != before.certificates.entries(of: $0)
    }) {
      expected.append(.certificates)
    }
    for (slot, account) in ledger.accounts.enumerated()
    where slot >= before.accounts.count || !account.isEqualButForMoney(to: before.accounts[slot]) {
      expected.append(.account(slot: slot, account))
    }
    for (index, currency) in ledger.currencies.enumerated() {
      let standing = currency.policy.standing
      if standing != before.currencies[index].policy.standing {
        expected.append(.rules(currency: index, standing))
      }
    }
    // Setting a wallet's tier to the one it has is an accepted order that changes nothing.
    if case .setWalletTier(let wallet, _) = operation, applied.outcome == .accepted,
      expected.isEmpty, let slot = ledger.slot(of: wallet)
    {
      expected.append(.account(slot: slot, ledger.accounts[slot]))
    }
    expect(applied.changes.count == expected.count, "\(step): \(applied.changes)")
    expect(Set(applied.changes) == Set(expected), "\(step): \(applied.changes)")
  }

  /// Compares all that both show.
  func compareStates() {
    let now = "after entry \(ledger.nextSequence)"
    expect(ledger.nextSequence == reference.nextSequence, "\(now): \(reference.nextSequence)")
    expect(ledger.time == reference.time, "\(now): \(reference.time)")
    expect(ledger.liveIDCount == reference.liveIDCount, "\(now): \(reference.liveIDCount) live ids")
    expect(ledger.tiers == reference.tiers, "\(now): tiers \(reference.tiers)")
    compareAccounts(now)
    let participants = reference.participants
    let shown = ledger.participants.map { participant in
      ReferenceParticipant(
        id: participant.id, name: participant.name, admitted: participant.admitted,
        isSuspended: participant.isSuspended, freeze: participant.freeze)
    }
    expect(shown == participants, "\(now): participants \(participants)")
    for party in ledger.parties {
      let keys = reference.keys(of: party)
      expect(
        ledger.keys.entries(of: party).map { $0.shown(in: keys) } == keys,
        "\(now): keys of \(party), \(keys)")
    }
    for reader in ledger.readers {
      let certificates = reference.certificates(of: reader)
      expect(
        ledger.certificates.entries(of: reader).map { ReferenceCertificate($0) } == certificates,
        "\(now): certificates of \(reader), \(certificates)")
    }
    for state in ledger.currencies {
      let code = state.currency.code
      expect(state.issued == reference.issued(code), "\(now): \(code) issued")
      expect(state.redeemed == reference.redeemed(code), "\(now): \(code) redeemed")
      expect(state.held == state.outstanding, "\(now): \(code) held")
      expect(
        state.policy.inForce == reference.activeRuleSet(of: code).map { [$0] } ?? [],
        "\(now): \(code) rules")
    }
  }

  private func compareAccounts(_ now: String) {
    let accounts = reference.accounts
    expect(ledger.accounts.count == accounts.count, "\(now): \(accounts.count) accounts")
    for (slot, (account, expected)) in zip(ledger.accounts, accounts).enumerated() {
      let shown = ReferenceAccount(
        id: account.id, kind: account.kind,
        participant: account.participant.map { ledger.participants[$0].id },
        currency: ledger.currencies[account.currency].currency.code, owner: account.owner)
      let posting = reference.posting(of: expected.id)
      let freeze = expected.kind == .wallet ? reference.freeze(of: .account(expected.id)) : nil
      expect(shown == expected, "\(now): \(shown), \(expected)")
      expect(ledger.slot(of: expected.id) == slot, "\(now): \(expected.id) is elsewhere")
      expect(Int128(account.balance.minorUnits) == posting?.balance ?? 0, "\(now): \(expected.id)")
      expect(account.available == account.balance, "\(now): \(expected.id) available")
      expect(account.lastSequence == posting?.previous, "\(now): \(expected.id) last")
      expect(account.entryCount == posting?.count ?? 0, "\(now): \(expected.id) count")
      expect(account.isClosed == reference.isClosed(expected.id), "\(now): \(expected.id) closed")
      expect(account.freeze == freeze, "\(now): \(expected.id) frozen")
      let tier = account.tier.map { ledger.tiers[Int($0)] }
      expect(tier == reference.tier(of: expected.id), "\(now): \(expected.id) tier")
    }
  }
}

extension AccountState {
  fileprivate func isEqualButForMoney(to other: AccountState) -> Bool {
    id == other.id && kind == other.kind && participant == other.participant
      && currency == other.currency && owner == other.owner && tier == other.tier
      && held == other.held && isClosed == other.isClosed && freeze == other.freeze
  }
}

extension ReferenceCertificate {
  fileprivate init(_ entry: CertificateRegistry.Entry) {
    self.init(
      certificate: entry.certificate, validFrom: entry.validFrom, validUntil: entry.validUntil,
      isRevoked: entry.isRevoked)
  }
}

extension KeyRegistry.Entry {
  /// The entry as the reference tells it, which also says whether a revoked key was suspended.
  fileprivate func shown(in keys: [ReferenceKey]) -> ReferenceKey {
    var shown = ReferenceKey(key: key, validFrom: validFrom, validUntil: validUntil)
    shown.isRevoked = standing == .revoked
    let former = keys.first { $0.key == key }
    shown.isSuspended =
      standing == .revoked ? former?.isSuspended ?? false : standing == .suspended
    return shown
  }
}
