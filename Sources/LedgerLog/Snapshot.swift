package import LedgerCore
package import LedgerModel
package import LedgerStorage
package import LedgerWire
import MerkleLog

/// A ledger's whole state as of one entry, so that opening it replays only what came after.
///
/// A cache: all of it follows from the log. The ledger's own are signed by the log key, because
/// whoever could write one could otherwise write balances; an auditor's, which stay with him, have
/// a digest. It is bound to its log by the ledger's id and the hash of the last entry it covers.
///
/// - Source: docs/formats/snapshot.md.
package struct Snapshot: Sendable {
  package let state: LedgerState
  package let writer: LogWriter

  package init(state: LedgerState, writer: LogWriter) {
    precondition(
      state.nextSequence == writer.next, "state of \(state.nextSequence), log of \(writer.next)")
    self.state = state
    self.writer = writer
  }

  /// How many entries it covers.
  package var size: UInt64 { writer.next.value }
}

// MARK: - Bytes

extension Snapshot {
  private static let formatVersion: UInt32 = 1
  private static let mark = Array("specie-snapshot\n".utf8)

  /// What stands at the end, so that nothing before it can be changed unseen.
  package enum Seal: Sendable {
    /// The log key's signature.
    case signature
    /// The digest itself: for who trusts the place where it is kept.
    case digest

    var byteCount: Int {
      switch self {
      case .signature: 64
      case .digest: 32
      }
    }
  }

  /// What is signed, as the type of a DSSE payload: the digest of all bytes before the signature.
  private static let payloadType = "application/vnd.specie.snapshot.v1"

  /// Writes the snapshot in pieces.
  ///
  /// - Parameters:
  ///   - key: The log's.
  ///   - append: Takes each piece, in order.
  /// - Throws: What `append` throws, which is not called again then.
  /// - Complexity: O(accounts + counters + live ids + log size / 256).
  package func write(
    signedBy key: SigningKey, _ append: ([UInt8]) throws(StoreError) -> Void
  ) throws(StoreError) {
    try append(key.sign(Self.message(writeSigned(append))))
  }

  /// The same, sealed by its digest alone.
  package func write(_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) {
    try append(writeSigned(append).bytes)
  }

  /// Writes all but the seal, and returns its digest.
  private func writeSigned(
    _ append: ([UInt8]) throws(StoreError) -> Void
  ) throws(StoreError) -> Digest {
    var hash = SHA256()
    var failure: StoreError?
    withoutActuallyEscaping(append) { append in
      var bytes = SnapshotWriter { piece in
        guard failure == nil else { return }
        hash.update(piece)
        do throws(StoreError) { try append(piece) } catch { failure = error }
      }
      for byte in Self.mark { bytes.write(byte) }
      bytes.write(Self.formatVersion)
      bytes.write(state.id.value)
      bytes.write(size)
      bytes.write(Bytes32(writer.head))
      writer.write(to: &bytes)
      state.write(to: &bytes) { $0.canonicalBytes }
      bytes.finish()
    }
    if let failure { throw failure }
    return hash.finalize()
  }

  private static func message(_ digest: Digest) -> [UInt8] {
    DSSE.preAuthenticationEncoding(type: payloadType, payload: digest.bytes)
  }

  /// Reads a snapshot, twice: what is not signed is not looked at.
  ///
  /// - Parameters:
  ///   - size: How many entries it covers.
  ///   - keeper: Has it.
  ///   - genesis: Of the log.
  ///   - id: Of the ledger.
  ///   - seal: What it must end with.
  /// - Throws: ``SnapshotError``; nothing is believed then.
  package init(
    _ size: UInt64, from keeper: any SnapshotKeeper, of genesis: Genesis, id: LedgerID,
    seal: Seal = .signature
  ) throws(SnapshotError) {
    let source = Source(size: size, keeper: keeper)
    let signedCount = source.byteCount - seal.byteCount
    guard signedCount > 0 else {
      throw SnapshotError(source.failure?.description ?? "it is too short")
    }
    var hash = SHA256()
    for offset in stride(from: 0, to: signedCount, by: Self.pieceBytes) {
      hash.update(source.bytes(at: offset, min(Self.pieceBytes, signedCount - offset)))
    }
    let found = source.bytes(at: signedCount, seal.byteCount)
    if let failure = source.failure { throw SnapshotError(failure.description) }
    let digest = hash.finalize()
    switch seal {
    case .signature:
      guard Ed25519.isValid(found, on: Self.message(digest), by: genesis.logKey) else {
        throw SnapshotError("the log key has not signed it as it is")
      }
    case .digest:
      guard found == digest.bytes else { throw SnapshotError("it is damaged") }
    }
    var offset = 0
    var bytes = SnapshotReader {
      let piece = source.bytes(at: offset, min(Self.pieceBytes, signedCount - offset))
      offset += piece.count
      return piece
    }
    self = try Self.parse(&bytes, genesis, id)
    guard self.size == size else { throw SnapshotError("it covers \(self.size) entries") }
  }

  private static let pieceBytes = 1 << 20

  /// A kept snapshot's bytes; once it cannot be read, there are none.
  private final class Source {
    private let size: UInt64
    private let keeper: any SnapshotKeeper
    let byteCount: Int
    private(set) var failure: StoreError?

    init(size: UInt64, keeper: any SnapshotKeeper) {
      self.size = size
      self.keeper = keeper
      do throws(StoreError) {
        byteCount = try keeper.byteCount(of: size)
      } catch {
        byteCount = 0
        failure = error
      }
    }

    func bytes(at offset: Int, _ count: Int) -> [UInt8] {
      guard count > 0, failure == nil else { return [] }
      do throws(StoreError) {
        return try keeper.read(size, at: offset, count: count)
      } catch {
        failure = error
        return []
      }
    }
  }

  private static func parse(
    _ bytes: inout SnapshotReader, _ genesis: Genesis, _ id: LedgerID
  ) throws(SnapshotError) -> Snapshot {
    for byte in mark {
      guard try bytes.uint8() == byte else { throw SnapshotError("it is no snapshot") }
    }
    let version = try bytes.uint32()
    guard version == formatVersion else {
      throw SnapshotError("its format is \(version), and this program's is \(formatVersion)")
    }
    guard LedgerID(try bytes.bytes32()) == id else {
      throw SnapshotError("it is of another ledger")
    }
    let size = try bytes.uint64()
    let head = try bytes.bytes32().digest
    let writer = try LogWriter(reading: &bytes, head: head, size: size)
    let state = try LedgerState(
      reading: &bytes, genesis: genesis, id: id,
      decode: { (encoded) throws(SnapshotError) in
        do throws(WireError) {
          return try RuleSet(canonicalBytes: encoded)
        } catch {
          throw SnapshotError("its rules: \(error)")
        }
      })
    guard bytes.isAtEnd(), state.nextSequence.value == size else {
      throw SnapshotError("it does not end where its state does")
    }
    return Snapshot(state: state, writer: writer)
  }
}
