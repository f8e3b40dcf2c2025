package import LedgerModel
package import LedgerWire
package import MerkleLog

/// What the network needs of the running ledger; ``Ledger`` is the one that runs.
package protocol RunningLedger: Sendable {
  /// Verifies, sequences and makes durable; each delivery's completion is called when it is.
  func submit(_ deliveries: [Delivery])

  /// Decides a submission as it stands now, which is then not taken.
  ///
  /// Its signatures are verified as every submission's.
  func dryRun(_ body: Delivery.Body) async throws(SubmitError) -> DryRun

  /// Returns what a certificate reads now: a revocation holds from the answer to it.
  func access(of certificate: SPKIHash) -> Access
  /// Returns what a reader reads now: nothing unless one of its certificates does.
  func access(of reader: Reader) -> Access

  // What `access` may not see is answered as what does not exist.

  /// Returns what became of an id; `party` is needed only where several parties used it.
  func status(
    of id: InstructionID, party: Party?, for access: Access
  ) throws(ReadError) -> InstructionStatus
  /// Returns the order of an instruction's entry.
  func instruction(
    at sequence: SequenceNumber, for access: Access
  ) throws(ReadError) -> Instruction
  func account(_ id: AccountID, for access: Access) throws(ReadError) -> AccountReading
  /// Returns what an account held.
  ///
  /// - Throws: ``ReadError/notYetPast(time:)``.
  func balance(
    of id: AccountID, for access: Access, at point: LogPoint
  ) throws(ReadError) -> BalanceReading
  /// Returns how much a wallet may still pay.
  ///
  /// - Throws: ``ReadError/notFound`` also for an account that is no wallet.
  func headroom(of id: AccountID, for access: Access) async throws(ReadError) -> HeadroomReading
  /// Returns part of an account's statement: only entries before `before`, one of the account's
  /// own, where it is given.
  func statement(
    of id: AccountID, for access: Access, filter: StatementFilter, before: SequenceNumber?,
    linesMax: Int
  ) throws(ReadError) -> StatementPage
  /// Returns an account's business day.
  ///
  /// - Throws: ``ReadError/notFound`` for a date that is no business day, or has not begun.
  func day(
    _ date: CivilDate, of id: AccountID, for access: Access, before: SequenceNumber?, linesMax: Int
  ) throws(ReadError) -> DayReading
  /// Begins to follow the log.
  ///
  /// - Parameters:
  ///   - after: The entry after which to begin; `nil` for what comes from now on.
  ///   - filter: Which events; an account is one that `access` sees.
  ///   - access: Of who asks.
  /// - Returns: Who hears of them until it is let go.
  /// - Throws: ``ReadError/notFound`` for an account that there is not, or
  ///   ``ReadError/followersFull(max:)``.
  func follow(
    after: SequenceNumber?, _ filter: EventFilter, for access: Access
  ) throws(ReadError) -> EventFollower
  /// Returns participants in order of admission, from the one after `after` on.
  ///
  /// - Throws: ``ReadError/notFound`` where `after` is no participant.
  func participants(
    after: ParticipantID?, countMax: Int, for access: Access
  ) throws(ReadError) -> ParticipantsPage
  /// Returns the registrations of certificates for a reader, in their order; of `nil`, for those
  /// that `access` reads for.
  ///
  /// - Throws: ``ReadError/notFound`` for a reader that is another; ``ReadError/readerNeeded``
  ///   where it is not known who asks.
  func certificates(
    of reader: Reader?, for access: Access
  ) throws(ReadError) -> [CertificateReading]
  /// Returns each currency's money, with what those participants hold that `access` sees.
  func supply(for access: Access) -> [SupplyReading]
  /// The newest signed checkpoint: a C2SP signed note.
  func checkpoint() throws(ReadError) -> [UInt8]
  /// The published checkpoint: the newest that a quorum of the witnesses cosigned, or the newest
  /// signed where there is no policy.
  ///
  /// - Throws: ``ReadError/notYetCovered(size:)`` before there is one.
  func publishedCheckpoint() throws(ReadError) -> [UInt8]
  /// - Throws: ``ReadError/notYetCovered(size:)`` before a checkpoint covers the entry.
  func proof(of sequence: SequenceNumber, for access: Access) throws(ReadError) -> EntryProof
  /// Returns hashes or entries of the log as C2SP tlog-tiles has them, whoever asks.
  ///
  /// - Throws: ``ReadError/notFound`` where the newest checkpoint does not imply the tile.
  func tile(_ tile: Tile) throws(ReadError) -> [UInt8]
  func status() -> ServiceStatus
  var genesis: Genesis { get }
  var id: LedgerID { get }
}

extension RunningLedger {
  /// The same for a caller in this process; returns when it is durable.
  package func submit(_ submission: Submission) async throws(SubmitError) -> SubmissionReceipt {
    let result = await withCheckedContinuation { continuation in
      submit([
        Delivery(from: ConnectionID(0), .read(submission)) { continuation.resume(returning: $0) }
      ])
    }
    return try result.get()
  }
}

/// Why a read has no answer.
package enum ReadError: Error, Hashable, Sendable {
  case notFound
  /// No checkpoint covers it yet; the newest has that size.
  case notYetCovered(size: UInt64)
  case ambiguous(parties: [String])
  /// Whoever asks may not ask about that party's orders.
  case anotherParty(Party)
  /// Whoever asks reads for several, and has to name one.
  case partyNeeded([String])
  /// It is not known who asks, who then has to say of whom.
  case readerNeeded
  case outOfRange(name: String, max: Int)
  /// It is not in the log yet, which has only come to that.
  case notYetPast(time: LedgerTime)
  /// So much is asked that no more may be, or the service ends.
  case busy
  /// As many follow the log as may.
  case followersFull(max: Int)
  /// The entry does not move money of the account.
  case notAnEntry(of: AccountID, at: SequenceNumber)
  case storage(detail: String)

  /// The stable wire name.
  package var code: String {
    switch self {
    case .notFound: "not_found"
    case .notYetCovered: "not_yet_covered"
    case .ambiguous: "ambiguous"
    case .anotherParty: "another_party"
    case .partyNeeded: "party_needed"
    case .readerNeeded: "reader_needed"
    case .outOfRange: "out_of_range"
    case .notYetPast: "not_yet_past"
    case .busy: "busy"
    case .followersFull: "followers_full"
    case .notAnEntry: "not_an_entry"
    case .storage: "storage_failed"
    }
  }
}

extension ReadError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFound: "there is no such thing"
    case .notYetCovered(let size): "no checkpoint covers it yet; the newest has size \(size)"
    case .ambiguous(let parties): "parties \(parties.joined(separator: ", ")) all used the id"
    case .anotherParty(let party): "the certificate does not read for `\(party)`"
    case .partyNeeded(let parties):
      "the certificate reads for \(parties.joined(separator: ", ")); name one with `?party=`"
    case .readerNeeded:
      "name whose certificates with `?reader=`: `issuer`, `auditor` or a participant"
    case .outOfRange(let name, let max): "`\(name)` is out of range; at most `\(max)`"
    case .notYetPast(let time):
      "the log has come to `\(time)`, and what is later may still change; ask again, or name what is "
        + "earlier"
    case .busy: "too much is asked at once, or the server is stopping; try again"
    case .followersFull(let max): "`\(max)` follow the log, all that may; try again later"
    case .notAnEntry(let account, let sequence):
      "entry `\(sequence)` does not move money of account `\(account)`; name one of its own, as "
        + "`next` of a page does"
    case .storage(let detail): detail
    }
  }
}
