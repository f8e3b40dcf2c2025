import LedgerModel
import LedgerPolicy

/// Where the accounts of a transfer are; -1 for one that was not filed when it was looked for.
struct TransferSlots {
  static let unknown = TransferSlots(payer: -1, payee: -1)

  let payer: Int32
  let payee: Int32
}

extension LedgerState {
  /// Instructions that are located at once: what they touch is to fit a core's own cache.
  static let locatedMax = 128

  /// Looks for the accounts of transfers, and for their ids.
  ///
  /// Deciding one payment after the other, each waits for memory several times: for its places in
  /// tables, its accounts and their counters, of which a ledger of a million wallets has 200 MB.
  /// Looked for in one loop that does nothing else, many of them are under way at once, and what is
  /// then decided is in the cache. A slot never changes, so that what was found stays found.
  ///
  /// - Returns: One an instruction of `part`; unknown for those that are no transfers.
  mutating func locate(
    _ part: Range<Int>, of submission: VerifiedSubmission, _ admitted: AdmittedSubmission
  ) -> [TransferSlots] {
    var slots: [TransferSlots] = []
    slots.reserveCapacity(part.count)
    // What is read must be used, or the compiler would not read it.
    var trace: UInt64 = 0
    for index in part {
      trace &+= liveIDs.trace(
        of: submission.instructions[index].instruction.id, of: admitted.partyNumber,
        horizonMicroseconds: admitted.horizonMicroseconds)
      switch submission.instructions[index].instruction.operation {
      case .settle(let order), .fund(let order), .pay(let order), .cashOut(let order):
        let payer = Int32(slot(of: order.payer) ?? -1)
        let payee = Int32(slot(of: order.payee) ?? -1)
        trace &+= self.trace(of: payer)
        trace &+= self.trace(of: payee)
        slots.append(TransferSlots(payer: payer, payee: payee))
      default: slots.append(.unknown)
      }
    }
    locatingTrace = trace
    return slots
  }

  private mutating func trace(of slot: Int32) -> UInt64 {
    guard slot >= 0 else { return 0 }
    let account = Int(slot)
    return accounts[account].entryCount
      &+ currencies[accounts[account].currency].policy.trace(of: account)
  }
}
