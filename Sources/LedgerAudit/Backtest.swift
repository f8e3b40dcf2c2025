import LedgerCore
import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire

/// Runs a ledger's history again under other rules.
///
/// Exactly: every order of the log is decided twice, once as it was and once on a ledger of its own
/// whose rules are others, so that a payment that is refused there has not been made, and what
/// follows from that follows.
package struct Backtest {
  /// The span of ledger time that is asked about.
  package struct Span: Sendable {
    /// The rules begin then, on the books as they were; `nil` for from the beginning.
    package var from: LedgerTime?
    /// What comes later is left out.
    package var to: LedgerTime?

    package init(from: LedgerTime? = nil, to: LedgerTime? = nil) {
      self.from = from
      self.to = to
    }
  }

  /// The ledger whose rules are others; `nil` before they begin.
  private var other: LedgerState?
  private var report: BacktestReport

  /// Runs the history.
  ///
  /// - Parameters:
  ///   - ruleSet: Valid. It is in force all the time, whatever it says of its own beginning, and
  ///     stands in for every version of its pack, of the pack that it supersedes, and of sets of
  ///     format 1, that the log's orders put in force; other packs stay.
  ///   - store: The log, which no one writes to meanwhile.
  ///   - trust: What the log must be, where it is given.
  ///   - span: What is asked about.
  ///   - isCancelled: Asked every few thousand entries; true ends the run.
  ///   - progress: Called on this thread every few thousand entries, and at the end.
  /// - Returns: What would have been different.
  /// - Throws: ``HistoryError``.
  /// - Complexity: O(entries): decided on two threads, it takes what the slower of reading, the
  ///   replay and the trial takes.
  package static func run(
    _ ruleSet: RuleSet, store: any LedgerStore, trust: TrustFile?, over span: Span = Span(),
    isCancelled: () -> Bool = { false }, progress: (AuditProgress) -> Void = { _ in }
  ) throws(HistoryError) -> BacktestReport {
    let history = ReadAhead.replay(
      try LogHistory(store, trust: trust), from: span.from, to: span.to)
    defer { history.cancel() }
    var backtest = Backtest(report: BacktestReport(ruleSet))
    while let replayed = history.next() {
      if let books = replayed.books { try backtest.begin(ruleSet, on: books) }
      for batch in replayed.batches { backtest.compare(batch, of: replayed) }
      if let fault = replayed.fault { throw fault }
      backtest.report.entries = replayed.progress.entriesDone
      progress(replayed.progress)
      if isCancelled() { throw .cancelled }
    }
    return backtest.report
  }

  private mutating func begin(
    _ ruleSet: RuleSet, on state: LedgerState
  ) throws(HistoryError) {
    var state = state
    do throws(Rejection) { try state.tryOut(ruleSet) } catch { throw .notTaken(error) }
    other = state
  }

  /// Decides a batch on the other ledger, too.
  private mutating func compare(_ replayed: ReplayedBatch, of history: ReplayedBatches) {
    guard var ledger = other else { return }
    other = nil  // So that it is changed in place.
    defer { other = ledger }
    let batch = replayed.sequenced
    if batch.time > ledger.time { ledger.begin(at: batch.time) }
    var parties = replayed.parties[...]
    for record in batch.records {
      switch record {
      case .system: _ = ledger.tick()
      case .commitment: _ = ledger.commit()
      case .submission(let sequenced):
        // Keys and quorums are the same on both, and so is who is let in.
        guard case .admitted(let admitted) = try? ledger.admit(sequenced.submission) else {
          preconditionFailure("submission \(sequenced.sequence) is let in by one ledger alone")
        }
        let applied = ledger.apply(sequenced.submission, admitted)
        report.cover(batch.time)
        for (index, parties) in zip(applied.indices, parties) {
          report.take(
            sequenced.submission.instructions[index].instruction,
            was: sequenced.applied[index].outcome, would: applied[index].outcome, parties,
            of: history)
        }
        parties = parties.dropFirst(applied.count)
      }
    }
  }
}
