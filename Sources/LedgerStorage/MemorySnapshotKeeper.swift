internal import Synchronization

/// Snapshots kept in memory, for tests and simulation.
package final class MemorySnapshotKeeper: SnapshotKeeper {
  private let snapshots = Mutex<[SnapshotFile: [UInt8]]>([:])

  package init() {}

  package func files() -> [SnapshotFile] { snapshots.withLock { Array($0.keys) } }

  package func byteCount(of file: SnapshotFile) throws(StoreError) -> Int {
    try bytes(of: file).count
  }

  package func read(
    _ file: SnapshotFile, at offset: Int, count: Int
  ) throws(StoreError) -> [UInt8] {
    Array(try bytes(of: file).dropFirst(offset).prefix(count))
  }

  package func keep(
    _ file: SnapshotFile,
    _ body: (_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void
  ) throws(StoreError) {
    var bytes: [UInt8] = []
    try body { (piece) throws(StoreError) in bytes += piece }
    let whole = bytes
    snapshots.withLock { $0[file] = whole }
  }

  package func remove(_ file: SnapshotFile) { snapshots.withLock { $0[file] = nil } }

  /// Changes a kept file, as a damaged disk would.
  package func damage(_ file: SnapshotFile, _ change: @Sendable (inout [UInt8]) -> Void) {
    snapshots.withLock { snapshots in
      guard var bytes = snapshots[file] else { return }
      change(&bytes)
      snapshots[file] = bytes
    }
  }

  private func bytes(of file: SnapshotFile) throws(StoreError) -> [UInt8] {
    guard let bytes = snapshots.withLock({ $0[file] }) else {
      throw .fileNotFound(path: "\(file)")
    }
    return bytes
  }
}
