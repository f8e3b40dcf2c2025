import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerPolicy
import LedgerStorage
import LedgerTesting
import LedgerWire
import Testing

@Suite struct ExplanationTests {
  /// Which ways to decide the histories met.
  private struct Met {
    var refused = 0
    var drawn = 0
    var swept = 0
    var otherwise = 0

    mutating func take(_ outcome: Outcome, _ rules: RulesExplanation) {
      switch outcome {
      case .rejected(.limitExceeded): refused += 1
      case .rejected, .duplicate: otherwise += 1
      case .accepted, .remarked:
        if rules.draw > 0 { drawn += 1 }
        if case .permitWith(let conditions) = rules.decision, conditions.sweep > 0 { swept += 1 }
      }
    }
  }

  /// Goal: what is explained of a payment is what the ledger decided of it, to the last number.
  ///
  /// Method: every payment of random logs is explained, of which wallets are linked and accounts
  /// frozen now and then, so that waterfalls send on, draw, and cannot.
  @Test func everyPaymentIsExplainedAsItWasDecided() throws {
    var met = Met()
    for seed in UInt64(0)..<96 {
      let log = try Self.log(seed: seed)
      var history = try LogHistory(try Self.store(log.builder.log), trust: nil)
      defer { history.cancel() }
      while let batch = try history.next() {
        let before = history.replay.state
        let sequenced = try history.replay(batch)
        try Self.compare(before, sequenced, seed: seed, &met)
      }
    }
    #expect(met.refused > 100 && met.drawn > 10 && met.swept > 10 && met.otherwise > 20, "\(met)")
  }

  private static func compare(
    _ before: LedgerState, _ batch: SequencedBatch, seed: UInt64, _ met: inout Met
  ) throws {
    guard case .submission(let submission)? = batch.records.first else { return }
    var state = before
    state.begin(at: batch.time)
    guard case .admitted(let admitted) = try state.admit(submission.submission) else { return }
    for (index, verified) in submission.submission.instructions.enumerated() {
      let outcome = submission.applied[index].outcome
      if let rules = state.explain(verified.instruction, signers: admitted.signers) {
        met.take(outcome, rules)
        let place: Comment = "seed \(seed), entry \(submission.applied[index].sequence)"
        compare(rules, with: outcome, place)
        // The officers' keys are in groups of the rules, the banks' are not.
        if admitted.participant != nil {
          let guess = state.outcome(ofHypothetical: verified.instruction)
          #expect(guess == outcome, place)
        }
      }
      _ = state.apply(verified, in: admitted)
    }
  }

  private static func compare(
    _ rules: RulesExplanation, with outcome: Outcome, _ place: Comment
  ) {
    let breaches = rules.readings.filter { !isFlag($0) && !$0.isShadow }.compactMap(\.breach)
    switch outcome {
    case .accepted, .remarked:
      #expect(rules.decision.isPermit && breaches.isEmpty, place)
      var remarks: [Remark] = []
      if case .permitWith(let conditions) = rules.decision { remarks = conditions.remarks }
      #expect(outcome == (remarks.isEmpty ? .accepted : .remarked(remarks)), place)
    case .rejected(.limitExceeded(let breach)):
      #expect(rules.decision == .deny(breach), place)
      #expect(breaches.contains(breach), place)
    case .rejected, .duplicate: break
    }
    #expect(rules.agrees(with: outcome), place)
    for reading in rules.readings {
      if let began = reading.began, let resets = reading.resets { #expect(began < resets, place) }
    }
  }

  private static func isFlag(_ reading: RuleReading) -> Bool { reading.rule.action == .flag }

  private static func log(seed: UInt64) throws -> RulesLog {
    var log = try RulesLog(seed: seed)
    try log.linkWallets()
    for round in 0..<4 {
      try log.activate()
      if round == 1 { try log.activate("beta") }
      for _ in 0..<5 {
        try log.freezeSomething()
        try log.pay(8, upTo: round.isMultiple(of: 2) ? 90 : 500)
      }
    }
    return log
  }

  private static func store(_ log: SampleLog) throws -> some LedgerStore {
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    return try disk.open()
  }

  private static func explain(
    _ question: LogExplanation.Question, _ log: SampleLog
  ) throws -> LogExplanation? {
    try LogExplanation.explain(question, store: try store(log), trust: nil)
  }

  /// Goal: an id that two banks used is explained of the one that is named, and of none otherwise.
  @Test func oneIDOfTwoParties() throws {
    var builder = try LogBuilder.full()
    let first = builder.instruction(.pay(LogBuilder.transfer(.example(110), .example(210), 5)))
    try builder.submit([first], by: .bank(1), signedBy: [try SampleKeys.bank(1)])
    let second = Instruction(
      id: first.id, operation: .pay(LogBuilder.transfer(.example(210), .example(110), 3)))
    try builder.submit([second], by: .bank(2), signedBy: [try SampleKeys.bank(2)])
    let log = builder.log
    #expect(throws: HistoryError.ambiguous(parties: [.bank(1), .bank(2)])) {
      try Self.explain(.logged(first.id), log)
    }
    let found = try #require(try Self.explain(.logged(first.id, of: .bank(2)), log))
    #expect(found.instruction == second && found.logged?.party == .bank(2))
    #expect(found.logged?.outcome == .accepted)
    #expect(try Self.explain(.logged(first.id, of: .issuer), log) == nil)
  }

