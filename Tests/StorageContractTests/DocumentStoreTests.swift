import Foundation
import GRDB
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import LedgerTesting
import Testing

/// What every store of documents must do.
@Suite struct DocumentStoreTests {
  enum Kind: CaseIterable {
    case memory
    case sqlite
  }

  /// Keeps the folder's other parts alive as long as the store is in use.
  private struct Opened {
    var store: any DocumentStore
    var directory: LedgerDirectory?
    let scratch: Scratch

    init(_ kind: Kind) throws {
      scratch = try Scratch()
      directory = kind == .sqlite ? try LedgerDirectory.create(at: scratch["ledger"]) : nil
      store = try directory?.openDocuments(mayBeMissing: false) ?? MemoryDocumentStore()
    }

    /// As after a restart; memory knows none.
    mutating func reopen() throws {
      guard let open = directory else { return }
      try store.close()
      try open.close()
      let again = try LedgerDirectory.open(at: scratch["ledger"])
      directory = again
      store = try again.openDocuments(mayBeMissing: false)
    }
  }

  private static func time(_ seconds: UInt64) -> LedgerTime {
    LedgerTime(microseconds: 1_772_337_600_000_000 + seconds * 1_000_000)
  }

  private static func record(
    _ number: Int, of sender: Int = 1, called reference: String? = nil, at seconds: UInt64 = 0
  ) -> DocumentRecord {
    DocumentRecord(
      digest: DocumentDigest(.example(number)), sender: .example(sender),
      reference: ClientReference(unchecked: reference ?? "msg-\(number)"), received: time(seconds),
      expiry: time(seconds + 540),
      orders: (0...number % 3).map {
        InstructionID(milliseconds: UInt64(number), random: (0, UInt64($0)))
      }, recipient: number % 2 == 0 ? .example(9) : nil)
  }

  private static let ample = UnorderedDocumentLimits(countMax: 100, bytesMax: 100 << 20)

