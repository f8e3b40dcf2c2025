package import LedgerModel
package import LedgerStorage
internal import MerkleLog

/// The entries of an exported log as a store, to be read only: an export has no side data, and each
/// entry's is empty here.
package struct TileStore: LedgerStore {
  private let directory: TileDirectory
  private let size: UInt64

  /// - Parameters:
  ///   - directory: It holds bundles.
  ///   - size: How many entries: those of its checkpoint.
  package init(_ directory: TileDirectory, size: UInt64) {
    self.directory = directory
    self.size = size
  }

  package var hasSideData: Bool { false }

  package func entryCount() -> UInt64 { size }

  package func rows(
    from sequence: SequenceNumber, rowsMax: Int
  ) throws(StoreError) -> [StoredRow] {
    precondition(rowsMax >= 1, "rowsMax is \(rowsMax)")
    var rows: [StoredRow] = []
    var index = sequence.value / UInt64(Tile.widthMax)
    while rows.count < rowsMax, let bundle = Tile(.entries, index: index, treeSize: size) {
      let entries: ArraySlice<ArraySlice<UInt8>>
      var problem: String?
      do throws(TileDirectoryError) {
        let found = try directory.readableEntries(bundle)
        (entries, problem) = (found.entries.prefix { !$0.isEmpty }, found.problem?.description)
        if entries.count < found.entries.count { problem = "`\(bundle)`: an entry is empty" }
      } catch .files(let error) {
        throw .failed(detail: error.description)
      } catch {
        throw .corrupt(detail: error.description)
      }
      rows += Self.rows(entries, from: index * UInt64(Tile.widthMax))
        .filter { sequence < $0.end }
      if let problem {
        // What comes before the damage is returned first.
        guard !rows.isEmpty else { throw .corrupt(detail: problem) }
        break
      }
      index += 1
    }
    return Array(rows.prefix(rowsMax))
  }

  package func append(_ rows: [StoredRow]) throws(StoreError) {
    throw .readOnly(detail: "an exported log is only read")
  }

  package func close() {}

  /// Cuts a bundle into rows, which hold fewer bytes.
  private static func rows(
    _ entries: ArraySlice<ArraySlice<UInt8>>, from first: UInt64
  ) -> [StoredRow] {
    var packer = RowPacker(first: SequenceNumber(first))
    for entry in entries {
      // Safe: both spans end with the call, and what they lie in outlives it.
      unsafe packer.append(entry: entry.span.bytes, sideData: [UInt8]().span.bytes)
    }
    return packer.finish()
  }
}
