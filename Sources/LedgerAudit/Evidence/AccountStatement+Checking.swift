import LedgerLog
package import LedgerModel
import LedgerWire
import MerkleLog

/// A statement that has been checked.
package struct CheckedStatement: Hashable, Sendable {
  /// One line: what an order did to the account.
  package struct Line: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let time: LedgerTime
    package let instruction: Instruction
    /// What the entry changed the balance by, in minor units.
    package let change: Int64
    package let balance: Int64
    /// What of the change a linked account gave or took: the log shows it by the balance alone.
    package let linked: Int64
  }

  package let ledger: LedgerID
  package let genesis: Genesis
  package let checkpointSize: UInt64
  package let witnesses: [String]
  package let account: AccountID
  /// Its participant's code, or `issuer`.
  package let holder: String
  package let currency: Currency
  package let commitment: SequenceNumber
  package let committedAt: LedgerTime
  /// All that the account has up to the commitment.
  package let lines: [Line]
  /// In the log, too; but whether there are more is claimed, not proven.
  package let later: [Line]

  /// As committed, in minor units.
  package var balance: Int64 { lines.last?.balance ?? 0 }
}

extension AccountStatement {
  /// Checks everything that the file says.
  ///
  /// - Parameter trust: What the auditor pins.
  /// - Returns: The lines.
  /// - Throws: ``EvidenceFault``, of the first part that does not hold.
  /// - Complexity: O(lines · log size).
  package func check(_ trust: AuditTrust) throws(EvidenceFault) -> CheckedStatement {
    let verified = try log.verify(trust)
    let committed = try verified.commitment(commitment)
    guard let root = account.root, Bytes32(root) == committed.root else {
      throw EvidenceFault(.commitment, "the account's leaf is not what the log commits to")
    }
    let leaf = account.leaf
    guard UInt64(lines.count) == leaf.count, lines.last?.sequence.value ?? 0 == leaf.last.value
    else {
      throw EvidenceFault(
        .lines,
        "it has \(lines.count) lines, and the account \(leaf.count) entries, the last at "
          + "\(leaf.last)")
    }
    let hash = lines.reduce(Digest.zero) { SHA256.hash($0, $1.sequence.value) }
    guard hash == leaf.runningHash else {
      throw EvidenceFault(.lines, "its lines are not the entries that the account has")
    }
    guard lines.last?.balance ?? 0 == leaf.balance else {
      throw EvidenceFault(.lines, "its last balance is not the \(leaf.balance) of the commitment")
    }
    guard lines.last.map({ $0.sequence < commitment }) ?? true,
      later.first.map({ $0.sequence > commitment }) ?? true
    else { throw EvidenceFault(.lines, "its lines are on the wrong side of the commitment") }
    guard
      let currency = verified.genesis.currencies.first(where: {
        $0.code == account.holder.leaf.currency
      })
    else { throw EvidenceFault(.form, "the ledger has no such currency") }
    var balance: Int64 = 0
    let checked = try self.checked(lines, in: verified, from: &balance)
    return CheckedStatement(
      ledger: verified.ledger, genesis: verified.genesis,
      checkpointSize: verified.checkpoint.checkpoint.size,
      witnesses: verified.checkpoint.cosignatures.map(\.key.name.description),
      account: leaf.account, holder: account.holder.leaf.holder.description,
      currency: currency, commitment: commitment,
      committedAt: try verified.entry(commitment).time, lines: checked,
      later: try self.checked(later, in: verified, from: &balance))
  }

  private func checked(
    _ lines: [Line], in verified: VerifiedEntries, from balance: inout Int64
  ) throws(EvidenceFault) -> [CheckedStatement.Line] {
    var checked: [CheckedStatement.Line] = []
    checked.reserveCapacity(lines.count)
    for line in lines {
      guard checked.last.map({ $0.sequence < line.sequence }) ?? true else {
        throw EvidenceFault(.lines, "its lines do not ascend at entry \(line.sequence)")
      }
      checked.append(try check(line, in: verified, from: balance))
      balance = line.balance
    }
    return checked
  }

  private func check(
    _ line: Line, in verified: VerifiedEntries, from before: Int64
  ) throws(EvidenceFault) -> CheckedStatement.Line {
    let entry = try verified.entry(line.sequence)
    guard case .instruction(let bytes, let outcome) = entry.body, outcome.isAccepted,
      let instruction = try? Instruction(canonicalBytes: bytes),
      let movement = instruction.operation.movement
    else { throw EvidenceFault(.lines, "entry \(line.sequence) moved no money") }
    let (change, overflow) = line.balance.subtractingReportingOverflow(before)
    guard !overflow, let amount = Int64(exactly: movement.amount) else {
      throw EvidenceFault(.lines, "entry \(line.sequence) changes the balance by what none can")
    }
    let isIssuance = account.holder.leaf.holder == .issuer
    let direct: Int64 =
      if movement.payer.map({ $0 == account.leaf.account }) ?? isIssuance {
        -amount
      } else if movement.payee.map({ $0 == account.leaf.account }) ?? isIssuance {
        amount
      } else {
        // Neither side of the order: an account that a wallet is linked to.
        0
      }
    return CheckedStatement.Line(
      sequence: line.sequence, time: entry.time, instruction: instruction, change: change,
      balance: line.balance, linked: change - direct)
  }
}
