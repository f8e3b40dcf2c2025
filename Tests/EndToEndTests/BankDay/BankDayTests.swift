import LedgerClient
import LedgerModel
import LedgerWire
import ProgramTesting
import Testing

extension EndToEnd {
  /// Goal: whatever happens to connections, to the server and to certificates, each order lands
  /// once, and what each bank reads of its day is what the log says, to the unit.
  ///
  /// Method: over TLS two banks give the orders of a seeded script, and an auditor and both follow
  /// events, over lines that cut and silence connections; the server is killed twice, and every
  /// certificate and authority is replaced. What happened is added up from the exported log, and
  /// what was told, by receipt, event, statement and supply, is held against that. The Python
  /// client has such a day, too: clients/python/tests/test_bank_day.py.
  @Suite struct BankDayTests {
    private static let rounds = 8
    private static let moneyKinds: Set = ["issue", "redeem", "settle", "fund", "pay", "cash-out"]

    @Test(arguments: [UInt64(7)]) func reconciles(seed: UInt64) async throws {
      let central = try await DayCentral.make(port: 17_200)
      defer { central.end() }
      var lines: [BreakingLine] = []
      func line(_ name: String) throws -> String {
        lines.append(try BreakingLine(to: 17_200, seed: "\(seed) \(name)"))
        return lines[lines.count - 1].url
      }
      let banks = try DayCentral.banks.enumerated().map { number, code in
        try DayBank(
          code, seed: seed &+ UInt64(number), key: try central.server.key(code),
          tellers: try ["a", "b"].map {
            DayTeller(code, over: try line("\(code) \($0)"), central.pass)
          })
      }
      let everyone = Set(DayCentral.banks)
      var followers = try DayCentral.banks.map { code in
        DayFollower(
          name: code, url: try line("events \(code)"), pass: central.pass,
          kinds: Self.moneyKinds, awaited: [code])
      }
      followers.append(
        DayFollower(
          name: "auditor", url: try line("events"), pass: central.pass, kinds: nil,
          awaited: everyone))
      let heard = try await withThrowingTaskGroup(of: DayFollower.Record.self) { group in
        for follower in followers { group.addTask { try await follower.follow() } }
        try await Self.play(central, banks)
        for line in lines { try line.mend() }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let brokenCount = try lines.reduce(0) { $0 + (try $1.end()) }
      #expect(brokenCount > 10)
      try await Self.reconcile(central, banks, heard)
    }

    /// The day: what the banks do, and what happens to the server and to certificates meanwhile.
    private static func play(_ central: DayCentral, _ banks: [DayBank]) async throws {
      try await all(banks) { bank in
        try await bank.open(banks.filter { $0.code != bank.code }.flatMap(\.wallets))
      }
      // Whoever fails ends the others.
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await all(banks) { try await $0.work(rounds: rounds) } }
        try await disturb(central, banks)
        try await group.waitForAll()
      }
      try await all(banks) { try await $0.close() }
    }

    private static func disturb(_ central: DayCentral, _ banks: [DayBank]) async throws {
      func wait(for round: Int) async throws {
        let deadline = ContinuousClock.now + DayPass.patience
        for bank in banks {
          while await bank.roundsDone < round {
            try #require(ContinuousClock.now < deadline, "round \(round) is not reached")
            try await Task.sleep(for: .milliseconds(10))
          }
        }
      }
      try await wait(for: 2)
      try central.kill()
      try await wait(for: 4)
      try await central.replaceCertificates(banks)
      try central.shell("specie issue icbc 777.77 CNY --rtgs-reference second $officers")
      try await wait(for: 6)
      try central.kill()
    }

