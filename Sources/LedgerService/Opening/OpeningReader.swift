import LedgerLog
import LedgerModel
import LedgerStorage
import MerkleLog

/// Reads a stored log for its opening, ahead of the replay.
struct OpeningReader: Sendable {
  /// Rows read at once; with 256 entries a row, at most 8 MiB.
  private static let rowsPerPiece = 64
  static let piecesMax = 2

  /// What the log's end is.
  struct End: Sendable {
    let tree: MerkleTree
    /// The leaf hash of the last entry.
    let head: Digest
  }

  /// Some batches in log order.
  struct Piece: Sendable {
    var batches: [LoggedBatch] = []
    /// Why no more is read; `nil` where there is more.
    var end: Result<End, OpeningError>?
  }

  private var prefix: CheckedPrefix
  private let store: any LedgerStore
  private var batches: BatchReader

  /// Begins after what a replay has gone through.
  ///
  /// - Parameters:
  ///   - store: Has the log.
  ///   - replay: Its end is this one's beginning.
  ///   - head: The leaf hash of the last entry replayed.
  ///   - prefix: Over the entries replayed.
  init(store: any LedgerStore, after replay: LogReplay, head: Digest, prefix: CheckedPrefix) {
    self.store = store
    self.prefix = prefix
    batches = BatchReader(after: replay, head: head)
  }

  /// Reads to the end, or until nobody wants more.
  mutating func run(to total: UInt64, _ hand: (Piece) -> Bool) {
    var piece = Piece()
    do throws(OpeningError) {
      while batches.next.value < total {
        try read(into: &piece)
        guard hand(piece) else { return }
        piece = Piece()
      }
      do throws(LogFault) { try batches.finish() } catch { throw .log(error) }
      try prefix.finish()
      piece.end = .success(End(tree: prefix.tree, head: batches.head))
    } catch {
      piece.end = .failure(error)
    }
    _ = hand(piece)
  }

  private mutating func read(into piece: inout Piece) throws(OpeningError) {
    let start = batches.next
    let rows: [(StoredRow, RowLayout)]
    do throws(StoreError) {
      rows = try store.rows(from: start, rowsMax: Self.rowsPerPiece)
        .map { (row) throws(StoreError) in (row, try row.layout()) }
    } catch {
      throw .storage(error)
    }
    for (row, layout) in rows {
      for (offset, (entry, side)) in zip(layout.entries, layout.sideData).enumerated()
      where row.first.value + UInt64(offset) >= batches.next.value {
        try read(
          StoredEntry(row.entries[entry], sideData: row.sideData[side]), into: &piece)
      }
    }
    guard batches.next > start else {
      throw .storage(.corrupt(detail: "entry \(start) cannot be read"))
    }
  }

  private mutating func read(
    _ entry: StoredEntry, into piece: inout Piece
  ) throws(OpeningError) {
    let batch: LoggedBatch?
    let coveredSize = prefix.coveredSize
    do throws(LogFault) {
      // Signatures under a kept checkpoint were checked before it was signed.
      batch = try batches.read(entry) { $0.sequence.value < coveredSize || $0.isValid }
    } catch {
      throw .log(error)
    }
    try prefix.append(entry.leaf)
    if let batch { piece.batches.append(batch) }
  }
}
