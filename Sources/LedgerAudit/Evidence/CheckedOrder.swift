import LedgerModel
import LedgerWire

/// An order of which it is proven that its party's keys signed it.
struct CheckedOrder: Sendable {
  let sequence: SequenceNumber
  let submission: SequenceNumber
  /// The last entry of its submission.
  let submissionEnd: SequenceNumber
  let time: LedgerTime
  let party: Party
  let instruction: Instruction
  let outcome: LoggedOutcome
  let signers: [CheckedSigner]
  let authority: Authority
}
