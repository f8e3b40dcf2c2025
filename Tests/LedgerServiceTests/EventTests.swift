import LedgerCore
import LedgerModel
import LedgerService
import LedgerWire
import Testing

/// Goal: a follower hears of all that concerns it, in order and once, from wherever it begins.
///
/// Method: the reference is the log, read entry by entry by whoever sees all.
@Suite struct EventTests {
  /// A ledger with two banks that pay each other, and the events of all orders so far.
  private struct Scene {
    let test: TestLedger
    let ledger: Ledger
    let banks: [TestBank]

    init(limits: ServiceLimits = ServiceLimits()) async throws {
      test = try TestLedger(version: .three)
      ledger = try test.open(limits: limits)
      banks = [
        try await TestBank(1, on: ledger, of: test), try await TestBank(2, on: ledger, of: test),
      ]
    }

    /// Payments of bank 1, each third within the bank, and one order that is refused.
    func pay(_ count: Int) async throws {
      let orders =
        (0..<count).map { number in
          let payee = number.isMultiple(of: 3) ? banks[0].wallets[1] : banks[1].wallets[0]
          return banks[0].pay(payee, UInt64(number + 1))
        } + [banks[0].pay(banks[1].wallets[0], 0)]
      _ = try await test.submit(
        orders, of: banks[0].party, to: ledger, signedBy: [banks[0].key])
    }

    /// What a follower hears until it has come to an entry.
    func heard(
      after: SequenceNumber?, _ filter: EventFilter = EventFilter(), as access: Access,
      until size: UInt64
    ) async throws -> [LedgerEvent] {
      let follower = try ledger.follow(after: after, filter, for: access)
      return try await hear(follower, as: access, until: size)
    }

    func hear(
      _ follower: EventFollower, as access: Access, until size: UInt64
    ) async throws -> [LedgerEvent] {
      var events: [LedgerEvent] = []
      for await _ in follower.wakes {
        var page: EventFollower.Page
        repeat {
          page = try follower.next(for: access)
          events += page.events
        } while page.isMore
        if page.before.value >= size { return events }
      }
      return events
    }
  }

  private static let readers: [Access] = [
    .open, .certificate([.auditor]), .certificate([.issuer]),
    .certificate([.participant(ParticipantID(unchecked: "bank-1"))]),
    .certificate([.participant(ParticipantID(unchecked: "bank-2"))]), .certificate([]),
  ]

  @Test func thePastIsHeardWhole() async throws {
    let scene = try await Scene()
    for _ in 0..<5 { try await scene.pay(90) }
    let size = scene.ledger.status().size
    let all = try await scene.heard(after: .genesis, as: .open, until: size)
    // Two admissions, two issues, four openings, two fundings, and the orders.
    #expect(all.count == 10 + 5 * 91)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
    for access in Self.readers {
      let heard = try await scene.heard(after: .genesis, as: access, until: size)
      #expect(heard.map(\.sequence) == all.filter { $0.isFor(access) }.map(\.sequence))
    }
    for start in stride(from: UInt64(0), to: size, by: 37) {
      let heard = try await scene.heard(after: SequenceNumber(start), as: .open, until: size)
      #expect(heard.map(\.sequence) == all.map(\.sequence).filter { $0.value > start })
    }
    await scene.test.stop(scene.ledger)
  }

  /// Goal: a bank hears of what it ordered, and of what moved its money; not of another's refusals,
  /// nor of balances that are not its own.
  @Test func banksHearWhatConcernsThem() async throws {
    let scene = try await Scene()
    try await scene.pay(6)
    let size = scene.ledger.status().size
    let (one, two) = (Self.readers[3], Self.readers[4])
    let ordered = try await scene.heard(after: .genesis, as: one, until: size)
    let paid = try await scene.heard(after: .genesis, as: two, until: size)
    func payments(_ events: [LedgerEvent]) -> [LedgerEvent] {
      events.filter { $0.instruction.operation.name == "pay" }
    }
    #expect(payments(ordered).count == 7 && payments(paid).count == 4)
    #expect(payments(ordered).count { !$0.outcome.isAccepted } == 1)
    #expect(payments(paid).allSatisfy { $0.outcome.isAccepted })
    for (events, bank) in [(ordered, scene.banks[0]), (paid, scene.banks[1])] {
      let own = Set(bank.wallets + [bank.settlement])
      #expect(events.allSatisfy { $0.effects.allSatisfy { own.contains($0.account) } })
      #expect(payments(events).filter { $0.outcome.isAccepted }.allSatisfy { !$0.effects.isEmpty })
    }
    let issuer = try await scene.heard(after: .genesis, as: Self.readers[2], until: size)
    #expect(issuer.allSatisfy { $0.effects.isEmpty })
    await scene.test.stop(scene.ledger)
  }

