import Foundation
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// The published checkpoint: the newest, whole, whatever happens.
@Suite struct CosignedKeeperTests {
  private static func note(_ size: Int) -> String {
    "log\n\(size)\nroot\n\n— log AAAAAAA=\n— witness AAAAAAA=\n"
  }

  @Test func theNewestIsKept() throws {
    let scratch = try Scratch()
    let directory = try LedgerDirectory.create(at: scratch["ledger"])
    #expect(try directory.cosigned.newest() == nil)
    for size in 1...3 {
      try directory.cosigned.replace(Self.note(size))
      #expect(try directory.cosigned.newest() == Self.note(size))
    }
    try directory.close()
    let again = try LedgerDirectory.open(at: scratch["ledger"])
    #expect(try again.cosigned.newest() == Self.note(3))
    #expect(
      try Scratch.bytes(of: scratch["ledger/cosigned"]) == Array(Self.note(3).utf8))
    try again.close()
  }

  /// Goal: a replacement that was cut short leaves the one before, and does not hinder the next.
  @Test func aTornReplacementIsPassedOver() throws {
    let scratch = try Scratch()
    let directory = try LedgerDirectory.create(at: scratch["ledger"])
    try directory.cosigned.replace(Self.note(1))
    try Scratch.write(
      Array(Self.note(2).utf8.prefix(10)), to: scratch["ledger/cosigned.unfinished"])
    #expect(try directory.cosigned.newest() == Self.note(1))
    try directory.cosigned.replace(Self.note(2))
    #expect(try directory.cosigned.newest() == Self.note(2))
    try directory.close()
  }

  @Test func whatIsNoNoteIsNeitherKeptNorRead() throws {
    let scratch = try Scratch()
    let directory = try LedgerDirectory.create(at: scratch["ledger"])
    for text in ["", "log\n1\nroot\n", "log\n\n— log AAAAAAA=\n\n"] {
      #expect(throws: StoreError.self) { try directory.cosigned.replace(text) }
      try Scratch.write(Array(text.utf8), to: scratch["ledger/cosigned"])
      #expect(throws: StoreError.self, "\(text)") { _ = try directory.cosigned.newest() }
    }
    let long = Self.note(1) + String(repeating: "— log AAAAAAA=\n", count: 2_000)
    try Scratch.write(Array(long.utf8), to: scratch["ledger/cosigned"])
    #expect(throws: StoreError.self) { _ = try directory.cosigned.newest() }
    try directory.close()
  }
}
