import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog

/// Seeded values of everything that is signed or logged, the ends of each range among them.
struct RandomValues {
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func number() -> UInt64 {
    switch random.offset(weighted: [1, 1, 1, 3]) {
    case 0: 0
    case 1: .max
    case 2: UInt64.random(in: 1...300, using: &random)
    default: random.next()
    }
  }

  mutating func time() -> LedgerTime { LedgerTime(microseconds: number()) }

  mutating func bytes32() -> Bytes32 {
    Bytes32(words: (random.next(), random.next(), random.next(), random.next()))
  }

  mutating func account() -> AccountID {
    AccountID(Bytes16(high: random.next(), low: number()))
  }

  mutating func key() -> PublicKey { PublicKey(bytes32()) }

  mutating func keys(max: Int) -> [PublicKey] {
    (0..<Int.random(in: 1...max, using: &random)).map { _ in key() }
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  mutating func text<N: Name>(_ type: N.Type = N.self) -> N {
    let rule = N.rule
    let count = random.one(of: [rule.bytesMin, rule.bytesMax, max(rule.bytesMin, 3)])
    let alphabet =
      switch rule.alphabet {
      case .code: "az09-"
      case .dottedCode: "az09-."
      case .capitals: "AZ09"
      case .text: "aZ 9~\"\\/"
      }
    return N(unchecked: String((0..<count).map { _ in random.one(of: alphabet) }))
  }

  mutating func party() -> Party {
    random.one(of: [.issuer, .recovery, .bank(1), .participant(text())])
  }

  mutating func reader() -> Reader {
    random.one(of: [.issuer, .auditor, .participant(.example(3))])
  }

  mutating func transfer() -> Transfer {
    Transfer(payer: account(), payee: account(), amount: number(), currency: .cny)
  }

  mutating func freezeTarget() -> FreezeTarget {
    random.happens(percent: 50) ? .account(account()) : .participant(.example(3))
  }

  mutating func partyKey() -> PartyKey { PartyKey(party: party(), key: key()) }

  mutating func standing() -> ParticipantStanding {
    ParticipantStanding(participant: text(), legalReference: text())
  }

  mutating func instruction(kind: Int) -> Instruction {
    Instruction(
      id: InstructionID(
        milliseconds: number() >> 16, random: (random.next(), random.next())),
      operation: operation(kind: kind), purpose: text(), channel: text(), reference: text(),
      document: random.happens(percent: 20) ? DocumentDigest(bytes32()) : nil)
  }

  static let operationKinds = 31

  mutating func operation(kind: Int) -> Operation {
    switch kind {
    case 0:
      .admitParticipant(
        AdmitParticipant(
          participant: text(), name: text(), keys: keys(max: 16),
          settlementAccounts: (0...random.one(of: [0, 15])).map { _ in
            NewSettlementAccount(account: account(), currency: .eur)
          }))
    case 1: .suspendParticipant(standing())
    case 2: .reinstateParticipant(standing())
    case 3:
      .registerKey(
        RegisterKey(
          party: party(), key: key(), validFrom: time(),
          validUntil: random.happens(percent: 50) ? nil : LedgerTime(microseconds: number() | 1)))
    case 4:
      .rotateKey(
        RotateKey(party: party(), oldKey: key(), newKey: key(), overlapUntil: time()))
    case 5: .suspendKey(partyKey())
    case 6: .reinstateKey(partyKey())
    case 7: .revokeKey(partyKey())
    case 8: .replaceOfficers(keys(max: 32))
    case 9:
      .openWallet(
        OpenWallet(
          wallet: account(), owner: OwnerID(account().value), currency: .cny, tier: text()))
    case 10: .setWalletTier(account(), text())
    case 11: .closeWallet(account())
    case 12:
      .freeze(
        Freeze(
          target: freezeTarget(), credits: random.one(of: [.accepted, .refused]),
          legalReference: text()))
    case 13: .unfreeze(freezeTarget(), text())
    case 14:
      .issue(Issue(payee: account(), amount: number(), currency: .cny, rtgsReference: text()))
    case 15:
      .redeem(Redeem(payer: account(), amount: number(), currency: .cny, rtgsReference: text()))
    case 16: .settle(transfer())
    case 17: .fund(transfer())
    case 18: .pay(transfer())
    case 19: .cashOut(transfer())
    case 20: .activateRuleSet(activation())
    case 21:
      .setParticipantAttribute(
        SetParticipantAttribute(
          participant: text(), currency: .cny, name: text(), value: attributeValue()))
    case 29:
      .registerCertificate(
        RegisterCertificate(
          reader: reader(), certificate: SPKIHash(bytes32()), validFrom: time(),
          validUntil: random.happens(percent: 50) ? nil : LedgerTime(microseconds: number() | 1)))
    case 30:
      .revokeCertificate(
        RevokeCertificate(reader: reader(), certificate: SPKIHash(bytes32())))
    case 22:
      .setWalletAttribute(
        SetWalletAttribute(wallet: account(), name: text(), value: attributeValue()))
    case 23: .linkAccount(account(), to: random.happens(percent: 50) ? nil : account())
    case 24: .listPayee(PayeeOfWallet(wallet: account(), payee: account()))
    case 25: .unlistPayee(PayeeOfWallet(wallet: account(), payee: account()))
    case 26: .recordEvent(text(), of: account())
    case 27:
      .withdrawRuleSet(
        WithdrawRuleSet(
          currency: .cny,
          version: PackVersion(
            pack: text(), version: Int.random(in: 0...Int(UInt32.max), using: &random))))
    default: .confirmClock(time())
    }
  }

  private mutating func attributeValue() -> AttributeValue {
    random.happens(percent: 50) ? .word(text()) : .amount(number())
  }

  /// Rules with their source, or without.
  private mutating func activation() -> ActivateRuleSet {
    let source = bytes(random.one(of: [0, 200]))
    var hash = SHA256()
    hash.update(source)
    let rules = ruleSet()
    let bound = RuleSet(
      format: rules.format, pack: rules.pack, version: rules.version, currency: rules.currency,
      sourceDigest: Bytes32(hash.finalize()), tiers: rules.tiers, zones: rules.zones,
      measures: rules.measures, rules: rules.rules)
    return ActivateRuleSet(
      ruleSet: bound, source: source,
      from: random.happens(percent: 50) ? nil : LedgerTime(microseconds: number() | 1),
      inShadow: random.happens(percent: 50))
  }

  mutating func zone(_ number: Int) -> TimeZoneTable {
    func date(_ month: Int, _ random: inout SplitMix64) -> TimeZoneTable.RuleDate {
      TimeZoneTable.RuleDate(
        month: month, week: Int.random(in: 1...5, using: &random),
        weekday: Int.random(in: 0...6, using: &random),
        seconds: Int.random(in: -3_600...100_000, using: &random))
    }
    let daylight = TimeZoneTable.Daylight(
      offset: 7_200, start: date(3, &random), end: date(10, &random))
    return TimeZoneTable(
      name: "Zone/\(number)", firstOffset: random.one(of: [0, -18_000, 28_800]),
      transitions: (0..<random.one(of: [0, 1, 40])).map {
        TimeZoneTable.Transition(
          at: Int64($0) * 10_000_000 - 50_000_000, offset: random.one(of: [0, -3_600, 93_599]))
      },
      footer: TimeZoneTable.Footer(
        standardOffset: random.one(of: [0, 3_600, -89_999]),
        daylight: random.happens(percent: 50) ? nil : daylight))
  }

  mutating func ruleSet() -> RuleSet {
    let zones = (0..<2).map { zone($0) }
    let tiers: [Tier] = (1...3).map { .example($0) }
    let measures = (0..<4).map { index in
      let zone = zones[index % 2]
      return Measure(
        quantity: random.one(of: [.amount, .count]), scope: .wallet,
        window: index > 0 ? random.one(of: [.day(zone), .month(zone), .year(zone)]) : .payment,
        direction: random.one(of: [.out, .into]),
        operations: random.one(of: [[.pay], [.fund, .pay, .cashOut]]))
    }
    return RuleSet(
      format: 1, pack: text(), version: Int.random(in: 1...Int(UInt32.max), using: &random),
      currency: .cny, sourceDigest: bytes32(), tiers: tiers, zones: zones, measures: measures,
      rules: measures.indices.map { index in
        Rule(
          id: RuleID(unchecked: "rule-\(index)"), measure: index,
          caps: .byTier(
            constants: tiers.map { _ in random.happens(percent: 30) ? nil : number() }),
          action: .deny)
      })
  }

  mutating func statement() -> Statement {
    Statement(
      ledger: LedgerID(bytes32()), party: party(),
      count: Int.random(in: 1...Limits.instructionsPerSubmissionMax, using: &random),
      expiry: time(), root: bytes32())
  }

  mutating func signature() -> StatementSignature {
    StatementSignature(key: key(), signature: bytes(64))
  }

  mutating func entry() -> LogEntry {
    LogEntry(
      sequence: SequenceNumber(number()), time: time(), previous: bytes32().digest, body: body())
  }

  private mutating func body() -> LogEntry.Body {
    switch random.offset(weighted: [1, 2, 6, 1]) {
    case 0: .genesis(bytes: bytes(300), signatures: (0..<3).map { _ in signature() })
    case 1: .submission(statement: bytes(150), signatures: [signature()])
    case 2:
      .instruction(
        bytes: bytes(random.one(of: [1, 127, 128, 20_000])),
        outcome: random.one(of: [
          .accepted, .duplicate(of: SequenceNumber(number())),
          .rejected(code: random.one(of: RejectionCode.allCases), rule: nil),
          .rejected(code: .limitExceeded, rule: text()),
          .rejected(code: .limitExceeded, rule: text(), pack: text()),
          .remarked([
            Remark(kind: .flagged, pack: text(), rule: text()),
            Remark(kind: .shadowRefused, pack: text(), rule: text()),
            Remark(kind: .shadowTierUnknown, pack: text(), rule: nil),
          ]),
        ]))
    default: random.happens(percent: 50) ? .system(.tick) : .system(.commitment(commitment()))
    }
  }

  private mutating func commitment() -> StateCommitment {
    let issued =
      Int128(random.one(of: [0, 1, 9_000_000_000_000_000_000])) << random.one(of: [0, 40])
    let outstanding = min(issued, Int128(Balance.max.minorUnits))
    return StateCommitment(
      totals: StateTotals(
        close: random.happens(percent: 50) ? nil : LedgerTime(microseconds: number() | 1),
        currencies: [.cny, .eur].map {
          CurrencyTotals(currency: $0, issued: issued, redeemed: issued - outstanding)
        }), root: Bytes32(words: (random.next(), random.next(), random.next(), random.next())))
  }

  mutating func sideData() -> SideData {
    let balances: [Int64] = [0, 1, -1, Balance.max.minorUnits, -Balance.max.minorUnits, 123_456]
    let effects = (0..<random.one(of: [0, 1, 2])).map { _ in
      PostingEffect(
        account: account(), balance: Balance(minorUnits: random.one(of: balances)) ?? .zero,
        previous: random.happens(percent: 50) ? nil : SequenceNumber(number() | 1))
    }
    let sign: Int128 = random.one(of: [1, -1])
    let reasons: [LimitBreach.Reason] = [
      .exceeded, .undecidable, .memoryFull(max: 1_000), .approvalMissing(required: 2, signed: 0),
    ]
    let terms = LimitBreach.Terms(
      pack: text(), unit: random.one(of: LimitBreach.Unit.allCases),
      comparison: random.one(of: Rule.Comparison.allCases))
    let breach = LimitBreach(
      reason: random.one(of: reasons),
      extent: random.one(of: [.participant, .shared(left: 0), .shared(left: number())]),
      terms: random.happens(percent: 50) ? nil : terms, rule: text(), account: account(),
      limit: number(),
      used: sign * Int128(number()) << Int128(random.one(of: [0, 20, 62])), asked: number(),
      resets: random.happens(percent: 50) ? nil : LedgerTime(microseconds: number() | 1))
    return SideData(
      effects: effects, breach: random.happens(percent: 50) ? nil : SideData.Breach(breach))
  }
}

/// Keys by number: the same number, the same key.
func signingKey(_ number: UInt8) -> SigningKey {
  SigningKey(seed: [UInt8](repeating: number, count: Ed25519.seedByteCount))
}
