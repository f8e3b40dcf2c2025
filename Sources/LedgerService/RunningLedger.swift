package import LedgerModel
package import LedgerWire
package import MerkleLog

/// What the network needs of the running ledger; ``Ledger`` is the one that runs.
package protocol RunningLedger: Sendable {
  /// Verifies, sequences and makes durable; each delivery's completion is called when it is.
  func submit(_ deliveries: [Delivery])

  /// Returns what a certificate reads now: a revocation holds from the answer to it.
  func access(of certificate: SPKIHash) -> Access

  // What `access` may not see is answered as what does not exist.

  /// Returns what became of an id; `party` is needed only where several parties used it.
  func status(
    of id: InstructionID, party: Party?, for access: Access
  ) throws(ReadError) -> InstructionStatus
  func account(_ id: AccountID, for access: Access) throws(ReadError) -> AccountReading
  /// Returns part of an account's statement: only entries before `before`, one of the account's
  /// own, where it is given.
  func statement(
    of id: AccountID, for access: Access, before: SequenceNumber?, linesMax: Int
  ) throws(ReadError) -> StatementPage
  /// Returns participants in order of admission, from the one after `after` on.
  ///
  /// - Throws: ``ReadError/notFound`` where `after` is no participant.
  func participants(
    after: ParticipantID?, countMax: Int, for access: Access
  ) throws(ReadError) -> ParticipantsPage
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
  case outOfRange(name: String, max: Int)
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
    case .outOfRange: "out_of_range"
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
    case .outOfRange(let name, let max): "`\(name)` is out of range; at most `\(max)`"
    case .notAnEntry(let account, let sequence):
      "entry `\(sequence)` does not move money of account `\(account)`; name one of its own, as "
        + "`next` of a page does"
    case .storage(let detail): detail
    }
  }
}
