internal import LedgerLog
internal import LedgerModel
package import LedgerStorage
package import LedgerWire
package import MerkleLog

/// Where a log is exported from.
package protocol ExportSource: Sendable {
  /// The checkpoint that the log publishes: that which its witnesses cosigned, where it has some.
  ///
  /// - Parameter size: What an earlier export covers: where the published one covers less, the
  ///   newest that the log has signed.
  /// - Returns: It, the log's signature checked.
  /// - Throws: ``ExportError/noCheckpoint``, or why it cannot be read.
  func checkpoint(after size: UInt64) throws(ExportError) -> VerifiedCheckpoint

  /// Opens a note, which the same key must have signed, for the same log.
  func open(_ note: [UInt8]) throws(CheckpointError) -> VerifiedCheckpoint

  /// Appends leaf hashes.
  ///
  /// - Parameters:
  ///   - tree: Over the log's first entries, as far as they are known.
  ///   - size: What it is to have then.
  ///   - look: Called with the size reached, for each bundle; what it throws ends the work.
  /// - Throws: ``ExportError``, where leaves cannot be read.
  func extend(
    _ tree: inout MerkleTree, to size: UInt64, look: (UInt64) throws(ExportError) -> Void
  ) throws(ExportError)

  /// Returns what reads the log's leaf tiles, best in order; what it reads, `tree` vouches for.
  func leafTiles(of tree: MerkleTree) -> any LeafTileReader
}

/// Reads leaf tiles, each checked against the tree.
package protocol LeafTileReader {
  /// Reads one, as wide as in the tree.
  mutating func read(
    _ index: UInt64, withEntries: Bool
  ) throws(ExportError) -> LeafTileContents
}

/// The leaf hashes of a tile, and its entries as a bundle where they were asked for.
package struct LeafTileContents: Sendable {
  package let hashes: [Digest]
  package let entries: [UInt8]?

  package init(hashes: [Digest], entries: [UInt8]?) {
    self.hashes = hashes
    self.entries = entries
  }
}

