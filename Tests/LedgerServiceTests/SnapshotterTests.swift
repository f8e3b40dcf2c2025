import LedgerModel
import LedgerService
import LedgerStorage
import LedgerTesting
import LedgerWire
import Logging
import Synchronization
import Testing

/// Goal: a ledger opened from a snapshot is the one that replay gives; one that is not good is
/// never believed, and none keeps a ledger from opening.
@Suite struct SnapshotterTests {
  private static var limits: ServiceLimits {
    var limits = ServiceLimits()
    limits.snapshotEntriesMin = 5
    limits.snapshotIntervalNanoseconds = 0
    limits.snapshotBytesPerSecondMax = .max
    limits.snapshotLookNanoseconds = 1_000_000
    limits.checkpointIntervalNanoseconds = 1_000_000
    limits.indexIntervalNanoseconds = 1_000_000
    return limits
  }

  /// A store whose rows before `first` cannot be read, but for single entries.
  private final class Tail: LedgerStore {
    let base: any LedgerStore
    let first: UInt64

    init(_ base: any LedgerStore, from first: UInt64) {
      self.base = base
      self.first = first
    }

    func append(_ rows: [StoredRow]) throws(StoreError) { try base.append(rows) }
    func entryCount() throws(StoreError) -> UInt64 { try base.entryCount() }
    func rows(from start: SequenceNumber, rowsMax: Int) throws(StoreError) -> [StoredRow] {
      guard start.value >= first || rowsMax == 1 else {
        throw .corrupt(detail: "entry \(start) is read")
      }
      return try base.rows(from: start, rowsMax: rowsMax)
    }
    func close() throws(StoreError) { try base.close() }
  }

  /// All that the ledger shows, in one text.
  private static func shown(_ ledger: Ledger, _ bank: TestBank) throws -> String {
    let accounts = try ([bank.settlement] + bank.wallets).map { try ledger.account($0, for: .open) }
    let statement = try ledger.statement(
      of: bank.wallets[0], for: .open, filter: StatementFilter(), before: nil, linesMax: 100)
    return "\(accounts) \(ledger.supply(for: .open)) \(statement) "
      + "\(try ledger.participants(after: nil, countMax: 9, for: .open))"
  }

  /// A ledger that has run and stopped, with a snapshot that covers at least `size` entries.
  private static func stopped(
    amounts: ClosedRange<UInt64> = 1...12
  ) async throws -> (TestLedger, TestBank, shown: String, sent: [Submission]) {
    let test = try TestLedger()
    let ledger = try test.open(limits: limits)
    let bank = try await TestBank(1, on: ledger, of: test)
    var sent: [Submission] = []
    for amount in amounts {
      test.clock.advance(microseconds: 1_000)
      sent.append(
        test.submission(
          [bank.pay(bank.wallets[1], amount)], of: bank.party, on: ledger.id,
          signedBy: [bank.key]))
      _ = try await ledger.submit(sent[sent.count - 1])
    }
    // Ledger time stands where it is; the snapshotter's clock has to go on.
    while (try test.snapshots.sizes().first ?? 0) + 5 <= ledger.status().size {
      test.clock.advance(microseconds: 10)
      try await Task.sleep(for: .milliseconds(2))
    }
    let shown = try shown(ledger, bank)
    await test.stop(ledger)
    return (test, bank, shown, sent)
  }

  /// Whether an order that is sent again, under another statement, is told from a new one.
  private static func isKnown(
    _ submission: Submission, to ledger: Ledger, _ bank: TestBank, _ test: TestLedger
  ) async throws -> Bool {
    let again = try await ledger.submit(
      Submission(
        submission.instructions.map { try Instruction(canonicalBytes: $0) }, of: bank.party,
        on: ledger.id,
        expiry: LedgerTime(microseconds: test.clock.wallMicroseconds() + 200_000_000),
        signedBy: [bank.key]))
    return again.instructions.map(\.isDuplicate) == [true]
  }

  @Test func openFromASnapshot() async throws {
    let (test, bank, shown, sent) = try await Self.stopped()
    let size = try #require(try test.snapshots.sizes().first)
    let ledger = try test.open(wrap: { Tail($0, from: size) })
    #expect(try Self.shown(ledger, bank) == shown)
    // What was sequenced before it is known still.
    let receipt = try await ledger.submit(sent[0])
    #expect(receipt.sequence.value < size)
    #expect(try await Self.isKnown(sent[0], to: ledger, bank, test))
    while ledger.status().checkpointSize < 2 { try await Task.sleep(for: .milliseconds(2)) }
    let proof = try ledger.proof(of: SequenceNumber(1), for: .open)
    #expect(!proof.proof.isEmpty)
    let after = try Self.shown(ledger, bank)
    await test.stop(ledger)
    // And replay of the whole log comes to the same.
    for file in test.snapshots.files() { test.snapshots.damage(file) { $0 = [] } }
    let replayed = try test.open()
    #expect(try Self.shown(replayed, bank) == after)
    await test.stop(replayed)
  }

  private final class Warnings: Sendable {
    let texts = Mutex<[String]>([])

    struct Handler: LogHandler {
      let warnings: Warnings
      var metadata: Logger.Metadata = [:]
      var logLevel = Logger.Level.warning

      subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
      }

      func log(event: LogEvent) {
        warnings.texts.withLock { $0.append("\(event.message)") }
      }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(warnings: self) } }
  }

  /// What opening warns of, and what the ledger then shows.
  private static func warnings(
    opening test: TestLedger, _ bank: TestBank
  ) async throws -> (texts: [String], shown: String) {
    let warnings = Warnings()
    let ledger = try test.open(logger: warnings.logger)
    let found = try shown(ledger, bank)
    await test.stop(ledger)
    return (warnings.texts.withLock { $0 }, found)
  }

  /// Method: Each of some bits turned, bytes cut off and added, in the newest of two snapshots: it
  /// is passed over with a warning, the older one is taken, and the ledger is the same.
  @Test func passOverADamagedOne() async throws {
    let (test, bank, shown, _) = try await Self.stopped()
    let size = try #require(try test.snapshots.sizes().first)
    let sound = try test.snapshots.read(.state(size: size), at: 0, count: .max)
    var changes: [@Sendable (inout [UInt8]) -> Void] = [
      { $0 = [] }, { $0.removeLast() }, { $0.append(0) }, { $0 = Array($0.prefix(63)) },
    ]
    for place in stride(from: 0, to: sound.count, by: sound.count / 24) {
      changes.append { $0[place] ^= 1 << UInt8(place % 8) }
    }
    for change in changes {
      test.snapshots.damage(.state(size: size)) { bytes in
        bytes = sound
        change(&bytes)
      }
      let (texts, found) = try await Self.warnings(opening: test, bank)
      #expect(found == shown)
      #expect(texts.count == 1 && texts[0].hasPrefix("the snapshot of \(size) entries is passed"))
    }
  }

  /// Goal: ids are written once, and each is known after an opening from the newest snapshot.
  ///
  /// Method: Many snapshots of a growing ledger; then each order is sent again under another
  /// statement.
  @Test func writeIDsOnce() async throws {
    let (test, bank, _, sent) = try await Self.stopped(amounts: 1...60)
    let size = try #require(try test.snapshots.sizes().first)
    let parts = test.snapshots.files().compactMap { file -> Range<UInt64>? in
      if case .ids(let entries) = file { entries } else { nil }
    }.sorted { $0.lowerBound < $1.lowerBound }
    #expect(parts.count > 2 && parts.first?.lowerBound == 0 && parts.last?.upperBound == size)
    for (part, next) in zip(parts, parts.dropFirst()) {
      #expect(part.upperBound == next.lowerBound)
    }
    let ledger = try test.open(wrap: { Tail($0, from: size) })
    for submission in sent {
      #expect(try await Self.isKnown(submission, to: ledger, bank, test))
    }
    await test.stop(ledger)
  }

  /// Goal: a snapshot whose ids are damaged or gone is passed over.
  @Test func passOverDamagedIDs() async throws {
    let (test, bank, shown, _) = try await Self.stopped()
    let files = test.snapshots.files().filter { if case .ids = $0 { true } else { false } }
    try #require(!files.isEmpty)
    for file in files {
      let sound = try test.snapshots.read(file, at: 0, count: .max)
      let changes: [@Sendable (inout [UInt8]) -> Void] = [
        { $0 = [] }, { $0.removeLast() }, { $0.append(0) }, { $0[$0.count / 2] ^= 4 },
      ]
      for change in changes {
        test.snapshots.damage(file) { bytes in
          bytes = sound
          change(&bytes)
        }
        let (texts, found) = try await Self.warnings(opening: test, bank)
        #expect(found == shown)
        #expect(texts.contains { $0.contains("the ids of entries") })
      }
      test.snapshots.damage(file) { $0 = sound }
    }
  }

  /// Goal: neither another ledger's snapshot, nor one by another key, nor one of another history is
  /// taken.
  @Test func passOverAForeignOne() async throws {
    let (test, bank, shown, _) = try await Self.stopped()
    let size = try #require(try test.snapshots.sizes().first)
    let (other, _, _, _) = try await Self.stopped(amounts: 2...13)
    let foreign = try #require(try other.snapshots.sizes().first)
    let bytes = try other.snapshots.read(.state(size: foreign), at: 0, count: .max)
    // The same genesis, and so the same ledger; but its entries are others.
    test.snapshots.damage(.state(size: size)) { $0 = bytes }
    let (texts, found) = try await Self.warnings(opening: test, bank)
    #expect(found == shown)
    #expect(texts.count == 1)
  }

  /// Goal: a snapshot that neither a checkpoint nor the index covers is not used.
  @Test func useNoneBeyondCheckpointAndIndex() async throws {
    let (test, bank, shown, _) = try await Self.stopped()
    let size = try #require(try test.snapshots.sizes().first)
    #expect(throws: OpeningError.self) {
      try test.open(index: MemoryLogIndex(), wrap: { Tail($0, from: size) })
    }
    test.disk.crash()
    let fresh = try test.open(index: MemoryLogIndex())
    #expect(try Self.shown(fresh, bank) == shown)
    await test.stop(fresh)
    let unchecked = try test.open(checkpoints: MemoryCheckpointKeeper())
    #expect(try Self.shown(unchecked, bank) == shown)
    await test.stop(unchecked)
  }
}
