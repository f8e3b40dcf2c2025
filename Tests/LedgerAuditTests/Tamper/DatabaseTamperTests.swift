import Foundation
import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: whatever becomes of the bytes of a database, it does not open, or `audit verify` fails, or
/// every entry and its side data are what they were.
///
/// Method: a real file, altered by seed: bits turned, blocks zeroed, pages exchanged or written
/// over each other, cut and lengthened. A checkpoint over all is at hand.
@Suite struct DatabaseTamperTests {
  private static let pageBytes = 4_096
  private static let alterationsPerSeed = 300

  private static func altered(_ bytes: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var altered = bytes
    let pages = bytes.count / pageBytes
    func page(_ random: inout SplitMix64) -> Range<Int> {
      let start = Int.random(in: 0..<pages, using: &random) * pageBytes
      return start..<start + pageBytes
    }
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      let start = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, start + 512)
      altered.replaceSubrange(start..<end, with: Array(repeating: 0, count: end - start))
    case 1: altered.replaceSubrange(page(&random), with: bytes[page(&random)])
    case 2:
      let (one, other) = (page(&random), page(&random))
      altered.replaceSubrange(one, with: bytes[other])
      altered.replaceSubrange(other, with: bytes[one])
    case 3: altered.removeLast(Int.random(in: 1..<bytes.count, using: &random))
    case 4: altered.removeLast(pageBytes * Int.random(in: 1..<pages, using: &random))
    case 5: altered += bytes[page(&random)]
    case 6:
      altered[Int.random(in: 0..<100, using: &random)] ^=
        1
        << UInt8.random(
          in: 0..<8, using: &random)
    default:
      altered[Int.random(in: bytes.indices, using: &random)] ^=
        1
        << UInt8.random(
          in: 0..<8, using: &random)
    }
    return altered
  }

  @Test(arguments: UInt64(0)..<8)
  func nothingIsReadThatWasNotWritten(seed: UInt64) throws {
    let log = try LogBuilder.varied().log
    let last = try #require(log.notes.last)
    let folder = NSTemporaryDirectory() + "specie-tamper-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try LedgerDirectory.create(at: folder, rows: log.rows()).close()
    let path = folder + "/" + LedgerDirectory.FileName.ledger
    let original = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let copy = folder + "/copy.sqlite"

    func run(_ bytes: [UInt8]) throws -> (report: AuditReport, rows: [StoredRow]?)? {
      try Data(bytes).write(to: URL(filePath: copy))
      let database: LedgerDatabaseReader
      do throws(StoreError) {
        database = try LedgerDatabaseReader(at: copy)
      } catch {
        return nil
      }
      defer { try? database.close() }
      let report = LedgerVerifier.verify(
        AuditedLog(database: database.store), trust: AuditTrust(log.trust),
        given: Array(last.utf8), secret: SampleKeys.commitmentSecret,
        options: AuditOptions(threads: 1))
      guard let rows = try? database.store.rows(from: .genesis, rowsMax: 1_000) else {
        return (report, nil)
      }
      // As one who wants a single entry finds it.
      return (report, rows.flatMap { (try? database.store.rows(from: $0.first, rowsMax: 1)) ?? [] })
    }

    let before = try #require(try run(original))
    #expect(before.report.verdict == .verified)
    let rows = try #require(before.rows)
    var random = SplitMix64(seed: seed)
    var (unopened, failed, noData) = (0, 0, 0)
    for number in 0..<Self.alterationsPerSeed {
      let bytes = Self.altered(original, using: &random)
      guard let (report, found) = try run(bytes) else {
        unopened += 1
        continue
      }
      switch report.verdict {
      case .failed: failed += 1
      case .verified:
        #expect(found == rows, "seed \(seed), number \(number)")
        noData += 1
      default: Issue.record("seed \(seed), number \(number): \(report.verdict)")
      }
    }
    #expect(unopened > 0 && failed > 0 && noData > 0, "\(unopened), \(failed), \(noData)")
    TamperTally.add("bytes of a database file", unopened: unopened, failed: failed, noData: noData)
  }

  /// Goal: whatever becomes of the bytes of the index of ids, `audit verify` fails, or every id is
  /// found where it was.
  @Test(arguments: UInt64(0)..<4)
  func noIDIsFoundElsewhere(seed: UInt64) throws {
    let log = try LogBuilder.long(600).log
    let caches = try KeptCaches(log)
    let folder = NSTemporaryDirectory() + "specie-tamper-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let directory = try LedgerDirectory.create(at: folder, rows: log.rows())
    try directory.index.add(caches.instructions, reaching: caches.reach)
    for note in log.notes { try directory.checkpoints.append(note) }
    try directory.close()
    let path = folder + "/" + LedgerDirectory.FileName.index
    let original = [UInt8](try Data(contentsOf: URL(filePath: path)))

    var random = SplitMix64(seed: seed)
    var (failed, noData) = (0, 0)
    for number in 0..<Self.alterationsPerSeed / 2 {
      let bytes = number == 0 ? original : Self.altered(original, using: &random)
      try Data(bytes).write(to: URL(filePath: path))
      let reader = try LedgerDirectoryReader(at: folder)
      defer { try? reader.close() }
      let report = LedgerVerifier.verify(
        AuditedLog(
          store: reader.store, checkpoints: reader.checkpoints,
          index: reader.index?.map { $0 as any LogIndex }),
        trust: AuditTrust(log.trust), options: AuditOptions(threads: 1))
      switch report.verdict {
      case .failed(let fault):
        #expect(fault.kind == .index && number > 0, "seed \(seed), number \(number): \(fault)")
        failed += 1
      case .verified:
        let index = try #require(try reader.index?.get())
        for found in caches.instructions {
          let sequence = try index.sequence(party: found.party, id: found.id)
          #expect(sequence == found.sequence, "seed \(seed), number \(number)")
        }
        noData += 1
      default: Issue.record("seed \(seed), number \(number): \(report.verdict)")
      }
    }
    #expect(failed > 0 && noData > 0, "\(failed), \(noData)")
    TamperTally.add("bytes of an index file", unopened: 0, failed: failed, noData: noData)
  }
}
