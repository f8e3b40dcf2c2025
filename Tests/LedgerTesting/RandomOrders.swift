package import LedgerModel

/// What arrives at one ledger time.
package struct RandomBatch: Sendable {
  package let time: LedgerTime
  package let submissions: [VerifiedSubmission]
}

/// A seeded source of orders over few parties, few accounts and small sums, so that each answer is
/// common.
///
/// Accounts have planned numbers, whether they are open or not: 1 and 2 are the issuance accounts;
/// of bank `b`, 100·b and 100·b + 1 are the settlement accounts, and from 100·b + 10 on its
/// wallets.
package struct RandomOrders: Sendable {
  var random: SplitMix64
  /// Whether sums come near the largest there are.
  let isRich: Bool
  /// Whether there are orders about certificates.
  let hasCertificates: Bool
  /// Whether some orders have a document: version 3 refuses those.
  let hasDocuments: Bool
  var builder = SubmissionBuilder()
  var freshKey = 10_000
  private var past: [(party: Party, instruction: Instruction)] = []
  private var pastSubmissions: [VerifiedSubmission] = []
  private var ruleSetVersion = 0
  var lastMeasures: [Measure] = []

  package init(seed: UInt64, version: StateMachineVersion = .one) {
    random = SplitMix64(seed: seed)
    hasCertificates = version >= .three
    hasDocuments = version >= .three
    isRich = seed % 8 == 7
  }

  /// Returns a later time: mostly a little, at times to the edge of a minute, day, year or
  /// horizon.
  package mutating func time(after time: LedgerTime) -> LedgerTime {
    let minute: Int64 = 60_000_000
    let zone: Int64 = 8 * 3_600_000_000  // The rules' day begins at midnight in Shanghai.
    func toNext(_ span: Int64, from offset: Int64 = 0) -> Int64 {
      span - (Int64(time.microseconds) + offset) % span
    }
    let day = 1_440 * minute
    let step: Int64 =
      switch random.offset(weighted: [40, 30, 10, 6, 4, 4, 3, 1, 1]) {
      case 0: Int64.random(in: 1...3, using: &random)
      case 1: Int64.random(in: 1...20_000_000, using: &random)
      case 2: toNext(minute)
      case 3: Int64.random(in: minute...(20 * minute), using: &random)
      case 4: toNext(day, from: zone)
      case 5: toNext(day, from: zone) - 1
      case 6: Int64.random(in: day...(3 * day), using: &random)
      case 7: Int64.random(in: (29 * day)...(45 * day), using: &random)
      default: toNextYear(time) - 8 * 3_600_000_000
      }
    return time.moved(microseconds: max(1, step))
  }

  /// Microseconds to the new year in UTC.
  private func toNextYear(_ time: LedgerTime) -> Int64 {
    let days = Int(time.microseconds / 86_400_000_000)
    let next = CivilDate(year: CivilDate(daysSince1970: days).year + 1, month: 1, day: 1)
    return Int64(next.daysSince1970) * 86_400_000_000 - Int64(time.microseconds)
  }

  /// Returns orders that open the ledger's first accounts and bring money in.
  package mutating func opening(of ledger: ReferenceLedger) -> RandomBatch {
    let time = ledger.time.moved(seconds: 1)
    var orders: [(Party, [Operation])] = [
      (.issuer, [1, 2].map { .admitParticipant(admission($0)) })
    ]
    for bank in 1...2 {
      orders.append(
        (
          .bank(bank),
          [0, 1, 2, 5].map { index in
            .openWallet(
              OpenWallet(
                wallet: wallet(bank, index), owner: .example(index),
                currency: index == 5 ? .eur : .cny, tier: .example(1 + index % 2)))
          }
        ))
      orders.append(
        (
          .issuer,
          [
            .issue(
              Issue(
                payee: settlement(bank, .cny), amount: isRich ? 900_000_000_000_000_000 : 3_000,
                currency: .cny, rtgsReference: .example(1_000 + bank)))
          ]
        ))
    }
    let submissions = orders.map { party, operations in
      let instructions = operations.map { Instruction(id: freshID(at: time), operation: $0) }
      let signers = party == .issuer ? [1, 2] : (1...2).map { bankNumber(party) * 1_000 + $0 }
      return builder.submission(
        of: instructions, by: party, signers: signers.map { .example($0) },
        expiry: time.moved(seconds: 60))
    }
    return RandomBatch(time: time, submissions: submissions)
  }

  /// Returns what arrives next; the ledger is where signers are found that may act.
  package mutating func batch(for ledger: ReferenceLedger) -> RandomBatch {
    let time = time(after: ledger.time)
    let count = random.one(of: [0, 1, 1, 1, 2, 3])
    let submissions = (0..<count).map { _ in submission(to: ledger, at: time) }
    pastSubmissions = (pastSubmissions + submissions).suffix(20)
    past = past.suffix(40)
    return RandomBatch(time: time, submissions: submissions)
  }

  private mutating func submission(
    to ledger: ReferenceLedger, at time: LedgerTime
  ) -> VerifiedSubmission {
    if !pastSubmissions.isEmpty, random.happens(percent: 8) {
      let former = random.one(of: pastSubmissions)
      guard random.happens(percent: 40) else { return former }
      // The same statement, under other signatures.
      return builder.submission(
        of: former.instructions.map(\.instruction), by: former.statement.party,
        signers: signers(of: former.statement.party, in: ledger, at: time),
        ledger: former.statement.ledger, expiry: former.statement.expiry)
    }
    let party = self.party()
    var instructions = (0..<random.one(of: [1, 1, 2, 3, 5])).map { _ in
      instruction(of: party, to: ledger, at: time)
    }
    if random.happens(percent: 2) {
      // Many ids at once, so that they come near the number that may be live.
      instructions += (0..<250).map { _ in
        Instruction(id: freshID(at: time), operation: .confirmClock(time))
      }
    }
    past += instructions.map { (party, $0) }
    let horizon = Int64(ledger.genesis.parameters.horizonMicroseconds(of: party))
    let expiry =
      switch random.offset(weighted: [90, 3, 3, 2, 2]) {
      case 0: time.moved(seconds: Int64.random(in: 1...300, using: &random))
      case 1: time
      case 2: time.moved(microseconds: horizon)
      case 3: time.moved(microseconds: horizon + 1)
      default: time.moved(microseconds: 1)
      }
    return builder.submission(
      of: instructions, by: party, signers: signers(of: party, in: ledger, at: time),
      ledger: random.happens(percent: 1) ? LedgerID(.example(2)) : .example, expiry: expiry)
  }

  private mutating func party() -> Party {
    switch random.offset(weighted: [38, 28, 26, 6, 2]) {
    case 0: .issuer
    case 1: .bank(1)
    case 2: .bank(2)
    case 3: .bank(3)
    default: .recovery
    }
  }

  /// One to three keys of the party, mostly such as may act.
  private mutating func signers(
    of party: Party, in ledger: ReferenceLedger, at time: LedgerTime
  ) -> [PublicKey] {
    let all = ledger.keys(of: party)
    let usable = all.filter { key in
      !key.isRevoked && !key.isSuspended && key.validFrom <= time
        && (key.validUntil.map { time < $0 } ?? true)
    }
    let pool = (random.happens(percent: 93) && !usable.isEmpty ? usable : all).map(\.key)
    guard !pool.isEmpty, !random.happens(percent: 1) else { return [.example(1)] }
    let count = party == .issuer || party == .recovery ? random.one(of: [1, 2, 2, 2, 3]) : 1
    return Array(pool.shuffled(using: &random).prefix(count))
  }

  private mutating func instruction(
    of party: Party, to ledger: ReferenceLedger, at time: LedgerTime
  ) -> Instruction {
    if !past.isEmpty, random.happens(percent: 7) {
      // An id of this party again: with the same order, or with another.
      let own = past.suffix(12).filter { $0.party == party }
      if let former = own.randomElement(using: &random)?.instruction {
        return random.happens(percent: 60)
          ? former
          : Instruction(id: former.id, operation: operation(of: party, to: ledger, at: time))
      }
    }
    let horizon = Int64(ledger.genesis.parameters.horizonMicroseconds(of: party))
    let idTime =
      switch random.offset(weighted: [95, 1, 1, 1, 1, 1]) {
      case 0: time.moved(seconds: -Int64.random(in: 0...60, using: &random))
      case 1: time.moved(microseconds: -horizon)
      case 2: time.moved(microseconds: -horizon - 1_000)
      case 3: time.moved(seconds: 60)
      case 4: time.moved(seconds: 60, microseconds: 1_000)
      default: time.moved(microseconds: -horizon + 1_000)
      }
    let hasDocument = hasDocuments && random.happens(percent: 5)
    return Instruction(
      id: freshID(at: idTime), operation: operation(of: party, to: ledger, at: time),
      document: hasDocument ? DocumentDigest(Bytes32(words: (7, 7, 7, 7))) : nil)
  }

  private mutating func freshID(at time: LedgerTime) -> InstructionID {
    InstructionID(
      milliseconds: time.microseconds / 1_000, random: (random.next(), random.next()))
  }

  mutating func freshRuleSetVersion() -> Int {
    ruleSetVersion += random.one(of: [0, 1, 1, 1])
    return ruleSetVersion
  }

  func settlement(_ bank: Int, _ currency: CurrencyCode) -> AccountID {
    .example(100 * bank + (currency == .eur ? 1 : 0))
  }

  func wallet(_ bank: Int, _ index: Int) -> AccountID { .example(100 * bank + 10 + index) }

  /// The number in a bank's party; 1 for the issuer and for recovery.
  func bankNumber(_ party: Party) -> Int {
    (1...4).first { Party.bank($0) == party } ?? 1
  }

  func admission(_ bank: Int) -> AdmitParticipant {
    AdmitParticipant(
      participant: .example(bank), name: ParticipantName(unchecked: "Bank \(bank)"),
      keys: [.example(1_000 * bank + 1), .example(1_000 * bank + 2)],
      settlementAccounts: [
        NewSettlementAccount(account: settlement(bank, .cny), currency: .cny),
        NewSettlementAccount(account: settlement(bank, .eur), currency: .eur),
      ])
  }
}