/// A ledger's own folder: its store, and the checkpoints beside it.
package struct StoreSource: ExportSource {
  private let store: any LedgerStore
  private let checkpoints: any CheckpointKeeper
  private let cosigned: (any CosignedKeeper)?
  private let origin: Origin
  private let key: VerifierKey

  /// Begins with entry 0, which says who signs the log.
  ///
  /// - Parameters:
  ///   - store: The log, which no one writes to meanwhile.
  ///   - checkpoints: Those kept beside it.
  ///   - cosigned: The one that witnesses cosigned, where there are witnesses.
  ///   - trust: What the log must be, where it is given.
  /// - Throws: ``ExportError/log(_:)`` where the log does not begin as one does, or as the trust
  ///   file says.
  package init(
    _ store: any LedgerStore, checkpoints: any CheckpointKeeper,
    cosigned: (any CosignedKeeper)? = nil, trust: TrustFile?
  ) throws(ExportError) {
    self.store = store
    self.checkpoints = checkpoints
    self.cosigned = cosigned
    do throws(LogFault) {
      key = try Self.logKey(of: store, trust: trust)
    } catch {
      throw .log(error)
    }
    origin = Origin(key.name)
  }

  private static func logKey(
    of store: any LedgerStore, trust: TrustFile?
  ) throws(LogFault) -> VerifierKey {
    let stored: LinkedEntry?
    do throws(StoreError) {
      stored = try EntryReader(store).entry(at: .genesis)
    } catch {
      throw LogFault(.storage, at: .genesis, error.description)
    }
    guard let stored else {
      throw LogFault(.genesis, at: .genesis, "the log is empty, and entry 0 is its genesis")
    }
    if let trust, trust.ledger.value.digest != stored.leaf {
      throw LogFault(
        .genesis, at: .genesis, "it is not the ledger of the trust file",
        expected: trust.ledger.value.digest, found: stored.leaf)
    }
    let key: VerifierKey?
    do throws(WireError) {
      key = try LogEntry(canonicalBytes: stored.stored.bytes).genesis?.verifierKey()
    } catch {
      throw LogFault(.genesis, at: .genesis, error.description)
    }
    guard let key else { throw LogFault(.genesis, at: .genesis, "entry 0 is no genesis") }
    guard let trust, trust.logKey != key else { return key }
    throw LogFault(
      .genesis, at: .genesis,
      "its log key is `\(key.vkey)`, and the trust file's is `\(trust.logKey.vkey)`")
  }

  package func checkpoint(after size: UInt64) throws(ExportError) -> VerifiedCheckpoint {
    let notes: [String]
    do throws(StoreError) {
      notes = [try cosigned?.newest(), try checkpoints.newest()].compactMap(\.self)
    } catch {
      throw .tiles(.store(error))
    }
    var opened: [VerifiedCheckpoint] = []
    for note in notes {
      do throws(CheckpointError) {
        opened.append(try open(Array(note.utf8)))
      } catch {
        throw .checkpoint(error)
      }
    }
    guard
      let verified = opened.first(where: { $0.checkpoint.size >= size }) ?? opened.last
    else { throw .noCheckpoint }
    guard verified.checkpoint.size > 0 else { throw .noCheckpoint }
    let entries: UInt64
    do throws(StoreError) { entries = try store.entryCount() } catch { throw .tiles(.store(error)) }
    guard entries >= verified.checkpoint.size else {
      throw .truncated(entries: entries, size: verified.checkpoint.size)
    }
    return verified
  }

  package func open(_ note: [UInt8]) throws(CheckpointError) -> VerifiedCheckpoint {
    try Checkpoint.open(note, origin: origin, logKey: key) {
      Ed25519.isValid($2, on: $1, publicKey: $0)
    }
  }

  package func extend(
    _ tree: inout MerkleTree, to size: UInt64, look: (UInt64) throws(ExportError) -> Void
  ) throws(ExportError) {
    let (store, first) = (store, tree.size)
    guard first < size else { return }
    let width = UInt64(Tile.widthMax)
    let bundles = ReadAhead<Result<[Digest], LogTilesError>>(
      "leaf-reader", valuesMax: ExportLimits.bundlesAheadMax
    ) { hand in
      var reader = BundleReader(store, rowsPerRead: ExportLimits.rowsPerRead)
      for index in first / width...(size - 1) / width {
        do throws(LogTilesError) {
          let leaves = try reader.read(index, width: Int(min(width, size - index * width))).leaves
          guard hand(.success(leaves)) else { return }
        } catch {
          _ = hand(.failure(error))
          return
        }
      }
    }
    defer { bundles.cancel() }
    while let bundle = bundles.next() {
      let leaves: [Digest]
      do throws(LogTilesError) { leaves = try bundle.get() } catch { throw .tiles(error) }
      tree.append(contentsOf: leaves.dropFirst(Int(tree.size % width)))
      try look(tree.size)
    }
  }

  package func leafTiles(of tree: MerkleTree) -> any LeafTileReader {
    StoreLeafTiles(
      tiles: LogTiles(store, tree: tree),
      reader: BundleReader(store, rowsPerRead: ExportLimits.rowsPerRead))
  }
}

extension LogEntry {
  /// What a genesis says.
  fileprivate var genesis: Genesis? {
    get throws(WireError) {
      guard case .genesis(let bytes, _) = body else { return nil }
      return try Genesis(canonicalBytes: bytes)
    }
  }
}

private struct StoreLeafTiles: LeafTileReader {
  let tiles: LogTiles
  var reader: BundleReader

  mutating func read(
    _ index: UInt64, withEntries: Bool
  ) throws(ExportError) -> LeafTileContents {
    do throws(LogTilesError) {
      let bundle = try tiles.bundle(index, by: &reader)
      return LeafTileContents(hashes: bundle.leaves, entries: withEntries ? bundle.bytes : nil)
    } catch {
      throw .tiles(error)
    }
  }
}
