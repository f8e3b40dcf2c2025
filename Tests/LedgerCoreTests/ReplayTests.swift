import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

@Suite struct ReplayTests {
  /// Goal: the same orders at the same times give the same state and the same answers, twice here,
  /// and on every machine and in every process.
  ///
  /// Method: Random batches kept and replayed into two more ledgers; a fingerprint over every
  /// answer and all public state.
  @Test(arguments: UInt64(0)..<8)
  func sameOrdersGiveTheSameState(seed: UInt64) throws {
    var orders = RandomOrders(seed: seed)
    var twins = TwinLedgers(genesis: .example())
    var batches = [orders.opening(of: twins.reference)]
    twins.run(batches[0])
    for _ in 0..<100 {
      let batch = orders.batch(for: twins.reference)
      batches.append(batch)
      twins.run(batch)
    }
    let first = Self.replay(batches)
    let second = Self.replay(batches)
    #expect(PublicState(of: first.ledger) == PublicState(of: twins.ledger))
    #expect(PublicState(of: second.ledger) == PublicState(of: twins.ledger))
    #expect(first.fingerprint.value == twins.fingerprint.value)
    #expect(second.fingerprint.value == twins.fingerprint.value)
  }

  /// Goal: state machine version 1 decides as it always did, in a process whose hashing is seeded
  /// anew.
  ///
  /// Method: A golden fingerprint of one seed. It changes with the generator of orders, and then
  /// is written anew; where that is as it was, the state machine has changed, which needs a
  /// version.
  @Test func versionOneDecidesAsItDid() {
    let twins = DifferentialTests.run(seed: 2_026, batches: 200)
    #expect(twins.differences == [])
    #expect(twins.fingerprint.value == 8_326_401_222_983_020_091)
  }

  private static func replay(
    _ batches: [RandomBatch]
  ) -> (ledger: LedgerState, fingerprint: Fingerprint) {
    var ledger = LedgerState(genesis: .example(), id: .example, at: .example)
    var fingerprint = Fingerprint()
    for batch in batches { ledger.run(batch, adding: &fingerprint) }
    return (ledger, fingerprint)
  }

  /// Goal: ledger time that stands still or goes back ends the process.
  @Test func trapOnTimeThatDoesNotPass() async {
    await #expect(processExitsWith: .failure) {
      var ledger = LedgerState(genesis: .example(), id: .example, at: .example)
      ledger.begin(at: .example)
    }
    await #expect(processExitsWith: .failure) {
      var ledger = LedgerState(genesis: .example(), id: .example, at: .example)
      ledger.begin(at: .example.moved(microseconds: -1))
    }
    await #expect(processExitsWith: .failure) {
      var ledger = LedgerState(genesis: .example(), id: .example, at: .example)
      ledger.begin(at: .example.moved(seconds: 5))
      ledger.begin(at: .example.moved(seconds: 4))
    }
    await #expect(processExitsWith: .success) {
      var ledger = LedgerState(genesis: .example(), id: .example, at: .example)
      ledger.begin(at: .example.moved(microseconds: 1))
    }
  }

  /// Goal: a genesis that names an account or a key twice ends the process, were it ever used
  /// without `validate()`.
  @Test func trapOnAnInvalidGenesis() async {
    await #expect(processExitsWith: .failure) {
      let genesis = Genesis.example()
      let twice = Genesis(
        origin: genesis.origin, logKey: genesis.logKey,
        currencies: genesis.currencies + genesis.currencies, officers: genesis.officers,
        quorums: genesis.quorums, recovery: [], parameters: genesis.parameters,
        version: genesis.version, nonce: genesis.nonce)
      _ = LedgerState(genesis: twice, id: .example, at: .example)
    }
    await #expect(processExitsWith: .failure) {
      let genesis = Genesis.example()
      let twice = Genesis(
        origin: genesis.origin, logKey: genesis.logKey, currencies: genesis.currencies,
        officers: genesis.officers + genesis.officers, quorums: genesis.quorums, recovery: [],
        parameters: genesis.parameters, version: genesis.version, nonce: genesis.nonce)
      _ = LedgerState(genesis: twice, id: .example, at: .example)
    }
  }
}

extension LedgerState {
  /// Runs one batch, and adds every answer and what it leaves to the fingerprint.
  mutating func run(_ batch: RandomBatch, adding fingerprint: inout Fingerprint) {
    begin(at: batch.time)
    for submission in batch.submissions {
      guard case .admitted(let admitted) = try? admit(submission) else { continue }
      for instruction in submission.instructions {
        fingerprint.add(apply(instruction, in: admitted))
      }
    }
    fingerprint.add(self)
  }
}
