import LedgerCore
package import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire
import MerkleLog

/// A log on its way past someone who looks on, from its genesis to its end.
///
/// What is read is checked as an audit does, but for signatures and checkpoints: what the log is
/// worth, an audit says.
package struct LogHistory: Sendable {
  /// Entries handed on at once, the whole batch that the last of them is in included.
  private static let entriesPerReading = 4_096
  /// Readings that wait for whoever looks on.
  private static let readingsMax = 8

  private struct Reading: Sendable {
    var batches: [LoggedBatch] = []
    var fault: LogFault?
  }

  /// As of the batches that ``replay(_:)`` has gone through.
  package private(set) var replay: LogReplay
  package private(set) var entriesDone: UInt64 = 1
  private let entriesTotal: UInt64

  private let readings: ReadAhead<Reading>
  private var reading = Reading()
  private var place = 0

  /// Begins with entry 0.
  ///
  /// - Parameters:
  ///   - store: The log, which no one writes to meanwhile.
  ///   - trust: What the log must be, where it is given.
  ///   - secret: Of the ledger's commitments to its state; without it nothing is proven by them.
  /// - Throws: ``HistoryError/log(_:)`` where the log does not begin as one does.
  package init(
    _ store: any LedgerStore, trust: TrustFile?, secret: CommitmentSecret? = nil
  ) throws(HistoryError) {
    do throws(LogFault) {
      var entries = EntryReader(store)
      entriesTotal = entries.total
      guard let genesis = try entries.next() else {
        throw LogFault(.genesis, at: .genesis, "the log is empty, and entry 0 is its genesis")
      }
      if let trust, trust.ledger.value.digest != genesis.leaf {
        throw LogFault(
          .genesis, at: .genesis, "it is not the ledger of the trust file",
          expected: trust.ledger.value.digest, found: genesis.leaf)
      }
      replay = try LogReplay(genesis: genesis.stored, secret: secret, signatures: \.isValid)
      let (rest, start) = (entries, BatchReader(after: replay, head: genesis.leaf))
      readings = ReadAhead("history-reader", valuesMax: Self.readingsMax) { hand in
        Self.read(rest, start, hand)
      }
    } catch {
      throw .log(error)
    }
  }

  private static func read(
    _ entries: EntryReader, _ batches: BatchReader, _ hand: (Reading) -> Bool
  ) {
    var (entries, batches) = (entries, batches)
    var reading = Reading()
    var count = 0
    do throws(LogFault) {
      while let entry = try entries.next() {
        if let batch = try batches.read(entry.stored, signatures: { _ in true }) {
          reading.batches.append(batch)
          count += batch.entries.count
        }
        guard count >= entriesPerReading else { continue }
        guard hand(reading) else { return }
        reading = Reading()
        count = 0
      }
      try batches.finish()
    } catch {
      reading.fault = error
    }
    _ = hand(reading)
  }

  /// Returns the next batch, which is not yet replayed; `nil` at the log's end.
  ///
  /// - Throws: ``HistoryError/log(_:)``.
  package mutating func next() throws(HistoryError) -> LoggedBatch? {
    while place >= reading.batches.count {
      if let fault = reading.fault { throw .log(fault) }
      guard let more = readings.next() else { return nil }
      reading = more
      place = 0
    }
    defer { place += 1 }
    return reading.batches[place]
  }

  /// Replays a batch that ``next()`` has returned.
  ///
  /// - Throws: ``HistoryError/log(_:)``.
  package mutating func replay(_ batch: LoggedBatch) throws(HistoryError) -> SequencedBatch {
    entriesDone += UInt64(batch.entries.count)
    do throws(LogFault) { return try replay.replay(batch) } catch { throw .log(error) }
  }

  package var genesis: Genesis { replay.state.genesis }

  package var progress: AuditProgress {
    AuditProgress(entriesDone: entriesDone, entriesTotal: entriesTotal)
  }

  /// Ends the reading.
  package func cancel() { readings.cancel() }
}
