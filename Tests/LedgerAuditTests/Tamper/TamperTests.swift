import Foundation
import LedgerAudit
import LedgerModel
import LedgerTesting
import Testing

/// Goal: whatever is altered of a ledger or its export, `audit verify` finds it and names the entry
/// where it lies; or says that the end is unproven, where nothing at hand can prove it.
///
/// Method: seeds; each is a few hundred alterations of every kind, in two logs: a small one with an
/// order of nearly every kind, and one of 600 entries, whose export has two levels of tiles. To
/// repeat a failure, run its seed alone: `scripts/tamper SEED`.
@Suite struct TamperTests {
  private static var seeds: Range<UInt64> {
    let text = ProcessInfo.processInfo.environment["SPECIE_TAMPER_SEEDS"]
    let bounds = text?.split(separator: "-").compactMap { UInt64($0) } ?? []
    switch bounds.count {
    case 1: return bounds[0]..<bounds[0] + 1
    case 2 where bounds[0] < bounds[1]: return bounds[0]..<bounds[1]
    default: return 0..<32
    }
  }
  private static let alterationsPerSeed = 330

  @Test func isVerifiedBefore() throws {
    for ledger in try Self.ledgers() {
      let tampering = Tampering(ledger: ledger, random: SplitMix64(seed: 0))
      for trust in [ledger.file, ledger.policy] {
        let folder = try tampering.audit(ledger.log, trust: trust)
        #expect(folder.verdict == .verified, "\(folder.verdict)")
        let caches = try tampering.audit(
          ledger.log, trust: trust, index: ledger.caches.index(),
          snapshots: ledger.caches.snapshots(Array(ledger.caches.states.keys)))
        #expect(caches.verdict == .verified, "\(caches.verdict)")
        let export = tampering.audit(ledger.files, trust: trust)
        #expect(export.verdict == .verified, "\(export.verdict)")
      }
    }
  }

  private static func ledgers() throws -> [AuditedLedger] {
    [
      try AuditedLedger(try LogBuilder.varied(), secret: SampleKeys.commitmentSecret),
      try AuditedLedger(try LogBuilder.long(600), secret: nil),
    ]
  }

  @Test(arguments: seeds)
  func everyAlterationIsFound(seed: UInt64) throws {
    let ledgers = try Self.ledgers()
    var random = SplitMix64(seed: seed)
    var counts: [TamperKind: [String: Int]] = [:]
    for number in 0..<Self.alterationsPerSeed {
      let kind = TamperKind.allCases[random.offset(weighted: TamperKind.allCases.map(\.weight))]
      let isLong = number % 8 == 0
      var tampering = Tampering(
        ledger: ledgers[isLong ? 1 : 0], random: SplitMix64(seed: random.next()))
      let result = try tampering.run(kind)
      let name: String
      switch result {
      case .caught: name = "caught"
      case .unproven: name = "unproven"
      case .noData: name = "no data"
      case .missed(let what):
        name = "missed"
        Issue.record("seed \(seed), number \(number), \(kind): \(what)")
      }
      counts[kind, default: [:]][name, default: 0] += 1
    }
    TamperTally.add(counts)
  }
}

/// What all seeds came to: written where `SPECIE_TAMPER_TALLY` says, a line each.
enum TamperTally {
  static func add(_ counts: [TamperKind: [String: Int]]) {
    var lines = ""
    for kind in TamperKind.allCases {
      for (name, count) in (counts[kind] ?? [:]).sorted(by: { $0.key < $1.key }) {
        lines += "\(kind.rawValue)\t\(name)\t\(count)\n"
      }
    }
    write(lines)
  }

  static func add(_ kind: String, unopened: Int, failed: Int, noData: Int) {
    write("\(kind)\tdoes not open\t\(unopened)\n\(kind)\tcaught\t\(failed)\n")
    write("\(kind)\tno data\t\(noData)\n")
  }

  private static func write(_ lines: String) {
    guard let path = ProcessInfo.processInfo.environment["SPECIE_TAMPER_TALLY"],
      let file = FileHandle(forWritingAtPath: path)
    else { return }
    // One write, at the end: several tests write at once.
    _ = try? file.seekToEnd()
    try? file.write(contentsOf: Data(lines.utf8))
    try? file.close()
  }
}
