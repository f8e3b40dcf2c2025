import LedgerCore
import LedgerModel
import LedgerTesting

/// A ledger at hand, with a clock, ids and signers.
///
/// Banks 1 and 2 are admitted with two keys each, 1001 and 1002, 2001 and 2002. Of bank `b`, 100·b
/// and 100·b + 1 are its settlement accounts in CNY and in EUR, 100·b + 10 and 100·b + 11 its
/// wallets in CNY, of tiers 1 and 2, and 100·b + 14 its wallet in EUR. Account 100 has 900, wallet
/// 110 has 100, all else nothing.
struct ExampleLedger {
  var state: LedgerState
  var builder = SubmissionBuilder()
  private var idCount: UInt64 = 0

  /// Creates the ledger after genesis alone.
  init(_ genesis: Genesis = .example(), bounds: StateBounds = .standard) {
    state = LedgerState(genesis: genesis, id: .example, at: .example, bounds: bounds)
  }

  /// Returns the ledger that the type describes.
  static func opened(
    _ genesis: Genesis = .example(), bounds: StateBounds = .standard
  ) -> ExampleLedger {
    var ledger = ExampleLedger(genesis, bounds: bounds)
    for (party, operation) in openingOrders {
      let outcome = ledger.order(operation, by: party)
      precondition(outcome == .accepted, "\(operation): \(outcome)")
    }
    return ledger
  }

  static let openingOrders: [(Party, Operation)] =
    [1, 2].map { (.issuer, .admit($0)) }
    + [1, 2].flatMap { bank in
      [
        (Party.bank(bank), Operation.open(100 * bank + 10, tier: 1)),
        (.bank(bank), .open(100 * bank + 11, tier: 2)),
        (.bank(bank), .open(100 * bank + 14, .eur, tier: 1)),
      ]
    } + [(.issuer, .issue(100, 1_000, reference: 1)), (.bank(1), .fund(100, 110, 100))]

  /// Lets ledger time pass; a new batch begins.
  mutating func wait(seconds: Int64 = 0, microseconds: Int64 = 1_000) {
    state.begin(at: state.time.moved(seconds: seconds, microseconds: microseconds))
  }

  /// An id that was not used before.
  mutating func freshID(at time: LedgerTime) -> InstructionID {
    idCount += 1
    return InstructionID(milliseconds: time.microseconds / 1_000, random: (0, idCount))
  }

  /// Orders one thing in a batch of its own.
  mutating func order(
    _ operation: Operation, by party: Party = .issuer, signers: [Int]? = nil,
    id: InstructionID? = nil
  ) -> Outcome {
    wait()
    let instruction = Instruction(id: id ?? freshID(at: state.time), operation: operation)
    return order([instruction], by: party, signers: signers).first ?? .accepted
  }

  /// Sends the instructions in the batch at hand, and returns what became of each; a submission
  /// that is not let in ends the test.
  mutating func order(
    _ instructions: [Instruction], by party: Party = .issuer, signers: [Int]? = nil
  ) -> [Outcome] {
    let submission = submission(of: instructions, by: party, signers: signers)
    do throws(SubmissionRefusal) {
      guard case .admitted(let admitted) = try state.admit(submission) else {
        preconditionFailure("the submission was sequenced before")
      }
      return submission.instructions.map { state.apply($0, in: admitted).outcome }
    } catch {
      preconditionFailure("the submission is refused: \(error)")
    }
  }

  /// Returns the instructions under a statement that expires in a minute, or as late as it may.
  mutating func submission(
    of instructions: [Instruction], by party: Party = .issuer, signers: [Int]? = nil,
    ledger: LedgerID = .example, expiry: LedgerTime? = nil
  ) -> VerifiedSubmission {
    let horizon = state.genesis.parameters.horizonMicroseconds(of: party)
    let standard = state.time.advanced(byMicroseconds: min(60_000_000, horizon))
    return builder.submission(
      of: instructions, by: party,
      signers: (signers ?? party.exampleSigners).map { .example($0) }, ledger: ledger,
      expiry: expiry ?? standard)
  }

  /// Returns why a submission is not let in, or `nil`.
  mutating func refusal(of submission: VerifiedSubmission) -> SubmissionRefusal? {
    do throws(SubmissionRefusal) {
      _ = try state.admit(submission)
      return nil
    } catch {
      return error
    }
  }

  func balance(_ account: Int) -> Int64? {
    state.account(.example(account))?.balance.minorUnits
  }
}

extension Party {
  /// Enough keys for whatever the party may order in an example ledger.
  var exampleSigners: [Int] {
    switch self {
    case .issuer: [1, 2]
    case .recovery: [101, 102]
    case .participant(let id): [(1...9).first { .example($0) == id }.map { 1_000 * $0 + 1 } ?? 0]
    }
  }
}

extension Outcome {
  /// `nil` where it is no rejection.
  var code: RejectionCode? {
    if case .rejected(let rejection) = self { rejection.code } else { nil }
  }
}

// Orders over the numbers of examples.
extension Operation {
  static func admit(_ bank: Int) -> Operation {
    admit(
      bank, keys: [1_000 * bank + 1, 1_000 * bank + 2],
      accounts: [(100 * bank, .cny), (100 * bank + 1, .eur)])
  }