    private static func all(
      _ banks: [DayBank], _ part: @escaping @Sendable (DayBank) async throws -> Void
    ) async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for bank in banks { group.addTask { try await part(bank) } }
        try await group.waitForAll()
      }
    }

    // MARK: - What was told, against the log

    private static func reconcile(
      _ central: DayCentral, _ banks: [DayBank], _ heard: [DayFollower.Record]
    ) async throws {
      try central.shell(
        "specie audit export mine --server $SPECIE_SERVER --trust ledger/trust", as: "auditor")
      try central.shell("specie audit verify mine --trust ledger/trust")
      let truth = try LogTruth(export: central.server.folder + "/mine")
      for bank in banks {
        try await checkOrders(of: bank, central, truth)
        try await checkStatements(of: bank, central, truth)
      }
      checkEvents(heard, truth)
      try await checkSupply(central, truth)
      #expect(!truth.copies.isEmpty)
      central.server.stop()
      try central.shell("specie audit verify ledger --trust ledger/trust")
    }

    /// Goal: every order that was given is in the log once, with the outcome that was told, and is
    /// proven there.
    private static func checkOrders(
      of bank: DayBank, _ central: DayCentral, _ truth: LogTruth
    ) async throws {
      let party = try Party(bank.code)
      let given = await bank.given
      let landed = truth.decided.filter { $0.party == party }
      #expect(landed.count == given.count)
      for one in landed { #expect(given[one.order.id] == one.order.canonicalBytes) }
      let client = try central.pass.client(bank.code)
      for (submission, receipt) in await bank.told {
        // The same bytes once more: the same answer, of which every outcome is proven by now.
        let again = try await client.submit(submission)
        #expect(Told(again) == Told(receipt))
        for outcome in again.instructions {
          #expect(outcome.isProven)
          let found = truth.decided[try #require(truth.indexByID[outcome.id])]
          #expect(found.sequence == outcome.firstSequence && found.outcome == outcome.outcome)
          let copied = truth.copies[outcome.sequence]
          #expect(copied == (outcome.isDuplicate ? outcome.firstSequence : nil))
        }
      }
    }

    private static func checkStatements(
      of bank: DayBank, _ central: DayCentral, _ truth: LogTruth
    ) async throws {
      let client = try central.pass.client(bank.code)
      let accounts = truth.accounts(of: try Party(bank.code))
      #expect(accounts.isSuperset(of: bank.wallets) && accounts.count == bank.wallets.count + 1)
      for account in accounts {
        var told: [StatementAnswer.Line] = []
        var next: SequenceNumber?
        repeat {
          let page = try await client.statement(of: account, before: next, limit: 40)
          told += page.lines
          next = page.next
        } while next != nil
        let lines = told.reversed().map {
          LogTruth.Line(sequence: $0.sequence, id: $0.id, change: $0.change, balance: $0.balance)
        }
        #expect(lines == truth.lines[account] ?? [])
        #expect(try await client.account(account).balance == truth.balance(account))
      }
      let foreign = try #require(truth.owners.keys.first { !accounts.contains($0) })
      do throws(ClientError) {
        _ = try await client.account(foreign)
        Issue.record("another's account is shown")
      } catch {
        guard case .refused(let problem) = error else { throw error }
        #expect(problem.code == "not_found")
      }
    }

    /// Goal: each follower heard each order that is for it once, in the order of the log.
    private static func checkEvents(_ heard: [DayFollower.Record], _ truth: LogTruth) {
      #expect(heard.count == 3)
      for record in heard {
        let wanted =
          record.name == "auditor"
          ? truth.decided : truth.concerning(.participant(ParticipantID(unchecked: record.name)))
        #expect(record.events.map(\.sequence) == wanted.map(\.sequence), "\(record.name)")
        #expect(record.events.map(\.id) == wanted.map(\.order.id))
        #expect(record.events.map(\.party) == wanted.map(\.party))
        #expect(record.events.map(\.isAccepted) == wanted.map(\.outcome.isAccepted))
        #expect(
          record.events.map(\.movement?.amount) == wanted.map(\.order.operation.movement?.amount))
      }
    }

    /// Goal: what was issued less what was redeemed is outstanding, and is what accounts hold.
    private static func checkSupply(_ central: DayCentral, _ truth: LogTruth) async throws {
      #expect(truth.issued == 200_777_77)
      let held = truth.owners.keys.reduce(0) { $0 + truth.balance($1) }
      #expect(truth.issued - truth.redeemed == held)
      for reader in ["issuer", "auditor"] {
        let supply = try #require(try await central.pass.client(reader).supply().first)
        #expect(supply.issued == Int128(truth.issued) && supply.redeemed == Int128(truth.redeemed))
        #expect(supply.outstanding == Int128(held))
        for holding in supply.holdings {
          let sum = truth.accounts(of: .participant(holding.participant)).reduce(0) {
            $0 + truth.balance($1)
          }
          #expect(holding.settlement + holding.wallets == Int128(sum))
        }
      }
    }
  }
}
