import LedgerCore
package import LedgerModel
package import LedgerStorage
package import LedgerWire
import MerkleLog

extension Snapshot {
  /// Reads a snapshot, each file twice: what is not sealed is not looked at, and what is looked at
  /// must be what was.
  ///
  /// - Parameters:
  ///   - size: How many entries it covers.
  ///   - keeper: Has it.
  ///   - genesis: Of the log.
  ///   - id: Of the ledger.
  ///   - secret: Of the ledger's commitments.
  ///   - seal: What it must end with.
  /// - Returns: The snapshot, and what it is to its keeper.
  /// - Throws: ``SnapshotError``; nothing is believed then.
  /// - Complexity: O(accounts + counters + ids + log size / 256).
  package static func read(
    _ size: UInt64, from keeper: any SnapshotKeeper, of genesis: Genesis, id: LedgerID,
    secret: CommitmentSecret?, seal: SnapshotSeal = .signature
  ) throws(SnapshotError) -> (snapshot: Snapshot, kept: KeptSnapshot) {
    let source = Source(.state(size: size), of: keeper)
    let sealedCount = source.byteCount - seal.byteCount
    guard sealedCount > 0 else {
      throw SnapshotError(source.failure?.description ?? "it is too short")
    }
    let digest = source.digest(ofFirst: sealedCount)
    let found = source.bytes(at: sealedCount, seal.byteCount)
    if let failure = source.failure { throw SnapshotError(failure.description) }
    switch seal {
    case .signature:
      guard Ed25519.isValid(found, on: message(digest), by: genesis.logKey) else {
        throw SnapshotError("the log key has not signed it as it is")
      }
    case .digest:
      guard found == digest.bytes else { throw SnapshotError("it is damaged") }
    }
    var reader = source.reader(ofFirst: sealedCount)
    let head = try head(&reader, of: id)
    guard head.size == size else { throw SnapshotError("it covers \(head.size) entries") }
    let log = try LogWriter.Kept(reading: &reader, size: size)
    var state = try LedgerState(
      reading: &reader, genesis: genesis, id: id,
      decode: { (encoded) throws(SnapshotError) in
        do throws(WireError) {
          return try RuleSet(canonicalBytes: encoded)
        } catch {
          throw SnapshotError("its rules: \(error)")
        }
      })
    guard reader.isAtEnd(), state.nextSequence.value == size else {
      throw SnapshotError("it does not end where its state does")
    }
    try source.check(digest)
    for ids in head.ids { try read(ids, from: keeper, into: &state) }
    let accounts = StateTree(after: state, runningHashes: log.runningHashes, secret: secret)
    let writer = LogWriter(after: EntryWriter(accounts), head: head.leaf, tree: log.tree)
    return (
      Snapshot(state: state, writer: writer), KeptSnapshot(size: size, ids: head.ids)
    )
  }

  /// What stands before the log and the state.
  private struct Head {
    let size: UInt64
    /// The leaf hash of the last entry.
    let leaf: Digest
    let ids: [KeptSnapshot.IDs]
  }

  private static func head(
    _ bytes: inout SnapshotReader, of id: LedgerID
  ) throws(SnapshotError) -> Head {
    for byte in mark {
      guard try bytes.uint8() == byte else { throw SnapshotError("it is no snapshot") }
    }
    let version = try bytes.uint32()
    guard version == formatVersion else {
      throw SnapshotError(
        "its format is \(version), and this program's is \(formatVersion)", isOfOtherFormat: true)
    }
    guard LedgerID(try bytes.bytes32()) == id else {
      throw SnapshotError("it is of another ledger")
    }
    let size = try bytes.uint64()
    let leaf = try bytes.bytes32().digest
    var ids: [KeptSnapshot.IDs] = []
    for _ in 0..<(try bytes.count(max: idFilesMax)) {
      let (start, end) = (try bytes.uint64(), try bytes.uint64())
      guard ids.last?.entries.upperBound ?? 0 <= start, start < end, end <= size else {
        throw SnapshotError("ids of the entries from \(start) to \(end) stand where others should")
      }
      ids.append(
        KeptSnapshot.IDs(
          entries: start..<end, lastSecond: try bytes.uint64(), digest: try bytes.bytes32()))
    }
    return Head(size: size, leaf: leaf, ids: ids)
  }

  private static func read(
    _ ids: KeptSnapshot.IDs, from keeper: any SnapshotKeeper, into state: inout LedgerState
  ) throws(SnapshotError) {
    let source = Source(ids.file, of: keeper)
    let digest = source.digest(ofFirst: source.byteCount)
    if let failure = source.failure { throw SnapshotError(failure.description) }
    guard Bytes32(digest) == ids.digest else {
      throw SnapshotError("\(ids) are not those that it names")
    }
    var reader = source.reader(ofFirst: source.byteCount)
    try state.readIDs(from: &reader)
    guard reader.isAtEnd() else {
      throw SnapshotError("\(ids) do not end with their file")
    }
    try source.check(digest)
  }

  /// A kept file's bytes; once it cannot be read, there are none.
  private final class Source {
    private static let pieceBytes = 1 << 20

    private let file: SnapshotFile
    private let keeper: any SnapshotKeeper
    let byteCount: Int
    private(set) var failure: StoreError?
    /// Of what the reader was given.
    private var read = SHA256()

    init(_ file: SnapshotFile, of keeper: any SnapshotKeeper) {
      self.file = file
      self.keeper = keeper
      do throws(StoreError) {
        byteCount = try keeper.byteCount(of: file)
      } catch {
        byteCount = 0
        failure = error
      }
    }

    func bytes(at offset: Int, _ count: Int) -> [UInt8] {
      guard count > 0, failure == nil else { return [] }
      do throws(StoreError) {
        return try keeper.read(file, at: offset, count: count)
      } catch {
        failure = error
        return []
      }
    }

    func digest(ofFirst count: Int) -> Digest {
      var hash = SHA256()
      for offset in stride(from: 0, to: count, by: Self.pieceBytes) {
        hash.update(bytes(at: offset, min(Self.pieceBytes, count - offset)))
      }
      return hash.finalize()
    }

    func reader(ofFirst count: Int) -> SnapshotReader {
      var offset = 0
      return SnapshotReader { [self] in
        let piece = bytes(at: offset, min(Self.pieceBytes, count - offset))
        offset += piece.count
        read.update(piece)
        return piece
      }
    }

    /// Checks that what the reader was given is what was hashed before: the file may have been
    /// replaced in between.
    func check(_ digest: Digest) throws(SnapshotError) {
      guard read.finalize() == digest else { throw SnapshotError("it changes while it is read") }
    }
  }
}
