import LedgerCore
import LedgerModel
import LedgerWire

// Which entries of the log are shown to whom. They hold bank names, pseudonyms and amounts, and one
// cannot be shown in part: its bytes are what the log proves.

extension DurableView {
  /// For whom a certificate reads now.
  func access(of certificate: SPKIHash, at now: LedgerTime) -> Access {
    withState { state in
      .certificate(Set(state.certificates.readers(of: certificate, at: max(now, state.time))))
    }
  }

  /// Whether an entry may be shown.
  ///
  /// - Throws: ``ReadError/storage(detail:)``.
  /// - Complexity: Entries of one submission are read where its accounts do not decide.
  func mayShow(_ entry: LogEntry, to access: Access) throws(ReadError) -> Bool {
    guard !access.isAuditor else { return true }
    switch entry.body {
    case .genesis: return true
    case .system: return access.isReader
    case .submission(let bytes, _):
      guard let statement = try? Statement(canonicalBytes: bytes) else { return false }
      // The officers' signatures are what others' keys rest on.
      return mayShowOrders(of: statement.party, to: access)
    case .instruction(let bytes, let outcome):
      guard let instruction = try? Instruction(canonicalBytes: bytes) else { return false }
      switch instruction.operation.audience {
      case .readers: return access.isReader
      case .reader(let reader): return access.sees(reader)
      case .participant:
        return try isParticipants(entry, access)
      case .parties(let accounts, let participants):
        if access.seesAllAccounts { return true }
        let isNamed =
          participants.contains { access.sees($0) } || accounts.contains { isOwn($0, access) }
        if outcome.isAccepted, isNamed { return true }
        return try isParticipants(entry, access)
      }
    }
  }

  /// Whether what is kept of an account beside an entry may be shown.
  func mayShowSideData(of account: AccountID, to access: Access) -> Bool {
    guard case .certificate(let readers) = access, !access.isAuditor else { return true }
    return withState { state in
      guard let slot = state.slots.slot(of: account, in: state.accounts),
        let participant = state.accounts[slot].participant
      else { return false }
      return readers.contains(.participant(state.participants[participant].id))
    }
  }

  private func mayShowOrders(of party: Party, to access: Access) -> Bool {
    switch party {
    case .issuer, .recovery: access.isReader
    case .participant(let id): access.sees(id)
    }
  }

  private func isOwn(_ account: AccountID, _ access: Access) -> Bool {
    withState { state in
      guard let slot = state.slots.slot(of: account, in: state.accounts),
        let participant = state.accounts[slot].participant
      else { return false }
      return access.sees(state.participants[participant].id)
    }
  }

  /// Whether a participant that is asked for ordered it.
  private func isParticipants(_ entry: LogEntry, _ access: Access) throws(ReadError) -> Bool {
    guard case .certificate(let readers) = access,
      case .participant(let id) = try party(thatOrdered: entry.sequence)
    else { return false }
    return readers.contains(.participant(id))
  }

  /// Looks for the submission that an instruction follows.
  private func party(thatOrdered sequence: SequenceNumber) throws(ReadError) -> Party {
    var end = sequence.value
    let first = sequence.value - min(sequence.value, UInt64(Limits.instructionsPerSubmissionMax))
    while end > first {
      let start = end - min(end - first, 256)
      let found = try entries(from: SequenceNumber(start), count: Int(end - start))
      for logged in found.reversed() {
        if case .submission(let bytes, _) = logged.entry.body,
          let statement = try? Statement(canonicalBytes: bytes)
        {
          return statement.party
        }
      }
      end = start
    }
    throw .storage(detail: "entry \(sequence) follows no submission")
  }
}

extension Access {
  /// Whether it reads for a reader, or for the issuer.
  fileprivate func sees(_ reader: Reader) -> Bool {
    switch self {
    case .open: true
    case .certificate(let readers): readers.contains(reader) || seesAllAccounts
    }
  }
}

extension LedgerModel.Operation {
  /// Whom an order's entry is for, beside auditors.
  fileprivate enum Audience {
    /// Each reader.
    case readers
    case reader(Reader)
    /// The participant that ordered it, and not the issuer: it names a wallet's owner.
    case participant
    /// The issuer, the participant that ordered it, and once it is accepted those whom it names.
    case parties([AccountID], [ParticipantID])
  }

  fileprivate var audience: Audience {
    switch self {
    case .admitParticipant, .suspendParticipant, .reinstateParticipant, .registerKey, .rotateKey,
      .suspendKey, .reinstateKey, .revokeKey, .replaceOfficers, .activateRuleSet, .withdrawRuleSet,
      .confirmClock:
      .readers
    case .registerCertificate(let order): .reader(order.reader)
    case .revokeCertificate(let order): .reader(order.reader)
    case .openWallet: .participant
    case .setParticipantAttribute(let order): .parties([], [order.participant])
    case .setWalletTier(let wallet, _), .closeWallet(let wallet): .parties([wallet], [])
    case .setWalletAttribute(let order): .parties([order.wallet], [])
    case .linkAccount(let wallet, _), .recordEvent(_, of: let wallet): .parties([wallet], [])
    case .listPayee(let order), .unlistPayee(let order): .parties([order.wallet], [])
    case .freeze(let order): order.target.audience
    case .unfreeze(let target, _): target.audience
    case .issue(let order): .parties([order.payee], [])
    case .redeem(let order): .parties([order.payer], [])
    case .settle(let order), .fund(let order), .pay(let order), .cashOut(let order):
      .parties([order.payer, order.payee], [])
    }
  }
}

extension FreezeTarget {
  fileprivate var audience: LedgerModel.Operation.Audience {
    switch self {
    case .account(let account): .parties([account], [])
    case .participant(let id): .parties([], [id])
    }
  }
}
