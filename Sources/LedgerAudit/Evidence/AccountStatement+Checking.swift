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
    /// What of the change a linked account gave or took, in minor units.
    package let linked: Int128
  }

  /// An order after the commitment that names the account.
  package struct LaterOrder: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let time: LedgerTime
    package let instruction: Instruction
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
  /// In the log, too; whether there are more, and what the account has after them, is not proven.
  package let later: [LaterOrder]

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
    try verified.checkAllNeeded(for: [commitment] + lines.map(\.sequence) + later)
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
    let hash = lines.reduce(Digest.zero) {
      AccountLeaf.runningHash($0, $1.sequence, balance: $1.balance)
    }
    guard hash == leaf.runningHash else {
      throw EvidenceFault(.lines, "its lines are not the entries and balances that the account has")
    }
    guard lines.last?.balance ?? 0 == leaf.balance else {
      throw EvidenceFault(.lines, "its last balance is not the \(leaf.balance) of the commitment")
    }
    guard lines.last.map({ $0.sequence < commitment }) ?? true,
      later.first.map({ $0 > commitment }) ?? true
    else { throw EvidenceFault(.lines, "its lines are on the wrong side of the commitment") }
    guard
      let currency = verified.genesis.currencies.first(where: {
        $0.code == account.holder.leaf.currency
      })
    else { throw EvidenceFault(.form, "the ledger has no such currency") }
    let side = Side(
      account: leaf.account, isIssuance: account.holder.leaf.holder == .issuer,
      currency: currency.code)
    return CheckedStatement(
      ledger: verified.ledger, genesis: verified.genesis,
      checkpointSize: verified.checkpoint.checkpoint.size,
      witnesses: verified.checkpoint.cosignatures.map(\.key.name.description),
      account: leaf.account, holder: account.holder.leaf.holder.description,
      currency: currency, commitment: commitment,
      committedAt: try verified.entry(commitment).time,
      lines: try checkedLines(side, in: verified), later: try laterOrders(side, in: verified))
  }

  /// The account, as orders name it.
  private struct Side {
    let account: AccountID
    let isIssuance: Bool
    let currency: CurrencyCode

    /// What an order moves to the account, negative for from it; `nil` where it names it not.
    func direct(_ movement: MoneyMovement) -> Int128? {
      guard movement.currency == currency else { return nil }
      if movement.payer.map({ $0 == account }) ?? isIssuance { return -Int128(movement.amount) }
      if movement.payee.map({ $0 == account }) ?? isIssuance { return Int128(movement.amount) }
      return nil
    }
  }

  private func checkedLines(
    _ side: Side, in verified: VerifiedEntries
  ) throws(EvidenceFault) -> [CheckedStatement.Line] {
    var checked: [CheckedStatement.Line] = []
    checked.reserveCapacity(lines.count)
    var before: Int64 = 0
    for line in lines {
      guard checked.last.map({ $0.sequence < line.sequence }) ?? true else {
        throw EvidenceFault(.lines, "its lines do not ascend at entry \(line.sequence)")
      }
      let (time, instruction, movement) = try movement(line.sequence, side, in: verified)
      let (change, overflow) = line.balance.subtractingReportingOverflow(before)
      guard !overflow else {
        throw EvidenceFault(.lines, "entry \(line.sequence) changes the balance by what none can")
      }
      checked.append(
        CheckedStatement.Line(
          sequence: line.sequence, time: time, instruction: instruction, change: change,
          balance: line.balance, linked: Int128(change) - (side.direct(movement) ?? 0)))
      before = line.balance
    }
    return checked
  }

  private func laterOrders(
    _ side: Side, in verified: VerifiedEntries
  ) throws(EvidenceFault) -> [CheckedStatement.LaterOrder] {
    var orders: [CheckedStatement.LaterOrder] = []
    for sequence in later {
      guard orders.last.map({ $0.sequence < sequence }) ?? true else {
        throw EvidenceFault(.lines, "its later orders do not ascend at entry \(sequence)")
      }
      let (time, instruction, movement) = try movement(sequence, side, in: verified)
      guard side.direct(movement) != nil else {
        throw EvidenceFault(.lines, "entry \(sequence) does not name the account")
      }
      orders.append(
        CheckedStatement.LaterOrder(sequence: sequence, time: time, instruction: instruction))
    }
    return orders
  }

  private func movement(
    _ sequence: SequenceNumber, _ side: Side, in verified: VerifiedEntries
  ) throws(EvidenceFault) -> (LedgerTime, Instruction, MoneyMovement) {
    let entry = try verified.entry(sequence)
    guard case .instruction(let bytes, let outcome) = entry.body, outcome.isAccepted,
      let instruction = try? Instruction(canonicalBytes: bytes),
      let movement = instruction.operation.movement, movement.currency == side.currency
    else {
      throw EvidenceFault(.lines, "entry \(sequence) moved no money of the account's currency")
    }
    return (entry.time, instruction, movement)
  }
}
