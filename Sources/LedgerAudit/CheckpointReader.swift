import LedgerLog
import LedgerModel
import LedgerStorage
import MerkleLog

/// A kept checkpoint: well formed, its signature not yet checked.
struct KeptCheckpoint: Sendable {
  let note: Note
  let checkpoint: Checkpoint

  /// The last entry that it covers.
  var lastEntry: SequenceNumber { SequenceNumber(checkpoint.size - 1) }
}

/// Reads the kept checkpoints in order, page by page.
struct CheckpointReader: Sendable {
  let origin: Origin
  let key: VerifierKey

  private let keeper: any CheckpointKeeper
  private var notes: ArraySlice<String> = []
  private var position: UInt64? = 0
  private var parsed: KeptCheckpoint?
  /// What the last one covers.
  private(set) var size: UInt64 = 0

  init(_ keeper: any CheckpointKeeper, origin: Origin, key: VerifierKey) {
    self.keeper = keeper
    self.origin = origin
    self.key = key
  }

  /// Returns the next checkpoint and leaves it where it is, or `nil` at the end.
  mutating func peek() throws(LogFault) -> KeptCheckpoint? {
    if let parsed { return parsed }
    while notes.isEmpty {
      guard let position else { return nil }
      do {
        let page = try keeper.page(from: position)
        notes = page.notes[...]
        self.position = page.next
      } catch {
        throw LogFault(.checkpoint, at: SequenceNumber(size), error.description)
      }
    }
    guard let text = notes.first else { return nil }
    let kept = try parse(text)
    guard kept.checkpoint.size >= size else {
      throw LogFault(
        .checkpoint, at: kept.lastEntry,
        "it covers \(kept.checkpoint.size) entries, and the one kept before it \(size)")
    }
    parsed = kept
    return kept
  }

  /// Goes on to the one after.
  mutating func advance() {
    if let parsed { size = parsed.checkpoint.size }
    parsed = nil
    notes = notes.dropFirst()
  }

  /// The checkpoint that was kept last, if it is signed by the log.
  func newest() -> KeptCheckpoint? {
    guard let text = try? keeper.newest(), let kept = try? parse(text),
      check(kept).run() == nil
    else { return nil }
    return kept
  }

  /// The check of its signature.
  func check(_ kept: KeptCheckpoint) -> SignatureCheckJob {
    .checkpoint(kept.note, at: kept.lastEntry, origin: origin, key: key)
  }

  private func parse(_ text: String) throws(LogFault) -> KeptCheckpoint {
    do throws(CheckpointError) {
      let note: Note
      do {
        note = try Note(Array(text.utf8))
      } catch {
        throw .note(error)
      }
      let checkpoint = try Checkpoint(text: note.text)
      guard checkpoint.origin == origin else {
        throw .wrongOrigin(found: checkpoint.origin, expected: origin)
      }
      guard checkpoint.size > 0 else { throw .malformedSize }
      return KeptCheckpoint(note: note, checkpoint: checkpoint)
    } catch {
      throw LogFault(.checkpoint, at: SequenceNumber(size), error.description)
    }
  }
}
