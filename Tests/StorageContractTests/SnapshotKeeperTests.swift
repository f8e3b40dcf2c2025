import Foundation
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// What every keeper of snapshots must do.
@Suite struct SnapshotKeeperTests {
  enum Kind: CaseIterable {
    case memory
    case file
  }

  private static func withKeeper(
    _ kind: Kind, _ body: (any SnapshotKeeper, String) throws -> Void
  ) throws {
    switch kind {
    case .memory: try body(MemorySnapshotKeeper(), "")
    case .file:
      let scratch = try Scratch()
      let directory = try LedgerDirectory.create(at: scratch["ledger"])
      try body(directory.snapshots, scratch["ledger"] + "/snapshots")
      try directory.close()
    }
  }

  private static func keep(
    _ size: UInt64, _ bytes: [UInt8], in keeper: any SnapshotKeeper, kept: Int = 2
  ) throws(StoreError) {
    try keeper.keep(size, kept: kept) { (append) throws(StoreError) in
      for start in stride(from: 0, to: bytes.count, by: 7) {
        try append(Array(bytes[start..<min(start + 7, bytes.count)]))
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func keepsTheNewestWhole(kind: Kind) throws {
    try Self.withKeeper(kind) { keeper, _ in
      #expect(try keeper.sizes() == [])
      let bytes = (0..<100).map { UInt8($0) }
      for size: UInt64 in [5, 900, 12] {
        try Self.keep(size, bytes + [UInt8(size % 7)], in: keeper)
      }
      #expect(try keeper.sizes() == [900, 12])
      #expect(try keeper.byteCount(of: 900) == 101)
      #expect(try keeper.read(900, at: 98, count: 9) == [98, 99, UInt8(900 % 7)])
      #expect(throws: StoreError.self) { try keeper.read(5, at: 0, count: 1) }
      // Again under the same name.
      try Self.keep(900, [1], in: keeper)
      #expect(try keeper.read(900, at: 0, count: 9) == [1])
    }
  }

  /// Goal: one that could not be written whole is not there, and the others are as before.
  @Test(arguments: Kind.allCases)
  func keepsNothingOfWhatFails(kind: Kind) throws {
    try Self.withKeeper(kind) { keeper, folder in
      try Self.keep(3, [3], in: keeper)
      #expect(throws: StoreError.full(detail: "no room")) {
        try keeper.keep(4, kept: 1) { (append) throws(StoreError) in
          try append([4])
          throw .full(detail: "no room")
        }
      }
      #expect(try keeper.sizes() == [3])
      #expect(try keeper.read(3, at: 0, count: 9) == [3])
      guard kind == .file else { return }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
      // What a crash left is no snapshot, and goes with the next one.
      try Scratch.write([9], to: folder + "/00000000000000000009.unfinished")
      try Scratch.write([9], to: folder + "/notes.txt")
      #expect(try keeper.sizes() == [3])
      try Self.keep(6, [6], in: keeper)
      #expect(try keeper.sizes() == [6, 3])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
    }
  }
}
