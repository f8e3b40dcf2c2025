package import MerkleLog

/// Two checkpoints by one log of which neither's tree extends the other's: what a log never signs.
///
/// It needs nothing else, and nobody's word.
///
/// - Source: docs/formats/evidence.md, EV-13.
package struct ForkEvidence: Hashable, Sendable {
  /// The signed note over the smaller tree, or either over trees of one size.
  package let first: [UInt8]
  package let second: [UInt8]
  /// Of trees of two sizes: the root that the second tree had at the first one's size, and the
  /// proof of that.
  package let former: Former?

  /// What the larger tree was at the smaller one's size.
  package struct Former: Hashable, Sendable {
    package let root: Digest
    package let path: [Digest]

    package init(root: Digest, path: [Digest]) {
      self.root = root
      self.path = path
    }
  }

  package init(first: [UInt8], second: [UInt8], former: Former?) {
    self.first = first
    self.second = second
    self.former = former
  }

  /// Checks that one log has signed both, and that they contradict each other.
  ///
  /// - Parameter trust: Whose log; whether witnesses cosigned is nothing to this.
  /// - Returns: The two.
  /// - Throws: ``EvidenceFault``.
  package func check(
    _ trust: AuditTrust
  ) throws(EvidenceFault) -> (first: Checkpoint, second: Checkpoint) {
    let first = try trust.openOfLog(first).checkpoint
    let second = try trust.openOfLog(second).checkpoint
    guard first.origin == second.origin else {
      throw EvidenceFault(.checkpoint, "the two checkpoints are of two logs")
    }
    guard let former else {
      guard first.size == second.size, first.root != second.root else {
        throw EvidenceFault(.fork, "nothing shows that the two checkpoints contradict each other")
      }
      return (first, second)
    }
    do throws(ProofError) {
      let proof = try ConsistencyProof(
        oldSize: first.size, newSize: second.size, path: former.path)
      try proof.verify(oldRoot: former.root, newRoot: second.root)
    } catch {
      throw EvidenceFault(.fork, "the second tree's former root is not proven: \(error)")
    }
    guard former.root != first.root else {
      throw EvidenceFault(.fork, "the second checkpoint's tree extends the first one's")
    }
    return (first, second)
  }
}

extension ForkEvidence {
  package static let format = "specie-fork-v1"

  private struct Document: Codable {
    struct Former: Codable {
      let root: String
      let path: [String]
    }

    let format: String
    let first: String
    let second: String
    let former: Former?
  }

  /// The file.
  package var json: [UInt8] {
    ProofJSON.encode(
      Document(
        format: Self.format, first: String(decoding: first, as: UTF8.self),
        second: String(decoding: second, as: UTF8.self),
        former: former.map {
          Document.Former(
            root: Base64.encode($0.root.bytes), path: $0.path.map { Base64.encode($0.bytes) })
        }))
  }

  /// Reads a file.
  ///
  /// - Throws: ``EvidenceFault`` of the kind `form`.
  package init(json: [UInt8]) throws(EvidenceFault) {
    let document = try ProofJSON.decode(Document.self, json, format: Self.format)
    var former: Former?
    if let found = document.former {
      var path: [Digest] = []
      for text in found.path { path.append(try Base64Field.digest(text, "former.path")) }
      former = Former(root: try Base64Field.digest(found.root, "former.root"), path: path)
    }
    self.init(
      first: Array(document.first.utf8), second: Array(document.second.utf8), former: former)
  }
}

/// What two checkpoints of one log are to each other.
package enum CheckpointComparison: Sendable {
  /// Over the same tree.
  case same(Checkpoint)
  /// The second's tree extends the first one's.
  case consistent(first: Checkpoint, second: Checkpoint)
  case forked(ForkEvidence)
  /// The tiles at hand are not those of the second checkpoint, so that they prove nothing of it.
  case otherTiles(of: Checkpoint)

  /// Compares two checkpoints.
  ///
  /// - Parameters:
  ///   - one: A signed note.
  ///   - other: Another, of the same log.
  ///   - trust: Whose log; whether witnesses cosigned is nothing to this.
  ///   - tiles: Those that ``tilesNeeded(_:_:trust:)`` names, as somebody has them.
  /// - Returns: What they are to each other.
  /// - Throws: ``EvidenceFault`` where a note is none of the log.
  /// - Complexity: O(log² size).
  package static func compare(
    _ one: [UInt8], _ other: [UInt8], trust: AuditTrust, tiles: [Tile: [Digest]]
  ) throws(EvidenceFault) -> CheckpointComparison {
    let (old, new) = try ordered(one, other, trust)
    let (first, second) = (old.note.encoded, new.note.encoded)
    guard old.checkpoint.size < new.checkpoint.size else {
      return old.checkpoint.root == new.checkpoint.root
        ? .same(new.checkpoint)
        : .forked(ForkEvidence(first: first, second: second, former: nil))
    }
    // The empty tree is a part of every one.
    guard old.checkpoint.size > 0 else {
      return .consistent(first: old.checkpoint, second: new.checkpoint)
    }
    let proofs = TileProofs(treeSize: new.checkpoint.size, tiles: tiles)
    guard let proof = try? proofs.consistencyProof(from: old.checkpoint.size),
      let former = proofs.root(at: old.checkpoint.size),
      (try? proof.verify(oldRoot: former, newRoot: new.checkpoint.root)) != nil
    else { return .otherTiles(of: new.checkpoint) }
    guard former != old.checkpoint.root else {
      return .consistent(first: old.checkpoint, second: new.checkpoint)
    }
    return .forked(
      ForkEvidence(
        first: first, second: second,
        former: ForkEvidence.Former(root: former, path: proof.path)))
  }

  /// The tiles of the larger checkpoint's tree by which two are compared; none where both are over
  /// trees of one size.
  ///
  /// - Throws: ``EvidenceFault`` where a note is none of the log.
  package static func tilesNeeded(
    _ one: [UInt8], _ other: [UInt8], trust: AuditTrust
  ) throws(EvidenceFault) -> [Tile] {
    let (old, new) = try ordered(one, other, trust)
    guard 0 < old.checkpoint.size, old.checkpoint.size < new.checkpoint.size else { return [] }
    do throws(ProofError) {
      return try TileProofs.tilesForConsistency(
        oldSize: old.checkpoint.size, newSize: new.checkpoint.size)
    } catch {
      throw EvidenceFault(.checkpoint, "\(error)")
    }
  }

  /// Opens both, the one over the smaller tree first.
  private static func ordered(
    _ one: [UInt8], _ other: [UInt8], _ trust: AuditTrust
  ) throws(EvidenceFault) -> (old: VerifiedCheckpoint, new: VerifiedCheckpoint) {
    let (one, other) = (try trust.openOfLog(one), try trust.openOfLog(other))
    guard one.checkpoint.origin == other.checkpoint.origin else {
      throw EvidenceFault(.checkpoint, "the two checkpoints are of two logs")
    }
    return one.checkpoint.size <= other.checkpoint.size ? (one, other) : (other, one)
  }
}
