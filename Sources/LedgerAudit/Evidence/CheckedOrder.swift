import LedgerModel
import LedgerWire

/// An order of which it is proven that its party's keys signed it.
struct CheckedOrder: Hashable, Sendable {
  let sequence: SequenceNumber
  let submission: SequenceNumber
  let time: LedgerTime
  let party: Party
  let instruction: Instruction
  let outcome: LoggedOutcome
  let signers: [CheckedSigner]
  let authority: Authority
}
