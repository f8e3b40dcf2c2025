import LedgerCore
import LedgerLog
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerWire
import Logging
import Synchronization
import Testing

/// What the service does when the disk, the clock or the load fails it.
@Suite struct FailureTests {
  /// Opens a ledger whose disk is full while the flag is up.
  private static func open(
    _ test: TestLedger, _ limits: ServiceLimits, fullWhile isFull: Flag,
    logs: LogCollector = LogCollector()
  ) throws -> Ledger {
    try test.open(
      limits: limits, logger: logs.logger,
      wrap: { store in FaultyStore(store) { _ in isFull.isUp ? .full : nil } })
  }

  /// Goal: a full disk acknowledges nothing, stays readable, and goes on when there is room; the
  /// log says once that it is full, and once that it is not.
  @Test func waitsOutAFullDisk() async throws {
    let test = try TestLedger()
    let isFull = Flag()
    var limits = ServiceLimits()
    limits.storageRetryNanoseconds = 5_000_000
    let logs = LogCollector()
    let ledger = try Self.open(test, limits, fullWhile: isFull, logs: logs)
    let bank = try await TestBank(1, on: ledger, of: test)
    isFull.raise()
    let size = ledger.status().size
    async let waiting = test.submit(
      [bank.pay(bank.wallets[1], 300)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await Self.until { ledger.status().closed != nil }
    #expect(ledger.status().size == size)
    let payee = try ledger.account(bank.wallets[1], for: .open)
    #expect(payee.balance == .zero)
    await #expect(throws: SubmitError.storageFull(retryAfterSeconds: 1)) {
      try await test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    }
    isFull.lower()
    let receipt = try await waiting
    #expect(receipt.instructions.map(\.outcome) == [.accepted])
    try await Self.until { ledger.status().closed == nil }
    let after = try ledger.account(bank.wallets[1], for: .open)
    #expect(after.balance.minorUnits == 300)
    let errors = logs.texts(.error)
    #expect(errors.count == 1 && errors[0].contains("no orders are taken"), "\(errors)")
    #expect(logs.texts(.notice).map { $0.prefix(22) } == ["orders are taken again"])
    await ledger.stop()
  }

  /// Goal: a service that ends with a full disk tells each who waits so, once, and ends.
  ///
  /// Method: Long batches, which the encoder takes, and short ones, which the writer does, wait
  /// while nothing can be written.
  @Test(.timeLimit(.minutes(2)), arguments: [1, 3, 512])
  func endsWithAFullDisk(shortBelow: Int) async throws {
    let test = try TestLedger()
    let isFull = Flag()
    var limits = ServiceLimits()
    limits.storageRetryNanoseconds = 5_000_000
    limits.pipelinedInstructionsMin = shortBelow
    limits.batchInstructionsMax = 4
    let ledger = try Self.open(test, limits, fullWhile: isFull)
    let bank = try await TestBank(1, on: ledger, of: test)
    isFull.raise()
    let told = try await withThrowingTaskGroup(of: SubmitError?.self) { group in
      for number in 0..<200 {
        let submission = test.submission(
          (0...number % 4).map { _ in bank.pay(bank.wallets[1], 1) }, of: bank.party,
          on: ledger.id, signedBy: [bank.key])
        group.addTask {
          do throws(SubmitError) {
            _ = try await ledger.submit(submission)
            return nil
          } catch { return error }
        }
      }
      try await Self.until { ledger.status().closed != nil }
      await ledger.stop()
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(told.count == 200)
    for error in told {
      #expect(error == .storageFull(retryAfterSeconds: 1) || error == .stopping)
    }
  }

  /// Goal: while the log's disk is full, a checkpoint that can be kept does not let orders in.
  @Test func aKeptCheckpointDoesNotReopenAFullLog() async throws {
    let test = try TestLedger()
    let isFull = Flag()
    var limits = ServiceLimits()
    limits.storageRetryNanoseconds = 3_600_000_000_000
    let ledger = try Self.open(test, limits, fullWhile: isFull)
    let bank = try await TestBank(1, on: ledger, of: test)
    isFull.raise()
    async let waiting = test.submit(
      [bank.pay(bank.wallets[1], 300)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await Self.until { ledger.status().closed != nil }
    #expect(ledger.status().checkpointSize < ledger.status().size)
    // The interval passes, and the writer looks again in an hour.
    test.clock.advance(microseconds: 400_000)
    try await Self.until { ledger.status().checkpointSize == ledger.status().size }
    try await Task.sleep(for: .milliseconds(20))
    #expect(ledger.status().closed?.contains("disk is full") ?? false)
    isFull.lower()
    await ledger.stop()
    #expect(try await waiting.instructions.map(\.outcome) == [.accepted])
  }

  /// Goal: an unknown outcome ends the process, and nothing is acknowledged; a replay then tells.
  @Test(arguments: [FaultyStore.Fault.unknownLost, .unknownPersisted])
  func endsAtAnUnknownOutcome(fault: FaultyStore.Fault) async throws {
    let test = try TestLedger()
    let isFaulty = Flag()
    let ledger = try test.open(wrap: { store in
      FaultyStore(store) { _ in
        isFaulty.isUp ? fault : nil
      }
    })
    let bank = try await TestBank(1, on: ledger, of: test)
    isFaulty.raise()
    let acknowledged = Flag()
    let submission = test.submission(
      [bank.pay(bank.wallets[1], 300)], of: bank.party, on: ledger.id, signedBy: [bank.key])
    ledger.submit([
      Delivery(from: ConnectionID(1), .read(submission)) { _ in acknowledged.raise() }
    ])
    try await Self.until { test.failures.withLock { !$0.isEmpty } }
    #expect(!acknowledged.isUp)
    test.disk.crash()
    let reopened = try test.open()
    let payee = try reopened.account(bank.wallets[1], for: .open)
    #expect(payee.balance.minorUnits == (fault == .unknownPersisted ? 300 : 0))
    await reopened.stop()
  }

  /// Goal: a clock that jumps while running closes admission until an officer confirms it.
  @Test(arguments: [Int64(-5_000_000), 5_000_000])
  func doubtsAClockThatJumps(microseconds: Int64) async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    test.clock.jump(byMicroseconds: microseconds)
    do {
      _ = try await test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
      Testing.Issue.record("an order was taken under a doubtful clock")
    } catch {
      #expect(error.code == "clock_unsafe")
    }
    let instant = LedgerTime(microseconds: test.clock.wallMicroseconds())
    let confirmation = try await test.submit(
      [.confirmClock(instant)], of: .issuer, to: ledger, signedBy: [test.officers[0]])
    #expect(confirmation.instructions.map(\.outcome) == [.accepted])
    let receipt = try await test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    #expect(receipt.instructions.map(\.outcome) == [.accepted])
    await ledger.stop()
  }

  /// Goal: a wrong clock that is set right again leaves no trace, whatever came in between.
  @Test func forgetsAJumpThatIsUndone() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    test.clock.jump(byMicroseconds: 100_000_000)
    let wrong = LedgerTime(microseconds: test.clock.wallMicroseconds() + 3_600_000_000)
    for operation in [bank.pay(bank.wallets[1], 1), .confirmClock(wrong)] {
      let party: Party = if case .pay = operation { bank.party } else { .issuer }
      let key = party == .issuer ? test.officers[0] : bank.key
      do {
        _ = try await test.submit([operation], of: party, to: ledger, signedBy: [key])
        Testing.Issue.record("an order was taken under a doubtful clock")
      } catch {
        #expect(error.code == "clock_unsafe")
      }
    }
    test.clock.jump(byMicroseconds: -100_000_000)
    let right = LedgerTime(microseconds: test.clock.wallMicroseconds())
    let confirmation = try await test.submit(
      [.confirmClock(right)], of: .issuer, to: ledger, signedBy: [test.officers[0]])
    #expect(confirmation.instructions.map(\.outcome) == [.accepted])
    #expect(confirmation.time < right.advanced(byMicroseconds: 1_000_000))
    await ledger.stop()
  }

  @Test func doubtsAClockThatWentBackOverARestart() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    await ledger.stop()
    test.disk.crash()
    test.clock.jump(byMicroseconds: -3_600_000_000)
    let reopened = try test.open()
    do {
      _ = try await test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: reopened, signedBy: [bank.key])
      Testing.Issue.record("an order was taken under a doubtful clock")
    } catch {
      #expect(error.code == "clock_unsafe")
    }
    await reopened.stop()
  }

