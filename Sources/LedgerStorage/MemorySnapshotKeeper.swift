internal import Synchronization

/// Snapshots kept in memory, for tests and simulation.
package final class MemorySnapshotKeeper: SnapshotKeeper {
  private let snapshots = Mutex<[UInt64: [UInt8]]>([:])

  package init() {}

  package func sizes() -> [UInt64] { snapshots.withLock { $0.keys.sorted(by: >) } }

  package func byteCount(of size: UInt64) throws(StoreError) -> Int { try bytes(of: size).count }

  package func read(
    _ size: UInt64, at offset: Int, count: Int
  ) throws(StoreError) -> [UInt8] {
    Array(try bytes(of: size).dropFirst(offset).prefix(count))
  }

  package func keep(
    _ size: UInt64, kept: Int,
    _ body: (_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void
  ) throws(StoreError) {
    var bytes: [UInt8] = []
    try body { (piece) throws(StoreError) in bytes += piece }
    let whole = bytes
    snapshots.withLock { snapshots in
      snapshots[size] = whole
      for old in snapshots.keys.sorted(by: >).dropFirst(kept) { snapshots[old] = nil }
    }
  }

  /// Changes a kept snapshot, as a damaged disk would.
  package func damage(_ size: UInt64, _ change: @Sendable (inout [UInt8]) -> Void) {
    snapshots.withLock { snapshots in
      guard var bytes = snapshots[size] else { return }
      change(&bytes)
      snapshots[size] = bytes
    }
  }

  private func bytes(of size: UInt64) throws(StoreError) -> [UInt8] {
    guard let bytes = snapshots.withLock({ $0[size] }) else {
      throw .fileNotFound(path: String(size))
    }
    return bytes
  }
}