  static func admit(
    _ bank: Int, keys: [Int], accounts: [(Int, CurrencyCode)]
  ) -> Operation {
    .admitParticipant(
      AdmitParticipant(
        participant: .example(bank), name: ParticipantName(unchecked: "Bank \(bank)"),
        keys: keys.map { .example($0) },
        settlementAccounts: accounts.map {
          NewSettlementAccount(account: .example($0), currency: $1)
        }))
  }

  static func suspend(_ bank: Int) -> Operation {
    .suspendParticipant(
      ParticipantStanding(participant: .example(bank), legalReference: .example))
  }

  static func reinstate(_ bank: Int) -> Operation {
    .reinstateParticipant(
      ParticipantStanding(participant: .example(bank), legalReference: .example))
  }

  static func register(
    _ key: Int, for party: Party, from: LedgerTime = .example, until: LedgerTime? = nil
  ) -> Operation {
    .registerKey(
      RegisterKey(party: party, key: .example(key), validFrom: from, validUntil: until))
  }

  static func rotate(
    _ old: Int, to new: Int, of party: Party, overlapUntil: LedgerTime = LedgerTime(microseconds: 0)
  ) -> Operation {
    .rotateKey(
      RotateKey(
        party: party, oldKey: .example(old), newKey: .example(new), overlapUntil: overlapUntil))
  }

  static func suspendKey(_ key: Int, of party: Party) -> Operation {
    .suspendKey(PartyKey(party: party, key: .example(key)))
  }

  static func reinstateKey(_ key: Int, of party: Party) -> Operation {
    .reinstateKey(PartyKey(party: party, key: .example(key)))
  }

  static func revokeKey(_ key: Int, of party: Party) -> Operation {
    .revokeKey(PartyKey(party: party, key: .example(key)))
  }

  static func replaceOfficers(_ keys: Int...) -> Operation {
    .replaceOfficers(keys.map { .example($0) })
  }

  static func open(_ wallet: Int, _ currency: CurrencyCode = .cny, tier: Int) -> Operation {
    .openWallet(
      OpenWallet(
        wallet: .example(wallet), owner: .example(wallet), currency: currency,
        tier: .example(tier)))
  }

  static func setTier(_ wallet: Int, _ tier: Int) -> Operation {
    .setWalletTier(.example(wallet), .example(tier))
  }

  static func close(_ wallet: Int) -> Operation { .closeWallet(.example(wallet)) }

  static func freeze(wallet: Int, _ credits: FrozenCredits = .refused) -> Operation {
    .freeze(
      Freeze(target: .account(.example(wallet)), credits: credits, legalReference: .example))
  }

  static func freeze(bank: Int, _ credits: FrozenCredits = .refused) -> Operation {
    .freeze(
      Freeze(target: .participant(.example(bank)), credits: credits, legalReference: .example))
  }

  static func unfreeze(wallet: Int) -> Operation {
    .unfreeze(.account(.example(wallet)), .example)
  }

  static func unfreeze(bank: Int) -> Operation {
    .unfreeze(.participant(.example(bank)), .example)
  }

  static func issue(
    _ payee: Int, _ amount: UInt64, _ currency: CurrencyCode = .cny, reference: Int
  ) -> Operation {
    .issue(
      Issue(
        payee: .example(payee), amount: amount, currency: currency,
        rtgsReference: .example(reference)))
  }

  static func redeem(
    _ payer: Int, _ amount: UInt64, _ currency: CurrencyCode = .cny, reference: Int
  ) -> Operation {
    .redeem(
      Redeem(
        payer: .example(payer), amount: amount, currency: currency,
        rtgsReference: .example(reference)))
  }

  static func settle(
    _ payer: Int, _ payee: Int, _ amount: UInt64, _ currency: CurrencyCode = .cny
  ) -> Operation { .settle(transfer(payer, payee, amount, currency)) }

  static func fund(
    _ payer: Int, _ payee: Int, _ amount: UInt64, _ currency: CurrencyCode = .cny
  ) -> Operation { .fund(transfer(payer, payee, amount, currency)) }

  static func pay(
    _ payer: Int, _ payee: Int, _ amount: UInt64, _ currency: CurrencyCode = .cny
  ) -> Operation { .pay(transfer(payer, payee, amount, currency)) }

  static func cashOut(
    _ payer: Int, _ payee: Int, _ amount: UInt64, _ currency: CurrencyCode = .cny
  ) -> Operation { .cashOut(transfer(payer, payee, amount, currency)) }

  static func activate(_ ruleSet: RuleSet) -> Operation {
    .activateRuleSet(ActivateRuleSet(ruleSet: ruleSet, source: []))
  }

  private static func transfer(
    _ payer: Int, _ payee: Int, _ amount: UInt64, _ currency: CurrencyCode
  ) -> Transfer {
    Transfer(
      payer: .example(payer), payee: .example(payee), amount: amount, currency: currency)
  }
}

extension Measure {
  /// What one payment moves out of a wallet.
  static let onePayment = Measure(
    quantity: .amount, scope: .wallet, window: .payment, direction: .out,
    operations: [.pay])
  /// What a wallet pays on a day in Shanghai.
  static let day = Measure(
    quantity: .amount, scope: .wallet, window: .day(.shanghai), direction: .out,
    operations: [.pay])
}

extension RuleSet {
  /// Tier 1 pays at most 50 at once and 80 a day; other tiers are not known.
  static let small = RuleSet.example([
    ("payment-max", .onePayment, [50]), ("day-max", .day, [80]),
  ])
}