  /// Goal: an order that left its id free is passed over where it was given again.
  @Test func anOrderGivenAgain() throws {
    var builder = try LogBuilder.full()
    let order = builder.instruction(LogBuilder.issue(7, to: LogBuilder.settlement1, 30))
    let alone = builder.instruction(LogBuilder.issue(8, to: LogBuilder.settlement1, 31))
    for officers in [1, 2] {
      try builder.submit(
        officers == 1 ? [order, alone] : [order], by: .issuer,
        signedBy: Array(SampleKeys.officers.prefix(officers)))
    }
    let found = try #require(try Self.explain(.logged(order.id), builder.log))
    #expect(found.logged?.outcome == .accepted)
    let refused = try #require(try Self.explain(.logged(alone.id), builder.log))
    #expect(refused.logged?.outcome == .rejected(.quorumNotMet(required: 2, signed: 1)))
  }

  /// Goal: a payment that nobody has ordered is refused for what the ledger would refuse it for,
  /// also where the rules let it pass.
  @Test func hypotheticalsAreDecidedByTheLedger() throws {
    var builder = try LogBuilder.full()
    try builder.order(
      .freeze(
        Freeze(
          target: .account(.example(111)), credits: .refused,
          legalReference: LegalReference(unchecked: "case 1"))),
      by: .issuer, signedBy: Array(SampleKeys.officers[0...1]))
    let log = builder.log
    let id = builder.instruction(.confirmClock(.example)).id
    func outcome(_ operation: Operation) throws -> Outcome? {
      let found = try Self.explain(
        .hypothetical(HypotheticalPayment(.given(operation), id: id), at: nil), log)
      return found?.outcome
    }
    func code(_ operation: Operation) throws -> RejectionCode? {
      guard case .rejected(let rejection)? = try outcome(operation) else { return nil }
      return rejection.code
    }
    func transfer(_ payer: Int, _ payee: Int, _ amount: UInt64) -> Transfer {
      LogBuilder.transfer(.example(payer), .example(payee), amount)
    }
    #expect(try outcome(.pay(transfer(110, 210, 5))) == .accepted)
    #expect(try outcome(LogBuilder.issue(5, to: LogBuilder.settlement1, 40)) == .accepted)
    #expect(try code(.pay(transfer(210, 110, 451))) == .insufficientFunds)
    #expect(try code(.pay(transfer(110, 110, 5))) == .sameAccount)
    #expect(try code(.pay(transfer(110, 111, 5))) == .accountFrozen)
    #expect(try code(.fund(transfer(100, 210, 5))) == .actingForAnother)
    #expect(try code(.pay(transfer(110, 210, 501))) == .limitExceeded)
    #expect(try code(.pay(transfer(100, 210, 5))) == .accountKind)
    // The issuance account of the example's one currency.
    for (payer, payee) in [(1, 110), (110, 1)] {
      #expect(throws: HistoryError.noParticipants(.example(1))) {
        try outcome(.pay(transfer(payer, payee, 5)))
      }
    }
  }

  /// Goal: of a wallet's funding and cashing out the settlement account is its own participant's.
  @Test func settlementAccountsAreFilledIn() throws {
    var builder = try LogBuilder.full()
    let id = builder.instruction(.confirmClock(.example)).id
    let log = builder.log
    func operation(_ order: HypotheticalPayment.Order) throws -> Operation? {
      try Self.explain(.hypothetical(HypotheticalPayment(order, id: id), at: nil), log)?
        .instruction.operation
    }
    for (wallet, settlement) in [
      (LogBuilder.wallet1, LogBuilder.settlement1), (LogBuilder.wallet3, LogBuilder.settlement2),
    ] {
      #expect(
        try operation(.funding(wallet, amount: 5, .cny))
          == .fund(LogBuilder.transfer(settlement, wallet, 5)))
      #expect(
        try operation(.cashingOut(wallet, amount: 5, .cny))
          == .cashOut(LogBuilder.transfer(wallet, settlement, 5)))
    }
    #expect(throws: HistoryError.self) { try operation(.funding(.example(9), amount: 5, .cny)) }
    #expect(throws: HistoryError.noParticipants(.example(1))) {
      try operation(.cashingOut(.example(1), amount: 5, .cny))
    }
  }

  /// Goal: a payment that needs signatures is accepted where they are said to be there.
  @Test func signaturesAreSupposed() throws {
    let key = PublicKey(.example(77))
    let board = SignerGroup(name: GroupName(unchecked: "board"), keys: [key])
    let measure = Measure(
      quantity: .amount, scope: .wallet, window: .payment, direction: .out, operations: [.pay])
    let rule = Rule(
      id: RuleID(unchecked: "large"), measure: 0, caps: .every(.constant(4)),
      action: .require(Approval(count: 1, group: 0)))
    let set = RuleSet(
      format: 2, pack: LogBuilder.rules.pack, version: 9, currency: .cny,
      sourceDigest: .example(9), tiers: LogBuilder.rules.tiers, zones: [], groups: [board],
      measures: [measure], rules: [rule])
    var builder = try LogBuilder.full()
    let id = builder.instruction(.confirmClock(.example)).id
    let log = builder.log
    func outcome(_ signers: [PublicKey]) throws -> Outcome? {
      let payment = HypotheticalPayment(
        .given(.pay(LogBuilder.transfer(LogBuilder.wallet1, LogBuilder.wallet3, 5))), id: id,
        signers: signers)
      return try LogExplanation.explain(
        .hypothetical(payment, at: nil), store: try Self.store(log), trust: nil, under: set
      )?.outcome
    }
    #expect(try outcome([key]) == .accepted)
    guard case .rejected(.limitExceeded(let breach))? = try outcome([PublicKey(.example(78))])
    else {
      Issue.record("it is accepted without a signature of the group")
      return
    }
    #expect(breach.reason == .approvalMissing(required: 1, signed: 0))
  }
}
