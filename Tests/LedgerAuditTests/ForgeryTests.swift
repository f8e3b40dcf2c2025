import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: whoever holds the database, or the log's key, cannot rewrite what happened.
///
/// Method: each forgery is made as its forger would, with the chain and the checkpoints put right
/// wherever the keys he holds allow it.
@Suite struct ForgeryTests {
  private static func entry(_ log: SampleLog, _ index: Int) throws -> LogEntry {
    try LogEntry(canonicalBytes: log.records[index].entry)
  }

  /// Puts another body into an entry.
  private static func replace(
    _ index: Int, in log: inout SampleLog, time: LedgerTime? = nil,
    with body: (LogEntry.Body) throws -> LogEntry.Body
  ) throws {
    let entry = try entry(log, index)
    log.records[index].entry =
      LogEntry(
        sequence: entry.sequence, time: time ?? entry.time, previous: entry.previous,
        body: try body(entry.body)
      ).canonicalBytes
  }

  // MARK: - The log's tail and order

  @Test func truncatedAtEveryEntry() throws {
    let log = try LogBuilder.full().log
    for size in 0..<25 {
      var short = log
      short.records.removeLast(25 - size)
      let found = try fault(in: short)
      #expect(found?.kind == (size == 0 ? .genesis : .truncated), "size \(size)")
      #expect(found?.sequence == SequenceNumber(UInt64(size)), "size \(size)")
    }
  }

  /// Without checkpoints only a cut within a submission shows; the rest is the stated window.
  @Test func truncatedWithoutCheckpoints() throws {
    let log = try LogBuilder.full().log
    for size in 1..<25 {
      var short = log
      short.records.removeLast(25 - size)
      short.notes = []
      let report = try audit(short, trust: short.trust)
      let isBoundary = [1, 4, 6, 9, 13, 15, 16, 20, 22].contains(size)
      #expect(report.fault?.kind == (isBoundary ? nil : .truncated), "size \(size)")
      #expect(report.summary.unwitnessedEntries == UInt64(size))
    }
  }

