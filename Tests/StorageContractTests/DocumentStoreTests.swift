import Foundation
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
      store = directory?.documents ?? MemoryDocumentStore()
    }

    /// As after a restart; memory knows none.
    mutating func reopen() throws {
      guard let open = directory else { return }
      try open.close()
      let again = try LedgerDirectory.open(at: scratch["ledger"])
      directory = again
      store = again.documents
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
      })
  }

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
      let kept = try opened.store.keep(Self.record(number), Self.content(number, bytes: size))
      #expect(kept.record == Self.record(number))
      #expect(kept.content == Self.content(number, bytes: size))
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
    _ = try opened.store.keep(first, Self.content(1))
    let again = try opened.store.keep(Self.record(2, called: "m"), Self.content(2))
    #expect(again == KeptDocument(record: first, content: Self.content(1)))
    let other = try opened.store.keep(Self.record(3, of: 2, called: "m"), Self.content(3))
    #expect(other.record == Self.record(3, of: 2, called: "m"))
    #expect(try opened.store.document(DocumentDigest(.example(2))) == nil)

    try opened.store.remove(first.digest)
    let free = try opened.store.keep(Self.record(4, called: "m"), Self.content(4))
    #expect(free.record.digest == DocumentDigest(.example(4)))
    try opened.store.setOrdered(free.record.digest)
    try opened.store.remove(free.record.digest)
    #expect(try opened.store.deleteContents(before: Self.time(1), countMax: 10) == 2)
    try opened.reopen()
    let taken = try opened.store.keep(Self.record(5, called: "m"), Self.content(5))
    #expect(taken == KeptDocument(record: free.record, content: nil))
  }

  /// Goal: what is not ordered is listed in the order in which it came, a page at a time, and
  /// counted for each sender.
  @Test(arguments: Kind.allCases)
  func listsWhatIsNotOrdered(kind: Kind) throws {
    let opened = try Opened(kind)
    let store = opened.store
    for number in 1...9 {
      _ = try store.keep(
        Self.record(number, of: 1 + number % 2), Self.content(number, bytes: number))
    }
    for number in [2, 5] { try store.setOrdered(DocumentDigest(.example(number))) }
    try store.setOrdered(DocumentDigest(.example(2)))
    var found: [DocumentDigest] = []
    while true {
      let page = try store.unordered(after: found.last, countMax: 3)
      guard !page.isEmpty else { break }
      #expect(page.count <= 3)
      found += page.map(\.digest)
    }
    #expect(found == [1, 3, 4, 6, 7, 8, 9].map { DocumentDigest(.example($0)) })
    #expect(
      try store.unordered(of: .example(1)) == UnorderedDocuments(count: 3, bytes: 4 + 6 + 8))
    #expect(
      try store.unordered(of: .example(2)) == UnorderedDocuments(count: 4, bytes: 1 + 3 + 7 + 9))
    #expect(try store.unordered(of: .example(3)) == UnorderedDocuments(count: 0, bytes: 0))
  }

  /// Goal: contents go with their time, and so many at once; their records stay.
  @Test(arguments: Kind.allCases)
  func deletesContents(kind: Kind) throws {
    let opened = try Opened(kind)
    let store = opened.store
    for number in 0..<6 {
      _ = try store.keep(Self.record(number, at: UInt64(number)), Self.content(number))
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
    for number in 1...2 {
      _ = try directory.documents.keep(
        Self.record(number), DocumentContent(salt: .example(1), bytes: secret))
    }
    #expect(try isThere())
    try directory.documents.setOrdered(DocumentDigest(.example(1)))
    try directory.documents.remove(DocumentDigest(.example(2)))
    #expect(try isThere())
    #expect(try directory.documents.deleteContents(before: Self.time(1), countMax: 9) == 1)
    #expect(try !isThere())
    try directory.close()
    #expect(try !isThere())
  }

  /// Goal: a ledger that was made before there were documents opens, and takes them.
  @Test func isMadeWhereItIsMissing() throws {
    let scratch = try Scratch()
    try LedgerDirectory.create(at: scratch["ledger"]).close()
    try FileManager.default.removeItem(atPath: scratch["ledger/documents.sqlite"])
    let directory = try LedgerDirectory.open(at: scratch["ledger"])
    _ = try directory.documents.keep(Self.record(1), Self.content(1))
    try directory.close()
    #expect(throws: StoreError.closed) { try directory.documents.setOrdered(Self.record(1).digest) }
  }
}
