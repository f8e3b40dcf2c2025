package import LedgerModel
package import MerkleLog

/// Where an order is in a log, and how it is under what was signed.
package struct OrderProof: Hashable, Sendable {
  /// Of the instruction's entry.
  package let instruction: SequenceNumber
  /// Of its submission's.
  package let submission: SequenceNumber
  /// From the instruction's leaf to the statement's root.
  package let path: [Digest]

  package init(instruction: SequenceNumber, submission: SequenceNumber, path: [Digest]) {
    self.instruction = instruction
    self.submission = submission
    self.path = path
  }
}