  /// Goal: a log shorter than the newest kept checkpoint does not open.
  @Test func refusesALogThatLostItsTail() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let rows = test.disk.durableRows
    _ = try await test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    await ledger.stop()
    test.disk.crash()
    test.disk.overwrite(with: rows)
    do {
      _ = try test.open()
      Testing.Issue.record("a truncated log opened")
    } catch OpeningError.log(let fault) {
      #expect(fault.kind == .truncated)
    }
  }

  /// Goal: with many senders at once, every acknowledged payment is in the balance, and none else.
  @Test func countsEveryConcurrentPayment() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let banks = [
      try await TestBank(1, on: ledger, of: test), try await TestBank(2, on: ledger, of: test),
    ]
    let paid = await withTaskGroup(of: UInt64.self) { group in
      for sender in 0..<16 {
        let bank = banks[sender % 2]
        group.addTask {
          var paid: UInt64 = 0
          for _ in 0..<20 {
            let receipt = try? await test.submit(
              [bank.pay(banks[0].wallets[1], 1), bank.pay(banks[0].wallets[1], 2)],
              of: bank.party, to: ledger, signedBy: [bank.key])
            if receipt?.instructions.allSatisfy({ $0.outcome == .accepted }) ?? false {
              paid += 3
            }
          }
          return paid
        }
      }
      return await group.reduce(0, +)
    }
    let payee = try ledger.account(banks[0].wallets[1], for: .open)
    #expect(payee.balance.minorUnits == Int64(paid))
    #expect(paid == 16 * 20 * 3)
    await ledger.stop()
  }

  /// Polls until it holds, for at most 5 s.
  static func until(_ condition: () -> Bool) async throws {
    for _ in 0..<1_000 {
      if condition() { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Testing.Issue.record("it did not come to pass within 5 s")
  }
}

/// A flag that threads share.
private final class Flag: Sendable {
  private let value = Mutex(false)

  var isUp: Bool { value.withLock { $0 } }

  func raise() { value.withLock { $0 = true } }

  func lower() { value.withLock { $0 = false } }
}