  @Test func swappedEntries() throws {
    let log = try LogBuilder.full().log
    for index in 0..<24 {
      var swapped = log
      swapped.records.swapAt(index, index + 1)
      let found = try fault(in: swapped)
      #expect(
        found?.sequence == SequenceNumber(UInt64(index)), "\(index): \(String(describing: found))")
    }
  }

  @Test func removedEntry() throws {
    let log = try LogBuilder.full().log
    for index in 0..<25 {
      var short = log
      short.records.remove(at: index)
      let found = try fault(in: short)
      #expect(
        found?.sequence == SequenceNumber(UInt64(index)), "\(index): \(String(describing: found))")
      guard 1..<24 ~= index else { continue }
      #expect(found?.expected == TreeHash.leaf(log.records[index].entry), "\(index)")
    }
  }

  @Test func repeatedEntry() throws {
    let log = try LogBuilder.full().log
    for index in 0..<25 {
      var long = log
      long.records.insert(long.records[index], at: index)
      #expect(
        try fault(in: long)?.sequence == SequenceNumber(UInt64(index + 1)), "\(index)")
    }
  }

  @Test func repeatedRow() throws {
    let log = try LogBuilder.full().log
    var rows = log.rows()
    rows.insert(rows[2], at: 2)
    let asItWas = try audit(log, trust: log.trust, rows: rows).fault
    #expect(asItWas?.kind == .storage)
    #expect(asItWas?.sequence == rows[2].end)
    // Numbered on, so that the store sees nothing wrong.
    for index in 3..<rows.count {
      let row = rows[index]
      rows[index] = StoredRow(
        first: rows[index - 1].end, count: row.count, entries: row.entries, sideData: row.sideData)
    }
    let renumbered = try audit(log, trust: log.trust, rows: rows).fault
    #expect(renumbered?.kind == .chain)
    #expect(renumbered?.sequence == rows[2].end)
  }

  // MARK: - By the holder of the log's key

  /// An outcome is altered, the chain and every checkpoint made anew: replay decides otherwise.
  @Test func alteredDecision() throws {
    let builder = try LogBuilder.full()
    let outcomes: [(Int, LoggedOutcome)] = [
      (21, .accepted), (18, .accepted), (17, .rejected(code: .insufficientFunds, rule: nil)),
      (18, .rejected(code: .limitExceeded, rule: RuleID(unchecked: "pay.day"))),
      (19, .duplicate(of: SequenceNumber(16))), (19, .accepted),
      (3, .rejected(code: .alreadyFrozen, rule: nil)),
    ]
    for (index, outcome) in outcomes {
      var log = builder.log
      try Self.replace(index, in: &log) { body in
        guard case .instruction(let bytes, _) = body else { return body }
        return .instruction(bytes: bytes, outcome: outcome)
      }
      try log.rechain(from: index + 1)
      try log.resign(builder)
      let found = try fault(in: log)
      #expect(found?.kind == .decision, "\(index): \(String(describing: found))")
      #expect(found?.sequence == SequenceNumber(UInt64(index)))
      #expect(found?.expected == TreeHash.leaf(builder.log.records[index].entry))
    }
  }

  @Test func alteredBalance() throws {
    var log = try LogBuilder.full().log
    let side = try SideData(canonicalBytes: log.records[17].sideData)
    let richer = side.effects.map {
      PostingEffect(
        account: $0.account, balance: Balance(minorUnits: $0.balance.minorUnits + 1) ?? .zero,
        previous: $0.previous)
    }
    log.records[17].sideData = SideData(effects: richer, breach: nil).canonicalBytes
    let found = try fault(in: log)
    #expect(found?.kind == .sideData && found?.sequence == SequenceNumber(17))
  }

  @Test func sideDataWhereNoneBelongs() throws {
    for index in [0, 1, 13, 15] {
      var log = try LogBuilder.full().log
      log.records[index].sideData = [0]
      let found = try fault(in: log)
      #expect(found?.kind == .sideData && found?.sequence == SequenceNumber(UInt64(index)))
    }
  }

  /// An order is altered: nobody signed that one.
  @Test func alteredInstruction() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    try Self.replace(17, in: &log) { body in
      guard case .instruction(let bytes, let outcome) = body else { return body }
      let order = try Instruction(canonicalBytes: bytes)
      let other = Instruction(
        id: order.id,
        operation: .pay(LogBuilder.transfer(LogBuilder.wallet1, LogBuilder.wallet3, 451)))
      return .instruction(bytes: other.canonicalBytes, outcome: outcome)
    }
    try log.rechain(from: 18)
    try log.resign(builder)
    let found = try fault(in: log)
    #expect(found?.kind == .statement)
    #expect(found?.sequence == SequenceNumber(16))
  }

  @Test func secondGenesis() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    let body = try Self.entry(log, 0).body
    log.records.append(
      SampleLog.Record(
        entry: LogEntry(
          sequence: SequenceNumber(25), time: builder.state.time.moved(seconds: 1),
          previous: builder.writer.head, body: body
        ).canonicalBytes))
    let found = try fault(in: log)
    #expect(found?.kind == .genesis && found?.sequence == SequenceNumber(25))
  }

  @Test func timeThatGoesBackOrFarAhead() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    try Self.replace(15, in: &log, time: .example) { $0 }
    try log.rechain(from: 16)
    try log.resign(builder)
    let back = try fault(in: log)
    #expect(back?.kind == .chain && back?.sequence == SequenceNumber(15))
    // No ledger time may end the auditor's process.
    let times: [UInt64] = [.max, .max - 1, 1 << 63 - 1, 1 << 60, 253_402_300_800_000_000]
    for time in times {
      var ahead = builder.log
      try Self.replace(15, in: &ahead, time: LedgerTime(microseconds: time)) { $0 }
      try ahead.rechain(from: 16)
      try ahead.resign(builder)
      #expect(try fault(in: ahead) != nil)
    }
  }

  // MARK: - Signatures and authority

  /// Of several bad signatures the first is named, however many threads look.
  @Test(arguments: [1, 2, 5])
  func badSignatures(threads: Int) throws {
    var builder = try LogBuilder()
    let quorum = Array(SampleKeys.officers[0...1])
    for number in 0..<300 {
      try builder.order(
        LogBuilder.issue(1, to: LogBuilder.settlement1, number), by: .issuer, signedBy: quorum)
    }
    for first in [1, 2 * 37 + 1, 2 * 299 + 1] {
      var log = builder.log
      for index in stride(from: first, to: log.records.count, by: 2) {
        try Self.replace(index, in: &log) { body in
          guard case .submission(let statement, var signatures) = body else { return body }
          signatures[1] = StatementSignature(
            key: signatures[1].key, signature: signatures[0].signature)
          return .submission(statement: statement, signatures: signatures)
        }
      }
      try log.rechain(from: first + 1)
      let found = try audit(log, trust: log.trust, threads: threads).fault
      #expect(found?.kind == .signature, "\(String(describing: found))")
      #expect(found?.sequence == SequenceNumber(UInt64(first)))
    }
  }

  /// A good signature by a key that may not act for the party.
  @Test func anotherPartysKey() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    let key = try SampleKeys.bank(1)
    try Self.replace(13, in: &log) { body in
      guard case .submission(let statement, _) = body else { return body }
      let message = DSSE.preAuthenticationEncoding(
        type: DSSE.statementType, payload: statement)
      return .submission(
        statement: statement,
        signatures: [StatementSignature(key: key.publicKey, signature: key.sign(message))])
    }
    try log.rechain(from: 14)
    try log.resign(builder)
    let found = try fault(in: log)
    #expect(found?.kind == .authority && found?.sequence == SequenceNumber(13))
  }

  /// A signature left out of a quorum: the decision would have been another.
  @Test func signatureLeftOut() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    try Self.replace(6, in: &log) { body in
      guard case .submission(let statement, let signatures) = body else { return body }
      return .submission(statement: statement, signatures: [signatures[0]])
    }
    try log.rechain(from: 7)
    try log.resign(builder)
    let found = try fault(in: log)
    #expect(found?.kind == .decision && found?.sequence == SequenceNumber(7))
  }

  // MARK: - Checkpoints and trust

  @Test func checkpointOfAnotherKeyOrOrigin() throws {
    let builder = try LogBuilder.full()
    for (key, origin) in [
      (SampleKeys.otherLog, nil), (SampleKeys.log, "ledger.example/other"),
    ] {
      for (index, size) in [(0, 1), (1, 9), (3, 25)] {
        var log = builder.log
        log.notes[index] = try LogBuilder.note(
          size: UInt64(size), root: log.root(size), of: builder.state, by: key, origin: origin)
        #expect(try fault(in: log)?.kind == .checkpoint, "note \(index)")
      }
    }
  }

  @Test func checkpointOfAnotherRoot() throws {
    let builder = try LogBuilder.full()
    for (index, size) in [(0, 1), (1, 9), (2, 16), (3, 25)] {
      for key in [SampleKeys.log, SampleKeys.otherLog] {
        var log = builder.log
        log.notes[index] = try LogBuilder.note(
          size: UInt64(size), root: log.root(size - 1), of: builder.state, by: key)
        let found = try fault(in: log)
        #expect(found?.kind == (key === SampleKeys.log ? .tree : .checkpoint))
        #expect(found?.sequence == SequenceNumber(UInt64(size - 1)))
        guard key === SampleKeys.log else { continue }
        #expect(found?.expected == log.root(size - 1) && found?.found == log.root(size))
      }
    }
  }

  @Test func checkpointOutOfOrderOrBeyond() throws {
    let builder = try LogBuilder.full()
    var swapped = builder.log
    swapped.notes.swapAt(1, 2)
    #expect(try fault(in: swapped)?.kind == .checkpoint)

    for key in [SampleKeys.log, SampleKeys.otherLog] {
      var beyond = builder.log
      beyond.notes.append(
        try LogBuilder.note(size: 26, root: beyond.root(25), of: builder.state, by: key))
      let found = try fault(in: beyond)
      #expect(found?.kind == (key === SampleKeys.log ? .truncated : .checkpoint))
      #expect(found?.sequence == SequenceNumber(25))
    }
    // The same size again is no fault: a restart signs what it finds.
    var again = builder.log
    again.notes.append(again.notes[3])
    #expect(try fault(in: again) == nil)
  }

  @Test func checkpointWithinASubmission() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    log.notes.insert(
      try LogBuilder.note(size: 18, root: log.root(17), of: builder.state, by: SampleKeys.log),
      at: 3)
    let found = try fault(in: log)
    #expect(found?.kind == .tree && found?.sequence == SequenceNumber(17))
  }

  /// Goal: of a checkpoint that does not agree, and a decision further on in the same submission,
  /// the checkpoint's entry is named.
  @Test func checkpointBeforeADecision() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    try Self.replace(19, in: &log) { body in
      guard case .instruction(let bytes, _) = body else { return body }
      return .instruction(bytes: bytes, outcome: .duplicate(of: SequenceNumber(16)))
    }
    try log.rechain(from: 20)
    try log.resign(builder)
    let decision = try fault(in: log)
    #expect(decision?.kind == .decision && decision?.sequence == SequenceNumber(19))
    log.notes.insert(
      try LogBuilder.note(size: 18, root: log.root(17), of: builder.state, by: SampleKeys.log),
      at: 3)
    let found = try fault(in: log)
    #expect(found?.kind == .tree && found?.sequence == SequenceNumber(17))
  }

  @Test func anotherLedgersTrustFile() throws {
    let log = try LogBuilder.full().log
    let other = try LogBuilder(origin: "ledger.example/other").log
    let ledger = try audit(log, trust: other.trust).fault
    #expect(ledger?.kind == .genesis && ledger?.sequence == .genesis)
    #expect(ledger?.expected == other.trust.ledger.value.digest)

    let otherKey = try LogBuilder(logKey: SampleKeys.otherLog).log.trust.logKey
    let key = try audit(log, trust: TrustFile(ledger: log.trust.ledger, logKey: otherKey)).fault
    #expect(key?.kind == .genesis && key?.sequence == .genesis)
  }

  @Test func unreadableStore() throws {
    let log = try LogBuilder.full().log
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    let store = FaultyStore(try disk.open(), plan: { _ in nil })
    store.setReadFault(.failed(detail: "no such sector"))
    let report = LedgerVerifier.verify(
      store: store, checkpoints: try log.keeper(), trust: log.trust)
    #expect(report.fault?.kind == .storage)
    #expect(report.verdict.exitCode == 1)
  }
}
