import LedgerModel
import LedgerService
import LedgerStorage
import LedgerWire
import MerkleLog
import Synchronization
import Testing

/// The running ledger over a memory store, with real threads, keys and signatures.
@Suite struct LedgerTests {
  @Test func acknowledgesWhatIsDurable() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let receipt = try await test.submit(
      [bank.pay(bank.wallets[1], 500), bank.pay(bank.wallets[1], 99_999_999_999)],
      of: bank.party, to: ledger, signedBy: [bank.key])
    #expect(receipt.instructions[0].outcome == .accepted)
    #expect(
      receipt.instructions[1].outcome == .rejected(code: .insufficientFunds, rule: nil))
    #expect(receipt.instructions[1].sequence.value == receipt.sequence.value + 2)
    let payer = try ledger.account(bank.wallets[0], for: .open)
    #expect(payer.balance.minorUnits == 10_000_000 - 500)
    #expect(payer.tier?.text == "wl1")
    let supply = ledger.supply(for: .open)[0]
    #expect(supply.issued == 100_000_000)
    #expect(supply.holdings[0].settlement == 90_000_000)
    #expect(supply.holdings[0].wallets == 10_000_000)
    let page = try ledger.statement(
      of: bank.wallets[0], for: .open, filter: StatementFilter(), before: nil, linesMax: 1)
    #expect(page.lines.map(\.change) == [-500])
    let rest = try ledger.statement(
      of: bank.wallets[0], for: .open, filter: StatementFilter(), before: page.next, linesMax: 10)
    #expect(rest.lines.map(\.change) == [10_000_000])
    #expect(rest.next == nil)
    await ledger.stop()
  }

  /// Goal: short batches, which the writer encodes, and long ones, which the encoder does, all come
  /// through, in whatever order the two are woken.
  @Test(.timeLimit(.minutes(2))) func mixesShortAndLongBatches() async throws {
    let test = try TestLedger()
    var limits = ServiceLimits()
    limits.pipelinedInstructionsMin = 4
    limits.batchInstructionsMax = 8
    let ledger = try test.open(limits: limits)
    let bank = try await TestBank(1, on: ledger, of: test)
    for _ in 0..<20 {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for count in 1...40 {
          let submission = test.submission(
            (0...count % 7).map { _ in bank.pay(bank.wallets[1], 1) }, of: bank.party,
            on: ledger.id, signedBy: [bank.key])
          group.addTask { try await ledger.submit(submission).instructions.count - count % 7 }
        }
        for try await difference in group { #expect(difference == 1) }
      }
    }
    await test.stop(ledger)
  }

  /// Goal: whoever ends his own key, and loses the answer, is still told what became of the order.
  @Test func answersRepeatsAfterTheirKeyHasEnded() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let submission = test.submission(
      [.revokeKey(PartyKey(party: bank.party, key: bank.key.publicKey))], of: bank.party,
      on: ledger.id, signedBy: [bank.key])
    let first = try await ledger.submit(submission)
    #expect(first.instructions.map(\.outcome) == [.accepted])
    let again = try await ledger.submit(submission)
    #expect(again.sequence == first.sequence)
    #expect(again.instructions.map(\.outcome) == [.accepted])
    // Another statement by the same key is dropped.
    do {
      _ = try await test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
      Testing.Issue.record("a revoked key paid")
    } catch {
      #expect(error.code == "signer_revoked")
    }
    await ledger.stop()
  }

  /// Goal: a repeated statement is answered from the log, unlogged; a repeated order under a new
  /// statement is logged as a duplicate, and answered with the first outcome.
  @Test func answersRepeatsWithTheFirstOutcome() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let instruction = Instruction(
      id: test.nextID(), operation: bank.pay(bank.wallets[1], 700))
    let refused = Instruction(
      id: test.nextID(), operation: bank.pay(bank.wallets[1], 99_999_999_999))
    let expiry = LedgerTime(microseconds: test.clock.wallMicroseconds() + 60_000_000)
    let submission = Submission(
      [instruction, refused], of: bank.party, on: ledger.id, expiry: expiry, signedBy: [bank.key])
    let first = try await ledger.submit(submission)
    let size = ledger.status().size
    let again = try await ledger.submit(submission)
    #expect(again.instructions.map(\.outcome) == first.instructions.map(\.outcome))
    #expect(again.sequence == first.sequence)
    #expect(ledger.status().size == size)
    let anew = try await ledger.submit(
      Submission(
        [refused, instruction], of: bank.party, on: ledger.id, expiry: expiry,
        signedBy: [bank.key]))
    #expect(ledger.status().size == size + 3)
    #expect(anew.instructions[0].outcome == first.instructions[1].outcome)
    #expect(anew.instructions[1].outcome == .accepted)
    #expect(anew.instructions[1].firstSequence == first.instructions[0].sequence)
    #expect(anew.instructions.allSatisfy { $0.isDuplicate })
    let payee = try ledger.account(bank.wallets[1], for: .open)
    #expect(payee.balance.minorUnits == 700)
    await ledger.stop()
  }

  @Test func reopensWithTheSameState() async throws {
    let test = try TestLedger()
    var ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    for round in 1...20 {
      _ = try await test.submit(
        [bank.pay(bank.wallets[1], UInt64(round))], of: bank.party, to: ledger,
        signedBy: [bank.key])
    }
    let before = try ledger.account(bank.wallets[1], for: .open)
    let supply = ledger.supply(for: .open)
    await ledger.stop()
    test.disk.crash()
    ledger = try test.open()
    let after = try ledger.account(bank.wallets[1], for: .open)
    #expect(after == before)
    #expect(ledger.supply(for: .open) == supply)
    await ledger.stop()
    #expect(test.failures.withLock { $0.isEmpty })
  }

  /// Goal: tiles show what the newest checkpoint covers, as the store has it, and nothing after it.
  ///
  /// Method: the clock stands still, so that the first checkpoint stays the newest; and then a
  /// stop, which signs the last one.
  @Test func servesTilesUpToTheCheckpoint() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    try await FailureTests.until { ledger.status().checkpointSize > 0 }
    let bank = try await TestBank(1, on: ledger, of: test)
    for _ in 1...15 {
      _ = try await test.submit(
        (1...20).map { bank.pay(bank.wallets[1], $0) }, of: bank.party, to: ledger,
        signedBy: [bank.key])
    }
    let covered = Int(ledger.status().checkpointSize)
    #expect(covered < ledger.status().size)
    #expect(covered < Tile.widthMax)
    for content in [Tile.Content.entries, .hashes(level: 0)] {
      _ = try ledger.tile(Tile(content, index: 0, width: covered))
      for (index, width) in [(0, covered + 1), (0, Tile.widthMax), (1, 1), (2, 1)] {
        let beyond = try Tile(content, index: UInt64(index), width: width)
        #expect(throws: ReadError.notFound, "\(beyond)") { try ledger.tile(beyond) }
      }
    }
    await ledger.stop()
    let size = ledger.status().checkpointSize
    #expect(size > 256)
    let entries = try test.disk.durableRows.flatMap { row in
      try row.layout().entries.map { Array(row.entries[$0]) }
    }
    for tile in Tile.tilesAdded(from: 0, to: size) where tile.content != .hashes(level: 1) {
      let part = entries[(Int(tile.index) * 256)...].prefix(tile.width)
      let expected =
        tile.content == .entries
        ? try EntryBundle.encode(part) : Tile.encode(part.map { TreeHash.leaf($0) })
      #expect(try ledger.tile(tile) == expected, "\(tile)")
    }
    // Damaged storage answers nothing, and the ledger goes on.
    test.disk.overwrite(with: [])
    #expect {
      try ledger.tile(Tile(.entries, index: 0))
    } throws: {
      if case ReadError.storage = $0 { true } else { false }
    }
  }

  /// Goal: each entry is proven under the newest checkpoint, by tools that trust only the log key.
  @Test func provesEachEntry() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    for _ in 1...30 {
      _ = try await test.submit(
        (1...20).map { bank.pay(bank.wallets[1], $0) }, of: bank.party, to: ledger,
        signedBy: [bank.key])
    }
    await ledger.stop()
    let size = ledger.status().size
    #expect(ledger.status().checkpointSize == size)
    #expect(size > 512)
    let key = try ledger.genesis.verifierKey()
    for sequence in 0..<size {
      let proof = try ledger.proof(of: SequenceNumber(sequence), for: .open)
      _ = try LogProof(proof.proof).verify(
        leaf: TreeHash.leaf(proof.entry), origin: Origin(key.name), logKey: key, witnessKeys: [],
        check: { Ed25519.isValid($2, on: $1, publicKey: $0) })
    }
    do throws(ReadError) {
      _ = try ledger.proof(of: SequenceNumber(size), for: .open)
      Testing.Issue.record("an entry past the end is proven")
    } catch {
      #expect(error == .notFound)
    }
  }

  @Test func knowsWhatBecameOfEachID() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let receipt = try await test.submit(
      [bank.pay(bank.wallets[1], 5)], of: bank.party, to: ledger, signedBy: [bank.key])
    guard
      case .executed(let party, let found, _) = try ledger.status(
        of: receipt.instructions[0].id, party: nil, for: .open)
    else {
      Testing.Issue.record("an executed order is not known")
      return
    }
    #expect(party == bank.party)
    #expect(found.outcome == .accepted)
    let unused = test.nextID()
    guard case .notYetKnown = try ledger.status(of: unused, party: bank.party, for: .open) else {
      Testing.Issue.record("an id that may still come is called dead")
      return
    }
    test.clock.advance(microseconds: 601_000_000)
    for _ in 0..<200 {
      if case .neverExecuted = try ledger.status(of: unused, party: bank.party, for: .open) {
        break
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    guard case .neverExecuted = try ledger.status(of: unused, party: bank.party, for: .open) else {
      Testing.Issue.record("an idle ledger lets no time pass")
      return
    }
    await ledger.stop()
  }
}
