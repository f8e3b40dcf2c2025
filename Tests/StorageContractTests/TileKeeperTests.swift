import Foundation
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// What every keeper of exported files must do, and what the folder must withstand.
@Suite struct TileKeeperTests {
  enum Kind: CaseIterable {
    case memory
    case folder
  }

  private static func withKeeper(
    _ kind: Kind, _ body: (any TileKeeper, _ path: (String) -> String) throws -> Void
  ) throws {
    switch kind {
    case .memory: try body(MemoryTileKeeper()) { $0 }
    case .folder:
      let scratch = try Scratch()
      try body(TileFolder(writing: scratch["export"])) { scratch["export/" + $0] }
    }
  }

  @Test(arguments: Kind.allCases)
  func keepsFiles(kind: Kind) throws {
    try Self.withKeeper(kind) { keeper, path in
      let names = ["tile/0/000", "tile/0/x001/234.p/5", "tile/entries/000", "checkpoint"]
      for name in names {
        #expect(try keeper.read(name, bytesMax: 10) == nil)
        #expect(try !keeper.exists(name))
        #expect(try keeper.keep(Array(name.utf8), at: name))
        #expect(try !keeper.keep(Array(name.utf8), at: name))
        for other in [Array("\(name) ".utf8), Array(name.utf8.dropLast()), [], [1]] {
          #expect(throws: TileFileError.differs(path: path(name))) {
            try keeper.keep(other, at: name)
          }
        }
      }
      try keeper.sync()
      for name in names {
        let count = name.utf8.count
        #expect(try keeper.read(name, bytesMax: count) == Array(name.utf8))
        #expect(throws: TileFileError.tooLarge(path: path(name), byteCount: count, max: 3)) {
          try keeper.read(name, bytesMax: 3)
        }
      }
      try keeper.replace([7], at: "checkpoint")
      #expect(try keeper.read("checkpoint", bytesMax: 10) == [7])
      try keeper.remove("checkpoint")
      try keeper.remove("checkpoint")
      #expect(try !keeper.exists("checkpoint"))
    }
  }

  @Test(arguments: Kind.allCases)
  func removesPartials(kind: Kind) throws {
    try Self.withKeeper(kind) { keeper, _ in
      for name in ["tile/0/001.p/5", "tile/0/001.p/17", "tile/0/001", "tile/0/011.p/5"] {
        try keeper.keep([1], at: name)
      }
      #expect(try !keeper.hasPartials(of: "tile/0/000"))
      #expect(try keeper.hasPartials(of: "tile/0/001"))
      #expect(try keeper.removePartials(of: "tile/0/000") == 0)
      #expect(try keeper.removePartials(of: "tile/0/001") == 2)
      #expect(try keeper.removePartials(of: "tile/0/001") == 0)
      #expect(try !keeper.hasPartials(of: "tile/0/001"))
      #expect(try keeper.read("tile/0/001", bytesMax: 1) == [1])
      #expect(try keeper.read("tile/0/011.p/5", bytesMax: 1) == [1])
    }
  }

  @Test(arguments: Kind.allCases)
  func marksWhatIsUnderWay(kind: Kind) throws {
    try Self.withKeeper(kind) { keeper, _ in
      #expect(try !keeper.begin())
      #expect(try keeper.begin())
      try keeper.end()
      #expect(try !keeper.begin())
    }
  }

  /// Goal: one writer at a time, readers at any time, and a mark that outlives the process.
  @Test func folderIsLocked() throws {
    let scratch = try Scratch()
    let path = scratch["export"]
    do {
      let keeper = try TileFolder(writing: path)
      #expect(throws: TileFileError.inUse(path: path)) { try TileFolder(writing: path) }
      _ = try keeper.begin()
      try keeper.keep([1], at: "tile/0/000")
      #expect(try TileFolder(reading: path).read("tile/0/000", bytesMax: 1) == [1])
    }
    #expect(try TileFolder(writing: path).begin())
  }

  /// Goal: hashes are for whoever serves them, and entries for their owner.
  @Test func permissions() throws {
    let scratch = try Scratch()
    let keeper = try TileFolder(writing: scratch["export"])
    for name in ["tile/0/000", "tile/entries/x001/000", "checkpoint"] {
      try keeper.keep([1], at: name)
    }
    func permissions(_ name: String) throws -> Int {
      let attributes = try FileManager.default.attributesOfItem(atPath: scratch["export/" + name])
      return try #require(attributes[.posixPermissions] as? Int)
    }
    #expect(try permissions("tile/0/000") & 0o444 == 0o444)
    #expect(try permissions("checkpoint") & 0o444 == 0o444)
    #expect(try permissions("tile/0") & 0o555 == 0o555)
    #expect(try permissions("tile/entries") == 0o700)
  }

  /// Goal: a folder that was named by mistake is left alone.
  @Test func otherFoldersAreRefused() throws {
    let scratch = try Scratch()
    try LedgerDirectory.create(at: scratch["ledger"]).close()
    let before = try Scratch.contents(of: scratch["ledger"]).keys.sorted()
    #expect(throws: TileFileError.notAnExport(path: scratch["ledger"])) {
      try TileFolder(writing: scratch["ledger"])
    }
    #expect(try Scratch.contents(of: scratch["ledger"]).keys.sorted() == before)
    #expect(throws: TileFileError.folderNotFound(path: scratch["a/b"])) {
      try TileFolder(writing: scratch["a/b"])
    }
    #expect(throws: TileFileError.folderNotFound(path: scratch["none"])) {
      try TileFolder(reading: scratch["none"])
    }
  }

  /// Goal: a link within the folder leads nowhere, neither to read nor to write nor to remove.
  @Test func linksAreNotFollowed() throws {
    let scratch = try Scratch()
    let files = FileManager.default
    let keeper = try TileFolder(writing: scratch["export"])
    try keeper.keep([1], at: "tile/0/000")
    try files.createDirectory(
      atPath: scratch["outside"], withIntermediateDirectories: false)
    try Data([7]).write(to: URL(fileURLWithPath: scratch["outside/5"]))
    for (link, target) in [
      ("tile/1", "outside"), ("tile/0/001.p", "outside"), ("tile/0/002", "outside/5"),
    ] {
      try files.createSymbolicLink(
        atPath: scratch["export/" + link], withDestinationPath: scratch[target])
    }
    #expect(throws: TileFileError.self) { try keeper.read("tile/0/002", bytesMax: 10) }
    #expect(throws: TileFileError.self) { try keeper.read("tile/1/5", bytesMax: 10) }
    #expect(throws: TileFileError.self) { try keeper.keep([1], at: "tile/1/000") }
    #expect(throws: TileFileError.self) { try keeper.keep([7], at: "tile/0/002") }
    #expect(throws: TileFileError.self) { try keeper.removePartials(of: "tile/0/001") }
    #expect(try files.contentsOfDirectory(atPath: scratch["outside"]) == ["5"])
  }

  /// Goal: only partial tiles are removed, whatever else lies beside them.
  @Test func onlyPartialsAreRemoved() throws {
    let scratch = try Scratch()
    let keeper = try TileFolder(writing: scratch["export"])
    for name in ["1", "255", "256", "0", "01", "note", "+5"] {
      try keeper.keep([1], at: "tile/0/001.p/" + name)
    }
    #expect(try keeper.removePartials(of: "tile/0/001") == 2)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch["export/tile/0/001.p"]).sorted()
        == ["+5", "0", "01", "256", "note"])
  }

  /// Goal: what is no regular file is an error, and does not keep the reader waiting.
  @Test func otherKindsOfFiles() throws {
    let scratch = try Scratch()
    let keeper = try TileFolder(writing: scratch["export"])
    try keeper.keep([1], at: "tile/0/000")
    #expect(unsafe mkfifo(scratch["export/checkpoint"], 0o600) == 0)
    for name in ["checkpoint", "tile/0"] {
      #expect(throws: TileFileError.self) {
        let bytes = try keeper.read(name, bytesMax: 100)
        // A folder may read as an empty file; no more.
        if bytes?.isEmpty ?? true { throw TileFileError.failed(detail: "nothing") }
      }
    }
  }
}
