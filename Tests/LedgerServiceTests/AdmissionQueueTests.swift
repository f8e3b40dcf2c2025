import LedgerModel
import LedgerService
import LedgerTesting
import Testing

@Suite struct AdmissionQueueTests {
  private struct Item: AdmissionItem, Hashable {
    let origin: Party
    let number: Int
    let cost: Int
    var byteCount: Int { 10 * cost }
  }

  private static func bank(_ number: Int) -> Party {
    .participant(ParticipantID(unchecked: "bank-\(number)"))
  }

  private static func limits(_ instructions: Int = 1_000_000) -> ServiceLimits {
    var limits = ServiceLimits()
    limits.queuedInstructionsMax = instructions
    return limits
  }

  /// Goal: nothing is lost, doubled or reordered within a party, and no batch is above its bound
  /// unless one submission is.
  ///
  /// Method: random additions and takings, against one list a party.
  @Test(arguments: UInt64(0)..<32)
  func keepsEachPartysOrder(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let queue = AdmissionQueue<Item>(limits: Self.limits(100_000_000).submissions)
    var expected: [Party: [Item]] = [:]
    var number = 0
    for _ in 0..<500 {
      for _ in 0..<Int(random.next() % 8) {
        number += 1
        let item = Item(
          origin: Self.bank(Int(random.next() % 5)), number: number,
          cost: [1, 10, 500, 10_000][Int(random.next() % 4)])
        try queue.add(item)
        expected[item.origin, default: []].append(item)
      }
      let taken = queue.take()
      #expect(taken.isEmpty == expected.isEmpty)
      let count = taken.reduce(0) { $0 + $1.cost }
      #expect(count <= ServiceLimits().batchInstructionsMax || taken.count == 1)
      for item in taken {
        #expect(expected[item.origin]?.removeFirst() == item)
        if expected[item.origin]?.isEmpty ?? false { expected[item.origin] = nil }
      }
    }
  }

  /// Goal: a party that queues all it can still leaves room for others, who are served in turn: one
  /// turn of the greedy party is worth no more instructions than one of theirs.
  @Test func isFairBetweenParties() throws {
    let queue = AdmissionQueue<Item>(limits: Self.limits(200_000).submissions)
    var queued = 0
    while (try? queue.add(Item(origin: Self.bank(1), number: 0, cost: 10_000))) != nil {
      queued += 10_000
    }
    #expect(queued == 100_000)
    for number in 0..<1_000 {
      try queue.add(Item(origin: Self.bank(2), number: number, cost: 1))
    }
    var served = 0
    var batches = 0
    while served < 1_000 {
      served += queue.take().count { $0.origin == Self.bank(2) }
      batches += 1
    }
    #expect(batches <= 2)
  }

  /// Goal: nobody is taken in after the queue has closed, so nobody waits for ever.
  @Test func closesOnlyWhenEmpty() throws {
    let queue = AdmissionQueue<Item>(limits: Self.limits().submissions)
    let item = Item(origin: .issuer, number: 1, cost: 1)
    try queue.add(item)
    #expect(!queue.closeIfEmpty())
    #expect(queue.take() == [item])
    #expect(queue.closeIfEmpty())
    #expect(throws: SubmitError.stopping) { try queue.add(item) }
  }

  @Test func boundsBytes() throws {
    var limits = Self.limits()
    limits.queuedBytesMax = 100
    let queue = AdmissionQueue<Item>(limits: limits.submissions)
    try queue.add(Item(origin: .issuer, number: 1, cost: 5))
    #expect(throws: SubmitError.self) {
      try queue.add(Item(origin: .issuer, number: 2, cost: 1))
    }
    try queue.add(Item(origin: Self.bank(1), number: 3, cost: 5))
  }
}
