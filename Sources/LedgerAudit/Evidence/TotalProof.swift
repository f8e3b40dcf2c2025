import LedgerCore
package import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire
import MerkleLog

/// What one holder has in a currency, and, if it likes, in which accounts: nobody else's.
///
/// - Source: docs/formats/evidence.md, EV-10.
package struct TotalProof: Hashable, Sendable {
  /// The genesis and the commitment.
  package let log: ProvenEntries
  package let commitment: SequenceNumber
  package let holder: HolderProof
  /// All accounts of the total, in order of opening; `nil` where they are left out.
  package let accounts: [AccountLeaf]?

  package init(
    log: ProvenEntries, commitment: SequenceNumber, holder: HolderProof, accounts: [AccountLeaf]?
  ) {
    self.log = log
    self.commitment = commitment
    self.holder = holder
    self.accounts = accounts
  }

  /// Proves a holder's total as of the newest commitment under a checkpoint.
  ///
  /// - Parameters:
  ///   - holder: The issuer or a participant.
  ///   - currency: One of the ledger's; `nil` for its only one.
  ///   - withAccounts: Whether every account's leaf goes along.
  ///   - prover: Over the log.
  ///   - store: The log.
  ///   - secret: Of its commitments.
  ///   - progress: Called every few thousand entries.
  /// - Returns: The proof.
  /// - Throws: ``EvidenceError``.
  package static func make(
    of holder: HolderName, _ currency: CurrencyCode?, withAccounts: Bool, by prover: LogProver,
    store: any LedgerStore, secret: CommitmentSecret?,
    progress: (AuditProgress) -> Void = { _ in }
  ) throws(EvidenceError) -> TotalProof {
    let committed = try CommittedState(prover, in: store, secret: secret, progress: progress)
    let all = committed.state.genesis.currencies
    guard let currency = currency ?? (all.count == 1 ? all.first?.code : nil) else {
      throw .currencyNeeded(all.map(\.code))
    }
    guard
      let proof = committed.tree.proof(ofHolder: holder, currency, at: committed.sequence),
      let leaves = committed.tree.leaves(of: holder, currency)
    else { throw .noHolder("\(holder) in \(currency)") }
    return TotalProof(
      log: try prover.entries([committed.sequence]), commitment: committed.sequence,
      holder: proof, accounts: withAccounts ? leaves : nil)
  }

  /// Checks everything that the file says.
  ///
  /// - Parameter trust: What the auditor pins.
  /// - Returns: The entries that the total is proven by.
  /// - Throws: ``EvidenceFault``.
  /// - Complexity: O(accounts).
  package func check(_ trust: AuditTrust) throws(EvidenceFault) -> VerifiedEntries {
    let verified = try log.verify(trust)
    try verified.checkAllNeeded(for: [commitment])
    let commitment = try verified.commitment(commitment)
    guard let root = holder.root, Bytes32(root) == commitment.root else {
      throw EvidenceFault(.commitment, "the total is not what the log commits to")
    }
    guard let accounts else { return verified }
    guard UInt64(accounts.count) == holder.place.leaf.accounts,
      TreeHash.root(of: accounts.map(\.hash)) == holder.place.leaf.root
    else {
      throw EvidenceFault(
        .commitment, "the accounts are not the \(holder.place.leaf.accounts) of the holder")
    }
    let sum = accounts.reduce(Int128(0)) { $0 + Int128($1.balance) }
    guard sum == holder.total.total else {
      throw EvidenceFault(
        .commitment, "the accounts have \(sum), and the total is \(holder.total.total)")
    }
    return verified
  }
}

extension HolderName: CustomStringConvertible {
  package var description: String {
    switch self {
    case .issuer: "issuer"
    case .participant(let id): id.text
    }
  }
}

extension TotalProof {
  package static let format = "specie-total-v1"

  private struct Document: Codable {
    let format: String
    let log: ProvenEntriesDocument
    let commitment: UInt64
    let total: String
    let blind: String
    let holder: HolderPlaceDocument
    let accounts: [AccountLeafDocument]?
  }

  /// The file.
  package var json: [UInt8] {
    ProofJSON.encode(
      Document(
        format: Self.format, log: ProvenEntriesDocument(log), commitment: commitment.value,
        total: String(holder.total.total), blind: Base64.encode(holder.total.blind.bytes),
        holder: HolderPlaceDocument(holder.place),
        accounts: accounts?.map { AccountLeafDocument($0) }))
  }

  /// Reads a file.
  ///
  /// - Throws: ``EvidenceFault`` of the kind `form`.
  package init(json: [UInt8]) throws(EvidenceFault) {
    let document = try ProofJSON.decode(
      Document.self, json, format: Self.format, bytesMax: ProofLimits.statementBytesMax)
    guard let total = Int128(document.total), document.total == String(total) else {
      throw EvidenceFault(.form, "`total` is no number of minor units")
    }
    var accounts: [AccountLeaf]?
    if let documents = document.accounts {
      var leaves: [AccountLeaf] = []
      for document in documents { leaves.append(try document.leaf()) }
      accounts = leaves
    }
    self.init(
      log: try document.log.proven(), commitment: SequenceNumber(document.commitment),
      holder: HolderProof(
        total: HolderTotal(
          total: total, blind: try Base64Field.digest(document.blind, "blind")),
        place: try document.holder.place()),
      accounts: accounts)
  }
}
