import LedgerModel
import LedgerTesting
import PaymentFiles
import Testing

/// Goal: each payment of a file is made once, whatever cuts a run off and whenever it is run again.
///
/// Method: a ledger and a disk with a time of their own (``PaymentWorld``). A run is killed at its
/// n-th step, for every n, and again; lines break; days pass. The ledger's own books are the judge.
@Suite struct PaymentRunTests {
  private static let payer = "5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035"
  private static let payee = "0c1b5a3e-91d2-4b6e-8c40-2f1d7e9ab036"

  private static let rows = [
    ("1.00", "one"), ("2.50", "two"), ("1000.01", "much"), ("1.00", "one"), ("3", ""),
  ]

  static func file(_ rows: [(String, String)] = Self.rows) throws -> PaymentFile {
    let lines = rows.map { "\(payer),\(payee),\($0.0),\($0.1)\n" }.joined()
    return try PaymentFile(
      csv: Array(("payer,payee,amount,reference\n" + lines).utf8), currency: PaymentWorld.currency,
      channel: Channel(unchecked: ""))
  }

  /// How often the ledger moved each amount under each reference.
  private static func paid(_ world: PaymentWorld) -> [String: Int] {
    let accepted = world.with { $0.executed }.filter { $0.decision.result == .accepted }
    return Dictionary(
      accepted.map { ("\($0.order.operation.movement?.amount ?? 0) \($0.order.reference)", 1) },
      uniquingKeysWith: +)
  }

  private static let once = ["100 one": 2, "250 two": 1, "300 ": 1]

  private static let outcomes = ["accepted", "accepted", "rejected", "accepted", "accepted"]

  @Test func aFileIsPaid() async throws {
    let world = PaymentWorld(seed: 1)
    let journal = try await world.run(try Self.file())
    #expect(Self.paid(world) == Self.once)
    #expect(journal.payments.map(\.outcome) == Self.outcomes)
    #expect(journal.counts.accepted == 4 && journal.counts.refused == 1)
    #expect(world.with { $0.submissions } == 3)
    #expect(world.with { $0.questions } == 0, "nothing is asked of what was never sent")
    let again = try await world.run(try Self.file())
    #expect(again.payments == journal.payments)
    #expect(world.with { $0.submissions } == 3 && world.with { $0.questions } == 0)
  }

  /// Killed at every step, then at a step of the next run, then run to its end.
  @Test func killedAtEveryStep() async throws {
    let whole = PaymentWorld(seed: 2)
    _ = try await whole.run(try Self.file())
    let steps = whole.with { $0.steps }
    #expect(steps > 20)
    for fatal in 0..<steps {
      for later: UInt64 in [0, 590_000_000, 700_000_000, 86_400_000_000] {
        let world = PaymentWorld(seed: UInt64(fatal) << 32 | later)
        try await Self.runKilled(world, at: fatal)
        world.with { $0.now = $0.now.advanced(byMicroseconds: later) }
        try await Self.runKilled(world, at: fatal / 2 + 1)
        world.with { $0.stepsUntilKilled = nil }
        let journal = try await world.run(try Self.file())
        #expect(
          Self.paid(world) == Self.once, "killed at step \(fatal), \(later) us before the next")
        #expect(journal.payments.map(\.outcome) == Self.outcomes)
      }
    }
  }

  private static func runKilled(_ world: PaymentWorld, at step: Int) async throws {
    world.with { $0.stepsUntilKilled = step }
    do { _ = try await world.run(try Self.file()) } catch is Killed {}
    world.crash()
    let paid = paid(world)
    #expect(paid.allSatisfy { $0.value <= once[$0.key] ?? 0 }, "killed at step \(step): \(paid)")
  }

  /// Lines that break, runs that are killed, and any time between them.
  @Test(arguments: UInt64(0)..<200)
  func cutOffAtRandom(seed: UInt64) async throws {
    let world = PaymentWorld(seed: seed)
    var random = SplitMix64(seed: ~seed)
    let rows = (0..<Int.random(in: 1...20, using: &random)).map { _ in
      (random.one(of: ["1.00", "2.50", "1000.01"]), random.one(of: ["a", "b", ""]))
    }
    let file = try Self.file(rows)
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      world.with {
        $0.brokenPercent = random.one(of: [0, 10, 50])
        $0.stepsUntilKilled =
          random.happens(percent: 50) ? Int.random(in: 0..<60, using: &random) : nil
      }
      do {
        _ = try await world.run(file, partRows: random.one(of: [1, 3, 50]))
      } catch is Killed {
      } catch is LineBroken {}
      world.crash()
      let later = random.one(of: [0, 1, 300_000_000, 599_999_999, 600_000_001, 200_000_000_000])
      world.with { $0.now = $0.now.advanced(byMicroseconds: UInt64(later)) }
    }
    world.with { ($0.brokenPercent, $0.stepsUntilKilled) = (0, nil) }
    let journal = try await world.run(file)
    #expect(journal.counts.open == 0)
    var expected: [String: Int] = [:]
    for (amount, reference) in rows where amount != "1000.01" {
      expected["\(amount == "1.00" ? 100 : 250) \(reference)", default: 0] += 1
    }
    #expect(Self.paid(world) == expected, "seed \(seed)")
  }

  @Test func whatWasNeverExecutedGetsANewID() async throws {
    let world = PaymentWorld(seed: 3)
    world.with { $0.brokenPercent = 100 }
    await #expect(throws: LineBroken.self) { try await world.run(try Self.file()) }
    let old = try Self.journal(world).payments.map(\.order.id)
    world.with {
      $0.brokenPercent = 0
      $0.now = $0.now.advanced(byMicroseconds: PaymentWorld.horizonMicroseconds + 1_000_000)
    }
    let journal = try await world.run(try Self.file())
    #expect(Set(journal.payments.map(\.order.id)).isDisjoint(with: old))
    #expect(Self.paid(world) == Self.once)
  }

  @Test func whatIsNotYetKnownKeepsItsID() async throws {
    let world = PaymentWorld(seed: 4)
    world.with { $0.brokenPercent = 100 }
    await #expect(throws: LineBroken.self) { try await world.run(try Self.file()) }
    let old = try Self.journal(world).payments.map(\.order.id)
    world.with { $0.brokenPercent = 0 }
    let journal = try await world.run(try Self.file())
    #expect(journal.payments.map(\.order.id) == old)
  }

  /// An id that the ledger no longer takes, and of which it does not say yet, is neither sent nor
  /// given up.
  @Test func whatStaysUnknownStaysOpen() async throws {
    let world = PaymentWorld(seed: 5)
    world.with { $0.brokenPercent = 100 }
    await #expect(throws: LineBroken.self) { try await world.run(try Self.file()) }
    world.with {
      $0.brokenPercent = 0
      $0.submissions = 0
      $0.now = $0.now.advanced(byMicroseconds: PaymentWorld.horizonMicroseconds - 30_000_000)
    }
    let journal = try await world.run(try Self.file(), idlePausesMax: 3)
    #expect(journal.counts.open == 5)
    #expect(world.with { $0.submissions } == 0)
  }

  static func journal(_ world: PaymentWorld) throws -> PaymentJournal {
    try PaymentJournal(
      world.with { $0.durable ?? [] }, of: try file(), on: PaymentWorld.ledger,
      of: PaymentWorld.party)
  }
}
