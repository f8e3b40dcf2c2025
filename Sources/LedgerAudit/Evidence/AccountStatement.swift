import LedgerCore
package import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire
import MerkleLog

/// Every entry of an account up to a commitment to the state, proven to leave nothing out; and what
/// came after it, as claimed.
///
/// - Source: docs/formats/evidence.md, EV-11.
package struct AccountStatement: Hashable, Sendable {
  /// One entry of the account.
  package struct Line: Hashable, Sendable {
    package let sequence: SequenceNumber
    /// After it, in minor units.
    package let balance: Int64

    package init(sequence: SequenceNumber, balance: Int64) {
      self.sequence = sequence
      self.balance = balance
    }
  }

  /// The genesis, the commitment, and each line's entry.
  package let log: ProvenEntries
  package let commitment: SequenceNumber
  package let account: AccountProof
  /// Up to the commitment, in order.
  package let lines: [Line]
  /// Entries of orders from or to the account after it, up to the checkpoint, in order.
  package let later: [SequenceNumber]

  package init(
    log: ProvenEntries, commitment: SequenceNumber, account: AccountProof, lines: [Line],
    later: [SequenceNumber]
  ) {
    self.log = log
    self.commitment = commitment
    self.account = account
    self.lines = lines
    self.later = later
  }

  /// Makes the statement of an account as of the newest commitment under a checkpoint.
  ///
  /// - Parameters:
  ///   - account: Any of the ledger's.
  ///   - prover: Over the log.
  ///   - store: The log.
  ///   - secret: Of its commitments.
  ///   - progress: Called every few thousand entries.
  /// - Returns: The statement.
  /// - Throws: ``EvidenceError``.
  /// - Complexity: O(entries under the checkpoint).
  package static func make(
    of account: AccountID, by prover: LogProver, store: any LedgerStore,
    secret: CommitmentSecret?, progress: (AuditProgress) -> Void = { _ in }
  ) throws(EvidenceError) -> AccountStatement {
    var later: [SequenceNumber] = []
    let committed = try CommittedState(
      prover, in: store, secret: secret, after: { later += Self.orders(of: account, in: $0) },
      progress: progress)
    guard let slot = committed.state.slot(of: account),
      let proof = committed.tree.proof(ofAccount: slot, at: committed.sequence)
    else { throw .noAccount(account) }
    // The batch that the checkpoint ends within may go on after it.
    later.removeAll { $0.value >= prover.checkpoint.checkpoint.size }
    let lines = try Self.lines(of: account, endingAt: proof.leaf.last, in: store)
    return AccountStatement(
      log: try prover.entries([committed.sequence] + lines.map(\.sequence) + later),
      commitment: committed.sequence, account: proof, lines: lines, later: later)
  }

  /// Walks the account's entries backwards, as side data links them.
  private static func lines(
    of account: AccountID, endingAt last: SequenceNumber, in store: any LedgerStore
  ) throws(EvidenceError) -> [Line] {
    var lines: [Line] = []
    var next = last.value == 0 ? nil : last
    while let sequence = next {
      do {
        let sideData = try store.entry(at: sequence).map { Array($0.sideData) } ?? []
        let effects = try SideData(canonicalBytes: sideData).effects
        // Of one entry an account has one effect.
        guard let effect = effects.first(where: { $0.account == account }) else { break }
        lines.append(Line(sequence: sequence, balance: effect.balance.minorUnits))
        next = effect.previous
      } catch {
        throw .history(.log(LogFault(.sideData, at: sequence, "\(error)")))
      }
    }
    return lines.reversed()
  }

  private static func orders(
    of account: AccountID, in batch: SequencedBatch
  ) -> [SequenceNumber] {
    var orders: [SequenceNumber] = []
    for case .submission(let sequenced) in batch.records {
      for applied in sequenced.applied {
        // Not where a waterfall alone moved its money: the order does not name it then.
        let effects = [applied.debit, applied.credit].compactMap(\.self)
        if effects.contains(where: { $0.posting.account == account }) {
          orders.append(applied.sequence)
        }
      }
    }
    return orders
  }
}

extension AccountStatement {
  package static let format = "specie-statement-v1"

  private struct Document: Codable {
    struct Line: Codable {
      let entry: UInt64
      let balance: String

      init(_ line: AccountStatement.Line) {
        entry = line.sequence.value
        balance = String(line.balance)
      }

      func line() throws(EvidenceFault) -> AccountStatement.Line {
        guard let number = Int64(balance), balance == String(number) else {
          throw EvidenceFault(.form, "the balance after entry \(entry) is no number")
        }
        return AccountStatement.Line(sequence: SequenceNumber(entry), balance: number)
      }
    }

    let format: String
    let log: ProvenEntriesDocument
    let commitment: UInt64
    let account: AccountLeafDocument
    /// Where the account's leaf is in its holder's tree.
    let index: UInt64
    let path: [String]
    let holder: HolderPlaceDocument
    let lines: [Line]
    let later: [UInt64]
  }

  /// The file.
  package var json: [UInt8] {
    ProofJSON.encode(
      Document(
        format: Self.format, log: ProvenEntriesDocument(log), commitment: commitment.value,
        account: AccountLeafDocument(account.leaf), index: account.path.index,
        path: account.path.path.map { Base64.encode($0.bytes) },
        holder: HolderPlaceDocument(account.holder), lines: lines.map { Document.Line($0) },
        later: later.map(\.value)))
  }

  /// Reads a file.
  ///
  /// - Throws: ``EvidenceFault`` of the kind `form`.
  package init(json: [UInt8]) throws(EvidenceFault) {
    let document = try ProofJSON.decode(
      Document.self, json, format: Self.format, bytesMax: ProofLimits.statementBytesMax)
    let holder = try document.holder.place()
    self.init(
      log: try document.log.proven(), commitment: SequenceNumber(document.commitment),
      account: AccountProof(
        leaf: try document.account.leaf(),
        path: try InclusionProof(
          base64: document.path, index: document.index, of: holder.leaf.accounts, "path"),
        holder: holder),
      lines: try document.lines.map { line throws(EvidenceFault) in try line.line() },
      later: document.later.map { SequenceNumber($0) })
  }
}