  @Test func filtersAdmitByAccountAndKind() async throws {
    let scene = try await Scene()
    try await scene.pay(30)
    let size = scene.ledger.status().size
    let wallet = scene.banks[1].wallets[0]
    let ofAccount = try await scene.heard(
      after: .genesis, EventFilter(account: wallet), as: Self.readers[4], until: size)
    #expect(ofAccount.count == 1 + 1 + 20)  // Opened, funded, paid.
    let ofKind = try await scene.heard(
      after: .genesis, EventFilter(account: wallet, kinds: ["open-wallet", "fund"]),
      as: Self.readers[4], until: size)
    #expect(ofKind.map { $0.instruction.operation.name } == ["open-wallet", "fund"])
    #expect(throws: ReadError.notFound) {
      try scene.ledger.follow(
        after: nil, EventFilter(account: wallet), for: Self.readers[3])
    }
    await scene.test.stop(scene.ledger)
  }

  /// Goal: who follows while orders come hears each of them once, however its turns and the
  /// announcer's fall; also where more comes than is kept.
  @Test(arguments: [16_384, 8]) func whatComesIsHeardOnce(kept: Int) async throws {
    var limits = ServiceLimits()
    limits.keptEventsMax = kept
    limits.eventsPerPageMax = 7
    let scene = try await Scene(limits: limits)
    let start = scene.ledger.status().size
    let followers = try Self.readers.map { access in
      (access, try scene.ledger.follow(after: nil, EventFilter(), for: access))
    }
    let rounds = 12
    let heard = try await withThrowingTaskGroup(of: (Int, [LedgerEvent]).self) { tasks in
      for (index, (access, follower)) in followers.enumerated() where access.isReader {
        tasks.addTask {
          // Its last payment is the last order but for one that is refused.
          var events: [LedgerEvent] = []
          for await _ in follower.wakes {
            var page: EventFollower.Page
            repeat {
              page = try follower.next(for: access)
              events += page.events
            } while page.isMore
            if events.count >= Self.expected(access, rounds: rounds) { break }
          }
          return (index, events)
        }
      }
      for _ in 0..<rounds { try await scene.pay(30) }
      var heard: [Int: [LedgerEvent]] = [:]
      for try await (index, events) in tasks { heard[index] = events }
      return heard
    }
    let size = scene.ledger.status().size
    let all = try await scene.heard(
      after: SequenceNumber(start - 1), as: .open, until: size)
    for (index, events) in heard {
      #expect(
        events.map(\.sequence) == all.filter { $0.isFor(Self.readers[index]) }.map(\.sequence))
    }
    await scene.test.stop(scene.ledger)
  }

  private static func expected(_ access: Access, rounds: Int) -> Int {
    access == readers[4] ? rounds * 20 : rounds * 31
  }

  /// Goal: who waits for nothing is not woken by what is another's, and all are told of the end.
  @Test func onlyThoseConcernedAreWoken() async throws {
    let scene = try await Scene()
    let access = Self.readers[4]
    let follower = try scene.ledger.follow(after: nil, EventFilter(), for: access)
    var wakes = follower.wakes.makeAsyncIterator()
    _ = await wakes.next()
    #expect(try follower.next(for: access).events.isEmpty)
    let receipt = try await scene.test.submit(
      [scene.banks[0].pay(scene.banks[0].wallets[1], 1)], of: scene.banks[0].party,
      to: scene.ledger, signedBy: [scene.banks[0].key])
    let paid = try await scene.test.submit(
      [scene.banks[0].pay(scene.banks[1].wallets[0], 1)], of: scene.banks[0].party,
      to: scene.ledger, signedBy: [scene.banks[0].key])
    _ = await wakes.next()
    let page = try follower.next(for: access)
    #expect(page.events.map(\.sequence) == [paid.instructions[0].sequence])
    #expect(page.before > receipt.instructions[0].sequence)
    await scene.test.stop(scene.ledger)
    while await wakes.next() != nil {}
    #expect(throws: ReadError.followersFull(max: ServiceLimits().followersMax)) {
      try scene.ledger.follow(after: nil, EventFilter(), for: access)
    }
  }

  @Test func asManyFollowAsMay() async throws {
    var limits = ServiceLimits()
    limits.followersMax = 2
    let scene = try await Scene(limits: limits)
    var followers = try (0..<2).map { _ in
      try scene.ledger.follow(after: nil, EventFilter(), for: .open)
    }
    #expect(throws: ReadError.followersFull(max: 2)) {
      try scene.ledger.follow(after: nil, EventFilter(), for: .open)
    }
    followers.removeLast()
    _ = try scene.ledger.follow(after: nil, EventFilter(), for: .open)
    #expect(followers.count == 1)
    await scene.test.stop(scene.ledger)
  }
}
