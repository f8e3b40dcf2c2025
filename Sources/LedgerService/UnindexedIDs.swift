import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage

/// Ids and marks of durable entries that the index does not cover yet, in log order.
struct UnindexedIDs: Sendable {
  /// Some ids, and how far the index reaches once it has them.
  struct Chunk: Sendable {
    var instructions: [IndexedInstruction] = []
    var marks: [TrailMark] = []
    var reach: IndexReach
  }

  private(set) var chunks: [Chunk] = []
  /// How many ids.
  private(set) var count = 0
  /// How many of the log's entries the index covers.
  private(set) var indexedSize: UInt64

  /// Ids that a chunk has before the next begins, and that ``first`` has at least if there are so
  /// many.
  private let chunkMin: Int

  init(indexedSize: UInt64, chunkMin: Int) {
    // The genesis has no id.
    self.indexedSize = max(1, indexedSize)
    self.chunkMin = chunkMin
  }

  /// Adds the ids of a batch that the index lacks.
  ///
  /// - Parameters:
  ///   - batch: The one after the last.
  ///   - reach: The log up to its end.
  mutating func append(_ batch: SequencedBatch, reaching reach: IndexReach) {
    if let last = chunks.last, last.instructions.count < chunkMin {
      chunks[chunks.count - 1].reach = reach
    } else {
      chunks.append(Chunk(reach: reach))
    }
    for case .submission(let sequenced) in batch.records {
      let party = sequenced.submission.statement.party
      // While opening replays what the index has already, that is ahead of the log.
      for index in sequenced.applied.indices
      where sequenced.applied[index].outcome.isFirstUse {
        let sequence = sequenced.applied[index].sequence
        guard sequence.value >= indexedSize else { continue }
        chunks[chunks.count - 1].instructions.append(
          IndexedInstruction(
            party: party, id: sequenced.submission.instructions[index].instruction.id,
            sequence: sequence))
        count += 1
      }
      for applied in sequenced.applied
      where TrailMark.isMarked(applied.sequence) && applied.sequence.value >= indexedSize {
        let effects = [applied.debit, applied.credit].compactMap(\.self) + applied.cascade
        chunks[chunks.count - 1].marks += effects.map {
          TrailMark(account: $0.posting.account, sequence: applied.sequence)
        }
      }
    }
  }

  /// The first mark of an account at or after an entry.
  func mark(of account: AccountID, from sequence: SequenceNumber) -> SequenceNumber? {
    for chunk in chunks where chunk.reach.entryCount > sequence.value {
      let mark = chunk.marks.first { $0.account == account && $0.sequence >= sequence }
      if let mark { return mark.sequence }
    }
    return nil
  }

  /// The next ids for the index: whole chunks, at least one if there is any.
  var first: [Chunk] {
    var count = 0
    return Array(
      chunks.prefix { chunk in
        defer { count += chunk.instructions.count }
        return count < chunkMin
      })
  }

  /// The index has taken the chunks that came first.
  mutating func remove(_ taken: [Chunk]) {
    // The last one may have grown meanwhile; what was taken of it is its beginning.
    for chunk in taken {
      count -= chunk.instructions.count
      indexedSize = max(indexedSize, chunk.reach.entryCount)
      if chunks[0].instructions.count == chunk.instructions.count, chunks[0].reach == chunk.reach {
        chunks.removeFirst()
      } else {
        chunks[0].instructions.removeFirst(chunk.instructions.count)
        chunks[0].marks.removeFirst(chunk.marks.count)
      }
    }
  }
}
