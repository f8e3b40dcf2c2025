import LedgerModel
import LedgerService
import LedgerWire
import MerkleLog
import Testing

/// Goal: a running ledger commits to its state when that is due, also where nobody orders anything,
/// and goes on after it was stopped.
@Suite struct CommitmentTests {
  private static func entry(
    _ sequence: UInt64, of ledger: Ledger, _ test: TestLedger
  ) async throws -> LogEntry.Body {
    for _ in 0..<500 {
      if let proof = try? ledger.proof(of: SequenceNumber(sequence), for: .open) {
        return try LogEntry(canonicalBytes: proof.entry).body
      }
      // Or no checkpoint would come to be due.
      test.clock.advance(microseconds: 10_000)
      try await Task.sleep(for: .milliseconds(10))
    }
    struct NoEntry: Error {}
    throw NoEntry()
  }

  @Test func commitsWhileItIsIdle() async throws {
    let test = try TestLedger(isCommitting: true)
    var ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let size = ledger.status().size
    test.clock.advance(microseconds: 3_600_000_000)
    guard case .system(.commitment(let first)) = try await Self.entry(size, of: ledger, test) else {
      Issue.record("entry \(size) is no commitment")
      return
    }
    #expect(first.totals.close == nil)
    #expect(first.totals.currencies.map(\.outstanding) == [100_000_000])
    await test.stop(ledger)

    // An hour later nothing has happened; at the close of the date it commits all the same.
    test.clock.advance(microseconds: 3_600_000_000)
    ledger = try test.open()
    #expect(ledger.status().size == size + 1)
    test.clock.advance(microseconds: 86_400_000_000)
    guard case .system(.commitment(let second)) = try await Self.entry(size + 1, of: ledger, test)
    else {
      Issue.record("entry \(size + 1) is no commitment")
      return
    }
    let day: UInt64 = 86_400_000_000
    #expect(second.totals.close?.microseconds == test.clock.wallMicroseconds() / day * day)
    // A new blind each time: nobody sees whether a total has changed.
    #expect(second.root != first.root)

    // What is ordered when one is due comes after it.
    test.clock.advance(microseconds: 3_600_000_000)
    let receipt = try await test.submit(
      [bank.pay(bank.wallets[1], 5)], of: bank.party, to: ledger, signedBy: [bank.key])
    test.clock.advance(microseconds: 3_600_000_000)
    let next = try await test.submit(
      [bank.pay(bank.wallets[1], 5)], of: bank.party, to: ledger, signedBy: [bank.key])
    #expect(receipt.instructions.allSatisfy { $0.outcome == .accepted })
    #expect(next.instructions.allSatisfy { $0.outcome == .accepted })
    let before = try #require(next.instructions.first).sequence.value - 2
    guard case .system(.commitment) = try await Self.entry(before, of: ledger, test) else {
      Issue.record("entry \(before) is no commitment")
      return
    }
    await test.stop(ledger)
  }

  @Test func doesNotOpenWithoutTheSecret() throws {
    let test = try TestLedger(isCommitting: true)
    #expect {
      _ = try test.open(hasSecret: false)
    } throws: { error in
      if case .commitmentSecretMissing? = error as? OpeningError { true } else { false }
    }
  }
}
