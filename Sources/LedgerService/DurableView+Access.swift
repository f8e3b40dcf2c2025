import LedgerCore
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

// Which entries of the log are shown to whom. They hold bank names, pseudonyms and amounts, and one
// cannot be shown in part: its bytes are what the log proves.

extension DurableView {
  /// For whom a certificate reads now.
  ///
  /// - Parameters:
  ///   - certificate: Of a connection.
  ///   - now: By the wall clock; `nil` where that is in doubt, and ledger time alone counts.
  /// - Returns: What it sees.
  func access(of certificate: SPKIHash, at now: LedgerTime?) -> Access {
    withState { state in
      .certificate(
        state.certificates.readers(of: certificate, at: max(now ?? state.time, state.time)))
    }
  }

  /// What a reader reads now: what is its own, as long as one of its certificates reads at all.
  ///
  /// - Complexity: O(certificates of the reader).
  func access(of reader: Reader, at now: LedgerTime?) -> Access {
    withState { state in
      let time = max(now ?? state.time, state.time)
      let reads = state.certificates.entries(of: reader).contains { entry in
        state.certificates.readers(of: entry.certificate, at: time).contains(reader)
      }
      return .certificate(reads ? [reader] : [])
    }
  }

  func certificates(
    of reader: Reader?, for access: Access
  ) throws(ReadError) -> [CertificateReading] {
    let readers: [Reader]
    switch (reader, access) {
    case (let reader?, _):
      guard access.seesAllAccounts || access.sees(reader) else { throw .notFound }
      readers = [reader]
    case (nil, .open): throw .readerNeeded
    case (nil, .certificate(let own)): readers = own.sorted { $0.description < $1.description }
    }
    return withState { state in
      readers.flatMap { reader in
        state.certificates.entries(of: reader).map {
          CertificateReading(reader: reader, entry: $0)
        }
      }
    }
  }

  /// Whether an entry may be shown.
  ///
  /// Whoever ordered something sees it, and those whom it concerns once it is accepted. What holds
  /// a wallet's owner is shown to who ordered it and to auditors alone.
  ///
  /// - Throws: ``ReadError/storage(detail:)``.
  /// - Complexity: Entries of one submission are read where its accounts do not decide.
  func mayShow(_ entry: LogEntry, to access: Access) throws(ReadError) -> Bool {
    guard !access.isAuditor else { return true }
    switch entry.body {
    case .genesis: return true
    case .system: return access.isReader
    case .submission(let bytes, _):
      guard access.isReader, let statement = try? Statement(canonicalBytes: bytes) else {
        return false
      }
      if access.sees(statement.party) { return true }
      guard !statement.party.isParticipant else { return false }
      // The officers' signatures, on what a bank sees: others' keys rest on some of these.
      for logged in try entries(from: entry.sequence.next, count: statement.count) {
        if try mayShowInstruction(logged.entry, by: statement.party, to: access) { return true }
      }
      return false
    case .instruction: return try mayShowInstruction(entry, by: nil, to: access)
    }
  }

  /// - Parameters:
  ///   - entry: An instruction's.
  ///   - orderer: Whose; `nil` where that is to be looked for.
  ///   - access: Of who asks.
  /// - Returns: Whether the entry concerns who asks, as an order or by what it names.
  /// - Throws: ``ReadError`` where the submission that ordered it cannot be read.
  private func mayShowInstruction(
    _ entry: LogEntry, by orderer: Party?, to access: Access
  ) throws(ReadError) -> Bool {
    guard access.isReader, case .instruction(let bytes, let outcome) = entry.body,
      let operation = try? Instruction(canonicalBytes: bytes).operation
    else { return false }
    func party() throws(ReadError) -> Party {
      if let orderer { return orderer }
      return try self.party(thatOrdered: entry.sequence)
    }
    if access.seesAllAccounts {
      guard case .openWallet = operation else { return true }
      // It reads for the bank that opened it, too.
      guard case .participant(let id) = try party() else { return true }
      return access.sees(Reader.participant(id))
    }
    switch operation.audience {
    case .readers: if try !party().isParticipant { return true }
    case .named(let accounts, let readers):
      let isNamed = readers.contains { access.sees($0) } || accounts.contains { isOwn($0, access) }
      if outcome.isAccepted, isNamed { return true }
    }
    return access.sees(try party())
  }

