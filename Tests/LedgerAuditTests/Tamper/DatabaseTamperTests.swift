import Foundation
import LedgerAudit
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
      let rows = try? database.store.rows(from: .genesis, rowsMax: 1_000)
      return (report, rows)
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
    TamperTally.addDatabase(unopened: unopened, failed: failed, noData: noData)
  }
}
