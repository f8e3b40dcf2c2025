import LedgerLog
import LedgerStorage
import MerkleLog

extension DurableView {
  /// The newest signed checkpoint; `nil` before one was signed since the start.
  var signedCheckpoint: (note: Note, size: UInt64)? {
    withState { state in state.checkpoint.map { ($0, state.checkpointSize) } }
  }

  /// The published checkpoint: cosigned by a quorum, or, without a policy, the newest signed one.
  func publishedCheckpoint() throws(ReadError) -> [UInt8] {
    guard isWitnessed else { return try checkpoint() }
    guard let note = withState({ $0.published }) else { throw .notYetCovered(size: 0) }
    return note.encoded
  }

  /// Returns the proof that the log's first `newSize` entries extend its first `oldSize`.
  func consistencyPath(from oldSize: UInt64, to newSize: UInt64) throws(ReadError) -> [Digest] {
    guard 0 < oldSize, oldSize < newSize else { return [] }
    let tree = head.tree
    do {
      return try tree.consistencyProof(oldSize: oldSize, newSize: newSize) {
        tile throws(LogTilesError) in try LogTiles.leaves(ofTile: tile, in: store)
      }.path
    } catch {
      throw .storage(detail: "\(error)")
    }
  }
}
