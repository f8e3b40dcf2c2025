package import LedgerCore
package import LedgerModel
package import LedgerWire

/// What the core decided under one stamp of ledger time, on its way to the log.
package struct SequencedBatch: Sendable {
  package let time: LedgerTime
  /// Of the first entry.
  package let first: SequenceNumber
  /// In order, without a gap.
  package private(set) var records: [SequencedRecord] = []
  /// How many entries the records are.
  package private(set) var entryCount = 0
  /// What the passing of time alone changed before them.
  package let changes: [StateChange]

  package init(time: LedgerTime, first: SequenceNumber, changes: [StateChange] = []) {
    self.time = time
    self.first = first
    self.changes = changes
  }

  package mutating func append(_ record: SequencedRecord) {
    records.append(record)
    entryCount += record.entryCount
  }
}

/// What becomes one entry, or a submission's entry and those of its instructions.
package enum SequencedRecord: Sendable {
  case submission(SequencedSubmission)
  case system(SystemEvent)
  /// The writer, which keeps what it is over, adds the root.
  case commitment(StateTotals)

  /// How many entries it is.
  package var entryCount: Int {
    switch self {
    case .submission(let submission): 1 + submission.applied.count
    case .system, .commitment: 1
    }
  }
}

/// A submission with what became of each of its instructions.
package struct SequencedSubmission: Sendable {
  package let submission: VerifiedSubmission
  /// Of the submission's own entry; its instructions follow.
  package let sequence: SequenceNumber
  /// One an instruction, in order.
  package let applied: [Applied]

  package init(
    _ submission: VerifiedSubmission, at sequence: SequenceNumber, applied: [Applied]
  ) {
    precondition(
      applied.count == submission.instructions.count,
      "\(applied.count) of \(submission.instructions.count) instructions applied")
    self.submission = submission
    self.sequence = sequence
    self.applied = applied
  }
}
