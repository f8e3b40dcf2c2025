package import LedgerStorage
internal import Synchronization

/// Checkpoints in an append-only text file, each synced before ``append(_:)`` returns.
///
/// The file is as ``CheckpointNotes`` says. A torn last record is cut off when the file is opened
/// for writing, and passed over when it is opened for reading; ``tornBytes`` says how much it was.
package final class FileCheckpointKeeper: CheckpointKeeper {
  private static let pageBytes = 1 << 20

  private struct State {
    var completeBytes: Int
    var newest: String?
    /// What every call throws, once set.
    var end: StoreError?
  }

  package let tornBytes: Int

  private let file: DiskFile
  private let isReadOnly: Bool
  private let state: Mutex<State>

  /// Opens the kept checkpoints; who calls it holds the ledger's lock.
  ///
  /// - Throws: ``StoreError/corrupt(detail:)`` where the file's end is neither whole nor torn. What
  ///   lies before is checked as it is read.
  /// - Complexity: O(1).
  init(_ path: String, isReadOnly: Bool) throws(StoreError) {
    file = try DiskFile(path, isReadOnly ? .read : .write)
    self.isReadOnly = isReadOnly
    let size = try file.size()
    let (newest, completeBytes) = try Self.end(of: file, size: size)
    tornBytes = size - completeBytes
    if tornBytes > 0, !isReadOnly {
      try file.truncate(to: completeBytes)
      try file.sync()
    }
    state = Mutex(State(completeBytes: completeBytes, newest: newest))
  }

  package func append(_ note: String) throws(StoreError) {
    let record = try CheckpointNotes.record(of: note)
    try state.withLock { state throws(StoreError) in
      if let end = state.end { throw end }
      guard !isReadOnly else {
        throw .readOnly(detail: "`\(file.path)` is open for reading only")
      }
      do throws(StoreError) {
        try file.write(record, at: state.completeBytes)
      } catch {
        // Nothing of it may stay: the next record would follow on half of this one.
        do throws(StoreError) {
          try file.truncate(to: state.completeBytes)
        } catch let second {
          state.end = .unknownOutcome(detail: "\(error); then \(second)")
        }
        throw state.end ?? error
      }
      do throws(StoreError) {
        try file.sync()
      } catch {
        state.end = error
        throw error
      }
      state.completeBytes += record.count
      state.newest = note
    }
  }

  package func newest() throws(StoreError) -> String? {
    try state.withLock { state throws(StoreError) in
      if let end = state.end { throw end }
      return state.newest
    }
  }

  package func page(from position: UInt64) throws(StoreError) -> CheckpointPage {
    let completeBytes = try state.withLock { state throws(StoreError) in
      if let end = state.end { throw end }
      return state.completeBytes
    }
    guard position < UInt64(completeBytes) else { return CheckpointPage(notes: [], next: nil) }
    let start = Int(position)
    let count = min(completeBytes - start, Self.pageBytes)
    let bytes = try file.read(at: start, count: count)
    let parsed = try CheckpointNotes.parse(bytes, endsTheFile: false, at: position)
    let next = start + parsed.completeBytes
    guard bytes.count == count, parsed.completeBytes > 0,
      next == completeBytes || count == Self.pageBytes
    else {
      throw .corrupt(detail: "`\(file.path)` lost bytes from \(next) on while it was open")
    }
    return CheckpointPage(
      notes: parsed.notes, next: next == completeBytes ? nil : UInt64(next))
  }

  package func close() {
    state.withLock { $0.end = .closed }
  }

  /// Reads the file's end: the newest note, and where it ends.
  private static func end(
    of file: DiskFile, size: Int
  ) throws(StoreError) -> (newest: String?, completeBytes: Int) {
    // Holds the last complete record, a torn one after it, and one before that it may begin within.
    let count = min(size, 4 * (StorageLimits.noteBytesMax + 1))
    var start = size - count
    var bytes = try file.read(at: start, count: count)
    if start > 0 {
      guard let first = CheckpointNotes.firstRecordStart(within: bytes) else {
        throw .corrupt(detail: "`\(file.path)` ends in no checkpoint")
      }
      bytes.removeFirst(first)
      start += first
    }
    let parsed = try CheckpointNotes.parse(bytes, endsTheFile: true, at: UInt64(start))
    guard start == 0 || !parsed.notes.isEmpty else {
      throw .corrupt(detail: "`\(file.path)` ends in no checkpoint")
    }
    return (parsed.notes.last, start + parsed.completeBytes)
  }
}
