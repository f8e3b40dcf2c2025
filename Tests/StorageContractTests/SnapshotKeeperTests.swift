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
    _ file: SnapshotFile, _ bytes: [UInt8], in keeper: any SnapshotKeeper
  ) throws(StoreError) {
    try keeper.keep(file) { (append) throws(StoreError) in
      for start in stride(from: 0, to: bytes.count, by: 7) {
        try append(Array(bytes[start..<min(start + 7, bytes.count)]))
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func keepsWhatItIsGiven(kind: Kind) throws {
    try Self.withKeeper(kind) { keeper, _ in
      #expect(try keeper.files().isEmpty)
      let bytes = (0..<100).map { UInt8($0) }
      let ids = SnapshotFile.ids(entries: 5..<900)
      for size: UInt64 in [5, 900, 12] {
        try Self.keep(.state(size: size), bytes + [UInt8(size % 7)], in: keeper)
      }
      try Self.keep(ids, [7, 8], in: keeper)
      #expect(try keeper.sizes() == [900, 12, 5])
      #expect(try keeper.files().count == 4 && keeper.files().contains(ids))
      #expect(try keeper.byteCount(of: .state(size: 900)) == 101)
      #expect(
        try keeper.read(.state(size: 900), at: 98, count: 9) == [98, 99, UInt8(900 % 7)])
      #expect(try keeper.read(ids, at: 1, count: 9) == [8])
      // Again under the same name.
      try Self.keep(.state(size: 900), [1], in: keeper)
      #expect(try keeper.read(.state(size: 900), at: 0, count: 9) == [1])
      try keeper.remove(.state(size: 900))
      try keeper.remove(ids)
      #expect(Set(try keeper.files()) == [.state(size: 5), .state(size: 12)])
      #expect(throws: StoreError.self) { try keeper.read(ids, at: 0, count: 1) }
    }
  }

  /// Goal: one that could not be written whole is not there, and the others are as before.
  @Test(arguments: Kind.allCases)
  func keepsNothingOfWhatFails(kind: Kind) throws {
    try Self.withKeeper(kind) { keeper, folder in
      try Self.keep(.state(size: 3), [3], in: keeper)
      #expect(throws: StoreError.full(detail: "no room")) {
        try keeper.keep(.state(size: 4)) { (append) throws(StoreError) in
          try append([4])
          throw .full(detail: "no room")
        }
      }
      #expect(try keeper.sizes() == [3])
      #expect(try keeper.read(.state(size: 3), at: 0, count: 9) == [3])
      guard kind == .file else { return }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
      // What a crash left is no snapshot, and goes with the next one.
      try Scratch.write([9], to: folder + "/00000000000000000009.unfinished")
      try Scratch.write([9], to: folder + "/notes.txt")
      try Scratch.write([9], to: folder + "/ids-00000000000000000009-00000000000000000003")
      #expect(try keeper.sizes() == [3])
      try Self.keep(.state(size: 6), [6], in: keeper)
      #expect(try keeper.sizes() == [6, 3])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 4)
    }
  }
}
