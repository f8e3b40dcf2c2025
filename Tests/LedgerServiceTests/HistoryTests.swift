import LedgerCore
import LedgerLog
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerWire
import MerkleLog
import Testing

/// Goal: what an account held, on which day and with whom, is what its entries say one by one.
///
/// Method: the reference goes through all entries in order, which a reading never does.
@Suite struct HistoryTests {
  private static let zero = LedgerTime(microseconds: 0)

  /// A ledger of some thousand payments over three days, between two banks.
  private struct Scene {
    let test: TestLedger
    let ledger: Ledger
    let banks: [TestBank]
    /// All of an account's lines, oldest first.
    let lines: [StatementLine]

    var wallet: AccountID { banks[0].wallets[0] }

    init() async throws {
      let test = try TestLedger()
      let ledger = try test.open()
      let banks = [
        try await TestBank(1, on: ledger, of: test), try await TestBank(2, on: ledger, of: test),
      ]
      (self.test, self.ledger, self.banks) = (test, ledger, banks)
      for round in 0..<24 {
        test.clock.advance(microseconds: 3 * 3_600_000_000)
        let orders = (0..<60).map { number in
          banks[0].pay(
            number.isMultiple(of: 3) ? banks[0].wallets[1] : banks[1].wallets[0],
            UInt64(1 + (round * 60 + number) % 7))
        }
        let receipt = try await test.submit(
          orders, of: banks[0].party, to: ledger, signedBy: [banks[0].key])
        #expect(receipt.instructions.allSatisfy { $0.outcome == .accepted })
      }
      var newestFirst: [StatementLine] = []
      var before: SequenceNumber?
      repeat {
        let page = try ledger.statement(
          of: banks[0].wallets[0], for: .open, filter: StatementFilter(), before: before,
          linesMax: 500)
        newestFirst += page.lines
        before = page.next
      } while before != nil
      lines = newestFirst.reversed()
      #expect(lines.count == 24 * 60 + 1)
    }

    func balance(where isCounted: (StatementLine) -> Bool) -> Int64 {
      lines.last(where: isCounted)?.balance.minorUnits ?? 0
    }
  }

  @Test func balancesOfThePastAreThoseOfTheEntries() async throws {
    let scene = try await Scene()
    let size = scene.ledger.status().size
    for entry in stride(from: UInt64(0), to: size, by: 23) {
      let reading = try scene.ledger.balance(
        of: scene.wallet, for: .open, at: .entry(SequenceNumber(entry)))
      #expect(
        reading.balance.minorUnits == scene.balance { $0.sequence.value <= entry }, "\(entry)")
      #expect(
        reading.lastSequence == scene.lines.last { $0.sequence.value <= entry }?.sequence)
      #expect(reading.asOf == entry + 1)
    }
    let times = Set(scene.lines.map(\.time)).sorted()
    for time in times {
      for offset in [-1, 0, 1] as [Int64] {
        let instant = LedgerTime(
          microseconds: UInt64(Int64(time.microseconds) + offset))
        guard instant <= scene.ledger.status().time else { continue }
        let reading = try scene.ledger.balance(of: scene.wallet, for: .open, at: .time(instant))
        #expect(reading.balance.minorUnits == scene.balance { $0.time <= instant })
      }
    }
    #expect(throws: ReadError.notYetPast(time: scene.ledger.status().time)) {
      try scene.ledger.balance(
        of: scene.wallet, for: .open, at: .entry(SequenceNumber(size)))
    }
    let late = scene.ledger.status().time.advanced(byMicroseconds: 1)
    #expect(throws: ReadError.notYetPast(time: scene.ledger.status().time)) {
      try scene.ledger.balance(of: scene.wallet, for: .open, at: .time(late))
    }
    await scene.test.stop(scene.ledger)
  }

  /// Goal: the index has marks, so that a walk to an early entry is short, and loses none of them
  /// when it is built anew.
  @Test func marksAreInTheIndexAndComeAgain() async throws {
    let scene = try await Scene()
    let marked = scene.lines.map(\.sequence).filter { TrailMark.isMarked($0) }
    #expect(!marked.isEmpty)
    await scene.test.stop(scene.ledger)
    for sequence in marked {
      #expect(try scene.test.index.mark(of: scene.wallet, from: sequence) == sequence)
    }
    let index = MemoryLogIndex()
    let ledger = try scene.test.open(index: index)
    await scene.test.stop(ledger)
    for sequence in marked {
      #expect(try index.mark(of: scene.wallet, from: sequence) == sequence)
    }
    let beyond = SequenceNumber(try #require(marked.last).value + 1)
    #expect(try index.mark(of: scene.wallet, from: beyond) == nil)
  }

  @Test func filtersAdmitWhatAllTheirPartsAdmit() async throws {
    let scene = try await Scene()
    var filter = StatementFilter()
    filter.counterparty = scene.banks[1].wallets[0]
    (filter.amountMin, filter.amountMax) = (3, 5)
    let middle = scene.lines[scene.lines.count / 2].time
    filter.from = scene.lines[400].time
    filter.until = middle
    let expected = scene.lines.filter {
      $0.counterparty == scene.banks[1].wallets[0] && 3...5 ~= $0.amount
        && $0.time >= scene.lines[400].time && $0.time < middle
    }
    var found: [StatementLine] = []
    var before: SequenceNumber?
    repeat {
      let page = try scene.ledger.statement(
        of: scene.wallet, for: .open, filter: filter, before: before, linesMax: 17)
      #expect(page.lines.count <= 17)
      found += page.lines
      before = page.next
    } while before != nil
    #expect(!expected.isEmpty && found.reversed() == expected)
    await scene.test.stop(scene.ledger)
  }

  /// Goal: the days of an account follow each other without gap, and each adds up.
  @Test func businessDaysAddUp() async throws {
    let scene = try await Scene()
    let first = Int(scene.lines[0].time.microseconds / 86_400_000_000)
    let last = Int(scene.ledger.status().time.microseconds / 86_400_000_000)
    var held = scene.balance { $0.time.microseconds / 86_400_000_000 < UInt64(first) }
    var count = 0
    for date in first...last {
      var changes: Int64 = 0
      var before: SequenceNumber?
      var day: DayReading
      repeat {
        day = try scene.ledger.day(
          CivilDate(daysSince1970: date), of: scene.wallet, for: .open, before: before,
          linesMax: 50)
        changes += day.page.lines.reduce(0) { $0 + $1.change }
        count += day.page.lines.count
        #expect(day.page.lines.allSatisfy { day.span.contains($0.time) })
        before = day.page.next
      } while before != nil
      #expect(day.opening.minorUnits == held)
      #expect(day.closing.minorUnits == held + changes)
      #expect(day.isComplete == (date < last))
      held += changes
    }
    #expect(count == scene.lines.count)
    #expect(throws: ReadError.notFound) {
      try scene.ledger.day(
        CivilDate(daysSince1970: last + 1), of: scene.wallet, for: .open, before: nil, linesMax: 1)
    }
    await scene.test.stop(scene.ledger)
  }
}
