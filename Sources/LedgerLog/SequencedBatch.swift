package import LedgerCore
package import LedgerModel
package import LedgerWire

/// What the core decided under one stamp of ledger time, on its way to the log.
package struct SequencedBatch: Sendable {
  package let time: LedgerTime
  /// Of the first record.
  package let first: SequenceNumber
  /// In order, without a gap.
  package var records: [SequencedRecord]

  package init(time: LedgerTime, first: SequenceNumber, records: [SequencedRecord] = []) {
    self.time = time
    self.first = first
    self.records = records
  }
}

/// One entry to be.
package enum SequencedRecord: Sendable {
  case submission(VerifiedSubmission)
  case instruction(VerifiedInstruction, Applied, party: Party)
  case system(SystemEvent)
}