  private static func content(_ number: Int, bytes: Int = 7) -> DocumentContent {
    DocumentContent(
      salt: .example(1_000 + number),
      bytes: (0..<bytes).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) })
  }

  /// Goal: what is kept is found again, also after a restart, to the largest that may be.
  @Test(arguments: Kind.allCases)
  func keepsWhatItTakes(kind: Kind) throws {
    var opened = try Opened(kind)
    let sizes = [0, 1, 300_000, StorageLimits.documentBytesMax]
    for (number, size) in sizes.enumerated() {
      let kept = try opened.store.keep(
        Self.record(number), Self.content(number, bytes: size), within: Self.ample)
      #expect(kept?.record == Self.record(number))
      #expect(kept?.content == Self.content(number, bytes: size))
    }
    try opened.reopen()
    for (number, size) in sizes.enumerated() {
      let found = try opened.store.document(DocumentDigest(.example(number)))
      #expect(found?.record == Self.record(number))
      #expect(found?.content == Self.content(number, bytes: size))
    }
    #expect(try opened.store.document(DocumentDigest(.example(99))) == nil)
  }

  /// Goal: one name a document of one sender; the first keeps it, also once it was deleted, unless
  /// nothing came of it.
  @Test(arguments: Kind.allCases)
  func takesANameOnce(kind: Kind) throws {
    var opened = try Opened(kind)
    let first = Self.record(1, called: "m")
    _ = try opened.store.keep(first, Self.content(1), within: Self.ample)
    let again = try opened.store.keep(
      Self.record(2, called: "m"), Self.content(2), within: Self.ample)
    #expect(again == KeptDocument(record: first, content: Self.content(1)))
    let other = try opened.store.keep(
      Self.record(3, of: 2, called: "m"), Self.content(3), within: Self.ample)
    #expect(other?.record == Self.record(3, of: 2, called: "m"))
    #expect(try opened.store.document(DocumentDigest(.example(2))) == nil)

    try opened.store.settle(ordered: [], forgotten: [first.digest])
    let free = try opened.store.keep(
      Self.record(4, called: "m"), Self.content(4), within: Self.ample)
    let record = try #require(free?.record)
    #expect(record.digest == DocumentDigest(.example(4)))
    #expect(try opened.store.document(of: .example(1), called: record.reference) == free)
    try opened.store.settle(ordered: [record.digest], forgotten: [])
    try opened.store.settle(ordered: [], forgotten: [record.digest])
    #expect(try opened.store.deleteContents(before: Self.time(1), countMax: 10) == 2)
    try opened.reopen()
    let taken = try opened.store.keep(
      Self.record(5, called: "m"), Self.content(5), within: Self.ample)
    #expect(taken == KeptDocument(record: record, content: nil))
  }

  /// Goal: what is not ordered is listed in the order in which it came, a page at a time, and
  /// counted for each sender.
  @Test(arguments: Kind.allCases)
  func listsWhatIsNotOrdered(kind: Kind) throws {
    let opened = try Opened(kind)
    let store = opened.store
    for number in 1...9 {
      _ = try store.keep(
        Self.record(number, of: 1 + number % 2), Self.content(number, bytes: number),
        within: Self.ample)
    }
    try store.settle(
      ordered: [2, 5].map { DocumentDigest(.example($0)) },
      forgotten: [8].map { DocumentDigest(.example($0)) })
    try store.settle(ordered: [DocumentDigest(.example(2))], forgotten: [])
    var found: [DocumentDigest] = []
    while true {
      let page = try store.unordered(after: found.last, countMax: 3)
      guard !page.isEmpty else { break }
      #expect(page.count <= 3)
      found += page.map(\.digest)
    }
    #expect(found == [1, 3, 4, 6, 7, 9].map { DocumentDigest(.example($0)) })
    #expect(throws: StoreError.self) {
      try store.unordered(after: DocumentDigest(.example(8)), countMax: 3)
    }
  }

  /// Goal: a sender has room for so many that nothing was ordered from, and so many bytes; what is
  /// known is told also where there is none.
  @Test(arguments: Kind.allCases)
  func hasRoomForSoMany(kind: Kind) throws {
    let opened = try Opened(kind)
    let store = opened.store
    for limits in [
      UnorderedDocumentLimits(countMax: 2, bytesMax: 1_000),
      UnorderedDocumentLimits(countMax: 1_000, bytesMax: 14),
    ] {
      for number in 1...2 {
        #expect(
          try store.keep(Self.record(number), Self.content(number), within: limits) != nil)
      }
      #expect(try store.keep(Self.record(3), Self.content(3), within: limits) == nil)
      #expect(try store.document(DocumentDigest(.example(3))) == nil)
      let known = try store.keep(
        Self.record(4, called: "msg-1"), Self.content(4), within: limits)
      #expect(known?.record == Self.record(1))
      #expect(
        try store.keep(Self.record(5, of: 2), Self.content(5), within: limits) != nil)
    }
    try store.settle(ordered: [DocumentDigest(.example(1))], forgotten: [])
    let limits = UnorderedDocumentLimits(countMax: 2, bytesMax: 1_000)
    #expect(try store.keep(Self.record(3), Self.content(3), within: limits) != nil)
  }

  /// Goal: contents go with their time, and so many at once; their records stay.
  @Test(arguments: Kind.allCases)
  func deletesContents(kind: Kind) throws {
    let opened = try Opened(kind)
    let store = opened.store
    for number in 0..<6 {
      _ = try store.keep(
        Self.record(number, at: UInt64(number)), Self.content(number), within: Self.ample)
    }
    #expect(try store.deleteContents(before: Self.time(4), countMax: 3) == 3)
    #expect(try store.deleteContents(before: Self.time(4), countMax: 3) == 1)
    #expect(try store.deleteContents(before: Self.time(4), countMax: 3) == 0)
    for number in 0..<6 {
      let kept = try store.document(DocumentDigest(.example(number)))
      #expect(kept?.record == Self.record(number, at: UInt64(number)))
      #expect((kept?.content != nil) == (number >= 4))
    }
  }

  /// Goal: what was deleted is nowhere in the file, nor beside it.
  @Test func leavesNothingOfWhatItDeletes() throws {
    let scratch = try Scratch()
    let directory = try LedgerDirectory.create(at: scratch["ledger"])
    let secret = Array("Erika Mustermann, Heidestrasse 17".utf8)
    let files = ["documents.sqlite", "documents.sqlite-wal"].map { scratch["ledger/" + $0] }
    func isThere() throws -> Bool {
      try files.contains { file in
        guard FileManager.default.fileExists(atPath: file) else { return false }
        return try Data(contentsOf: URL(filePath: file)).range(of: Data(secret)) != nil
      }
    }
    let store = try directory.openDocuments(mayBeMissing: false)
    for number in 1...3 {
      _ = try store.keep(
        Self.record(number, at: number == 3 ? 5 : 0),
        DocumentContent(salt: .example(1), bytes: number == 3 ? [7] : secret),
        within: Self.ample)
    }
    #expect(try isThere())
    try store.settle(
      ordered: [DocumentDigest(.example(1))], forgotten: [DocumentDigest(.example(2))])
    #expect(try isThere())
    // Somebody reads while it is deleted: it goes with the next look, or when the store is closed.
    let reader = try DatabaseQueue(path: files[0])
    try reader.inDatabase { database in
      try database.execute(sql: "BEGIN; SELECT count(*) FROM documents")
      #expect(try store.deleteContents(before: Self.time(1), countMax: 9) == 1)
      #expect(try isThere())
      try database.execute(sql: "COMMIT")
    }
    try reader.close()
    #expect(try store.deleteContents(before: Self.time(1), countMax: 9) == 0)
    #expect(try !isThere())
    try store.close()
    // What is still kept is in the file alone, so that the file is a whole copy.
    #expect(!FileManager.default.fileExists(atPath: files[1]))
    try directory.close()
    let copy = try DatabaseQueue(path: files[0])
    let count = try copy.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM documents") }
    #expect(count == 2)
  }

  /// Goal: a ledger that was made before there were documents opens, and takes them; of another one
  /// a missing file is told, since a message that is sent again would become other orders.
  @Test func isMadeWhereItMayBeMissing() throws {
    let scratch = try Scratch()
    try LedgerDirectory.create(at: scratch["ledger"]).close()
    let file = scratch["ledger/documents.sqlite"]
    try FileManager.default.removeItem(atPath: file)
    let directory = try LedgerDirectory.open(at: scratch["ledger"])
    #expect(throws: StoreError.fileNotFound(path: file)) {
      try directory.openDocuments(mayBeMissing: false)
    }
    // Left by a making that was cut short.
    _ = FileManager.default.createFile(atPath: file + ".unfinished", contents: Data())
    let store = try directory.openDocuments(mayBeMissing: true)
    _ = try store.keep(Self.record(1), Self.content(1), within: Self.ample)
    try store.close()
    try directory.close()
    #expect(throws: StoreError.closed) { try store.document(Self.record(1).digest) }
  }
}
