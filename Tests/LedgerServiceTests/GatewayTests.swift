import LedgerModel
import LedgerService
import LedgerWire
import Synchronization
import Testing

@Suite struct GatewayTests {
  /// Goal: what one connection delivers is sequenced in its order, whatever worker verifies it.
  @Test(arguments: [1, 2, 4])
  func keepsAConnectionsOrder(workers: Int) async throws {
    let test = try TestLedger()
    var limits = ServiceLimits()
    limits.gatewayWorkers = workers
    let ledger = try test.open(limits: limits)
    let bank = try await TestBank(1, on: ledger, of: test)
    let submissions = (0..<600).map { _ in
      test.submission(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, on: ledger.id, signedBy: [bank.key])
    }
    let (results, continuation) = AsyncStream<(Int, SubmissionReceipt?)>.makeStream()
    ledger.submit(
      submissions.enumerated().map { index, submission in
        Delivery(from: ConnectionID(1), .protobuf(submission.protobuf)) { result in
          continuation.yield((index, try? result.get()))
        }
      })
    var sequences = [SequenceNumber?](repeating: nil, count: submissions.count)
    var iterator = results.makeAsyncIterator()
    for _ in submissions {
      let (index, receipt) = try #require(await iterator.next())
      sequences[index] = receipt?.sequence
    }
    let found = sequences.compactMap { $0 }
    #expect(found.count == submissions.count)
    #expect(found == found.sorted())
    await ledger.stop()
  }

  /// Goal: an honest submission is sequenced soon, whatever comes that is refused meanwhile.
  ///
  /// Method: Another connection keeps the gateway busy with bad signatures until the honest one is
  /// answered.
  @Test(.timeLimit(.minutes(1))) func isNotHeldUpByWhatIsRefused() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let stranger = SigningKey(seed: [UInt8](repeating: 200, count: 32))
    let bad = test.submission(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, on: ledger.id, signedBy: [stranger]
    ).protobuf
    let isAnswered = Atomic(false)
    let refused = Atomic(0)
    async let flood: Void = {
      var sent = 0
      while !isAnswered.load(ordering: .relaxed) {
        let count = 64
        ledger.submit(
          (0..<count).map { _ in
            Delivery(from: ConnectionID(2), .protobuf(bad)) { _ in
              refused.add(1, ordering: .relaxed)
            }
          })
        sent += count
        test.clock.advance(microseconds: 100)
        // The gateway always has some left.
        while sent - refused.load(ordering: .relaxed) > 512 { await Task.yield() }
      }
    }()
    while refused.load(ordering: .relaxed) < 64 { await Task.yield() }
    let receipt = try await ledger.submit(
      test.submission(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, on: ledger.id, signedBy: [bank.key]))
    isAnswered.store(true, ordering: .relaxed)
    await flood
    #expect(receipt.instructions.map(\.outcome) == [.accepted])
    await ledger.stop()
  }
}