  /// The order of an instruction's entry.
  ///
  /// - Throws: ``ReadError/notFound`` for another entry, and for one that may not be shown.
  func instruction(
    at sequence: SequenceNumber, for access: Access
  ) throws(ReadError) -> Instruction {
    guard sequence.value < head.tree.size else { throw .notFound }
    let entry = try entry(at: sequence).entry
    guard case .instruction(let bytes, _) = entry.body, try mayShow(entry, to: access),
      let instruction = try? Instruction(canonicalBytes: bytes)
    else { throw .notFound }
    return instruction
  }

  /// Whether what is kept of an account beside an entry may be shown.
  func mayShowSideData(of account: AccountID, to access: Access) -> Bool {
    access.isAuditor || isOwn(account, access)
  }

  /// Whether an account is that of a participant for which the certificate reads.
  private func isOwn(_ account: AccountID, _ access: Access) -> Bool {
    holder(of: account).map { access.sees(Reader.participant($0)) } ?? false
  }

  /// Whose an account is; `nil` for an issuance account, and for one that there is not.
  func holder(of account: AccountID) -> ParticipantID? {
    withState { state in
      guard let slot = state.slots.slot(of: account, in: state.accounts) else { return nil }
      return state.accounts[slot].participant.map { state.participants[$0].id }
    }
  }

  /// Looks for the submission that an instruction follows.
  func party(thatOrdered sequence: SequenceNumber) throws(ReadError) -> Party {
    var end = sequence.value
    let first = sequence.value - min(sequence.value, UInt64(Limits.instructionsPerSubmissionMax))
    while end > first {
      let last = SequenceNumber(end - 1)
      let row = try storage { () throws(StoreError) in try store.rows(from: last, rowsMax: 1) }
        .first
      guard let row, row.first.value < end else { break }
      let layout = try storage { () throws(StoreError) in try row.layout() }
      for place in layout.entries.prefix(Int(end - row.first.value)).reversed() {
        guard let entry = try? LogEntry(canonicalBytes: Array(row.entries[place])),
          case .submission(let bytes, _) = entry.body
        else { continue }
        guard let statement = try? Statement(canonicalBytes: bytes) else { break }
        return statement.party
      }
      end = row.first.value
    }
    throw .storage(detail: "entry \(sequence) follows no submission")
  }
}

extension Party {
  /// Whether a participant acts, and not the officers, of whatever quorum.
  var isParticipant: Bool { if case .participant = self { true } else { false } }
}

extension LedgerModel.Operation {
  /// Whom an order's entry is for, beside who ordered it, the issuer and auditors.
  enum Audience {
    /// Each reader, where the officers ordered it.
    case readers
    /// Whose accounts those are, and those readers, once it is accepted.
    case named([AccountID], [Reader])
  }

  var audience: Audience {
    switch self {
    case .admitParticipant, .suspendParticipant, .reinstateParticipant, .registerKey, .rotateKey,
      .suspendKey, .reinstateKey, .revokeKey, .replaceOfficers, .activateRuleSet, .withdrawRuleSet,
      .confirmClock:
      .readers
    case .registerCertificate(let order): .named([], [order.reader])
    case .revokeCertificate(let order): .named([], [order.reader])
    // It names its owner.
    case .openWallet: .named([], [])
    case .setParticipantAttribute(let order): .named([], [.participant(order.participant)])
    case .setWalletTier(let wallet, _), .closeWallet(let wallet): .named([wallet], [])
    case .setWalletAttribute(let order): .named([order.wallet], [])
    case .linkAccount(let wallet, _), .recordEvent(_, of: let wallet): .named([wallet], [])
    case .listPayee(let order), .unlistPayee(let order): .named([order.wallet], [])
    case .freeze(let order): order.target.audience
    case .unfreeze(let target, _): target.audience
    case .issue(let order): .named([order.payee], [])
    case .redeem(let order): .named([order.payer], [])
    case .settle(let order), .fund(let order), .pay(let order), .cashOut(let order):
      .named([order.payer, order.payee], [])
    }
  }
}

extension FreezeTarget {
  fileprivate var audience: LedgerModel.Operation.Audience {
    switch self {
    case .account(let account): .named([account], [])
    case .participant(let id): .named([], [.participant(id)])
    }
  }
}
