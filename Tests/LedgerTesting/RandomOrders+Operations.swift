import LedgerModel

extension RandomOrders {
  /// Mostly an order that the party may give.
  mutating func operation(
    of party: Party, to ledger: ReferenceLedger, at time: LedgerTime
  ) -> Operation {
    let bank =
      random.happens(percent: 90) ? bankNumber(party) : Int.random(in: 1...4, using: &random)
    let isMisplaced = random.happens(percent: 5)
    switch party {
    case .participant where !isMisplaced: return bankOperation(bank, party, ledger, at: time)
    case .issuer where !isMisplaced: return issuerOperation(ledger, at: time)
    default:
      if random.happens(percent: 50) { return keyOperation(party, ledger, at: time) }
      return random.happens(percent: 50)
        ? bankOperation(bank, party, ledger, at: time) : issuerOperation(ledger, at: time)
    }
  }

  private mutating func bankOperation(
    _ bank: Int, _ party: Party, _ ledger: ReferenceLedger, at time: LedgerTime
  ) -> Operation {
    let other = 1 + random.offset(weighted: [6, 6, 1])
    let currency = self.currency()
    switch random.offset(weighted: [10, 4, 1, 4, 6, 22, 36, 12, 4]) {
    case 0:
      return .openWallet(
        OpenWallet(
          wallet: anyWallet(bank, currency), owner: .example(Int.random(in: 1...3, using: &random)),
          currency: currency, tier: tier()))
    case 1: return .setWalletTier(anyWallet(bank), tier())
    case 2: return .closeWallet(anyWallet(bank))
    case 3:
      return .redeem(
        Redeem(
          payer: account(settlement(bank, currency)), amount: amount(), currency: currency,
          rtgsReference: reference()))
    case 4:
      return .settle(transfer(settlement(bank, currency), settlement(other, currency), currency))
    case 5:
      return .fund(transfer(settlement(bank, currency), anyWallet(bank, currency), currency))
    case 6:
      return .pay(transfer(anyWallet(bank, currency), anyWallet(other, currency), currency))
    case 7:
      return .cashOut(transfer(anyWallet(bank, currency), settlement(bank, currency), currency))
    default: return keyOperation(party, ledger, at: time)
    }
  }

  private mutating func issuerOperation(
    _ ledger: ReferenceLedger, at time: LedgerTime
  ) -> Operation {
    let bank = Int.random(in: 1...3, using: &random)
    let standing = ParticipantStanding(
      participant: .example(Int.random(in: 1...4, using: &random)), legalReference: .example)
    let currency = self.currency()
    switch random.offset(weighted: [8, 1, 12, 3, 9, 30, 12, 3, 12, 1]) {
    case 0: return .admitParticipant(admission())
    case 1: return .suspendParticipant(standing)
    case 2: return .reinstateParticipant(standing)
    case 3:
      return .freeze(
        Freeze(
          target: freezeTarget(), credits: random.one(of: [.accepted, .refused]),
          legalReference: .example))
    case 4: return .unfreeze(freezeTarget(), .example)
    case 5:
      return .issue(
        Issue(
          payee: account(settlement(bank, currency)), amount: amount(), currency: currency,
          rtgsReference: reference()))
    case 6: return .activateRuleSet(ActivateRuleSet(ruleSet: ruleSet(), source: []))
    case 7:
      let offset = random.one(of: [0, 300, -300, 301, -301] as [Int64])
      return .confirmClock(time.moved(seconds: offset))
    case 8: return keyOperation(random.one(of: [.issuer, .bank(bank)]), ledger, at: time)
    default: return .replaceOfficers((0..<3).map { _ in newKey() })
    }
  }

  private mutating func keyOperation(
    _ party: Party, _ ledger: ReferenceLedger, at time: LedgerTime
  ) -> Operation {
    let party =
      random.happens(percent: 88) ? party : random.one(of: [.bank(4), .recovery, .issuer])
    let known = ledger.keys(of: party).map(\.key)
    let key =
      known.isEmpty || random.happens(percent: 5)
      ? .example(Int.random(in: 1...3, using: &random)) : random.one(of: known)
    let partyKey = PartyKey(party: party, key: key)
    let weights = [16, 8, 10, 26, 4, party == .recovery ? 20 : 1, hasCertificates ? 60 : 0]
    switch random.offset(weighted: weights) {
    case 0:
      let until = random.one(of: [nil, nil, 0, 60, 86_400] as [Int64?])
      return .registerKey(
        RegisterKey(
          party: party, key: newKey(),
          validFrom: time.moved(seconds: random.one(of: [0, 0, -10, 30] as [Int64])),
          validUntil: until.map { time.moved(seconds: $0) }))
    case 1:
      let overlap = random.one(of: [nil, nil, -60, 0, 60, 60, 3_600, 3_600] as [Int64?])
      return .rotateKey(
        RotateKey(
          party: party, oldKey: key, newKey: newKey(),
          overlapUntil: overlap.map { time.moved(seconds: $0) } ?? LedgerTime(microseconds: 0)))
    case 2: return .suspendKey(partyKey)
    case 3: return .reinstateKey(partyKey)
    case 4: return .revokeKey(partyKey)
    case 6: return certificateOperation(party, at: time)
    default:
      return .replaceOfficers((0..<Int.random(in: 0...3, using: &random)).map { _ in newKey() })
    }
  }

  /// Of few certificates, so that they come again.
  private mutating func certificateOperation(_ party: Party, at time: LedgerTime) -> Operation {
    let reader: Reader =
      if case .participant(let id) = party, random.happens(percent: 80) {
        .participant(id)
      } else {
        random.one(of: [.issuer, .auditor, .participant(.example(4))])
      }
    let certificate = SPKIHash(.example(Int.random(in: 1...2, using: &random)))
    guard random.happens(percent: 60) else {
      return .revokeCertificate(RevokeCertificate(reader: reader, certificate: certificate))
    }
    let until = random.one(of: [nil, 0, 60, 86_400] as [Int64?])
    return .registerCertificate(
      RegisterCertificate(
        reader: reader, certificate: certificate,
        validFrom: time.moved(seconds: random.one(of: [0, -10, 30] as [Int64])),
        validUntil: until.map { time.moved(seconds: $0) }))
  }

  private mutating func newKey() -> PublicKey {
    if random.happens(percent: 8) { return .example(Int.random(in: 1...3, using: &random)) }
    freshKey += 1
    return .example(freshKey)
  }

  private mutating func admission() -> AdmitParticipant {
    let bank = Int.random(in: 1...4, using: &random)
    let planned = admission(bank)
    guard random.happens(percent: 60) else { return planned }
    return AdmitParticipant(
      participant: planned.participant, name: planned.name,
      keys: (0..<2).map { _ in newKey() },
      settlementAccounts: (0..<random.one(of: [1, 2])).map { _ in
        let currency = currency()
        return NewSettlementAccount(
          account: account(settlement(bank, currency)), currency: currency)
      })
  }

  private mutating func freezeTarget() -> FreezeTarget {
    let bank = Int.random(in: 1...3, using: &random)
    return random.happens(percent: 70) ? .account(anyWallet(bank)) : .participant(.example(bank))
  }

  private mutating func transfer(
    _ payer: AccountID, _ payee: AccountID, _ currency: CurrencyCode
  ) -> Transfer {
    Transfer(payer: account(payer), payee: account(payee), amount: amount(), currency: currency)
  }

  /// The planned account, or at times any.
  private mutating func account(_ planned: AccountID) -> AccountID {
    guard random.happens(percent: 4) else { return planned }
    let bank = Int.random(in: 1...3, using: &random)
    switch random.offset(weighted: [1, 2, 2]) {
    case 0: return .example(Int.random(in: 1...3, using: &random))
    case 1: return settlement(bank, random.one(of: [.cny, .eur]))
    default: return anyWallet(bank)
    }
  }

  /// One of the bank's wallets, mostly of the currency.
  private mutating func anyWallet(_ bank: Int, _ currency: CurrencyCode = .cny) -> AccountID {
    let index = random.offset(weighted: [8, 8, 8, 2, 1, 1])
    return wallet(bank, currency == .eur && random.happens(percent: 80) ? 5 : index)
  }

  private mutating func currency() -> CurrencyCode {
    switch random.offset(weighted: [85, 13, 2]) {
    case 0: .cny
    case 1: .eur
    default: .xts
    }
  }

  private mutating func tier() -> Tier {
    .example(1 + random.offset(weighted: [30, 30, 20, 3]))
  }

  private mutating func reference() -> RTGSReference {
    random.happens(percent: 10)
      ? .example(Int.random(in: 1...3, using: &random))
      : .example(Int.random(in: 2_000...1_000_000, using: &random))
  }

  private mutating func amount() -> UInt64 {
    let most = Amount.max.minorUnits.magnitude
    switch random.offset(weighted: [isRich ? 40 : 94, 2, 1, 1, 2, isRich ? 40 : 0]) {
    case 0:
      // Round sums, so that limits, which are round too, are met to the unit.
      return random.happens(percent: 70)
        ? random.one(of: [10, 10, 20, 30]) : UInt64.random(in: 1...40, using: &random)
    case 1: return 0
    case 2: return most + 1
    case 3: return .max
    case 4: return UInt64.random(in: 200...400, using: &random)
    default: return random.one(of: [most, most - 1, most / 2])
    }
  }
}

// Rules.
extension RandomOrders {
  /// Rules with small maxima over tiers 1 to 3, or two of them; at times not valid.
  private mutating func ruleSet() -> RuleSet {
    let tiers = random.one(of: [2, 3, 3])
    // Mostly a revision, so that counters are kept from one set to the next.
    var measures = random.happens(percent: 75) ? lastMeasures : []
    if measures.count > 1, random.happens(percent: 30) { measures.removeFirst() }
    while measures.isEmpty || (measures.count < 6 && random.happens(percent: 40)) {
      measures.append(measure())
    }
    lastMeasures = measures
    let rules = measures.enumerated().map { index, measure in
      (id: "rule-\(index)", measure: measure, maxima: (0..<tiers).map { _ in maximum(of: measure) })
    }
    let ruleSet = RuleSet.example(
      pack: random.one(of: ["test", "test", "other"]), version: freshRuleSetVersion(),
      currency: currency(), tiers: tiers, rules)
    guard random.happens(percent: 8) else { return ruleSet }
    return RuleSet(
      format: random.one(of: [1, 2]), pack: ruleSet.pack, version: ruleSet.version,
      currency: ruleSet.currency, sourceDigest: ruleSet.sourceDigest, tiers: ruleSet.tiers,
      zones: ruleSet.zones, measures: ruleSet.measures + ruleSet.measures, rules: ruleSet.rules)
  }

  private mutating func measure() -> Measure {
    let quantity = random.one(of: [Measure.Quantity.amount, .amount, .count, .balance])
    // Drawn before its zone, so that a seed gives the orders that it always gave.
    let windows: [Window] =
      quantity == .balance
      ? [.payment]
      : [
        .payment, .day(.shanghai), .day(.shanghai), .month(.shanghai), .year(.shanghai), .lifetime,
      ]
    let window = random.one(of: windows)
    let direction: Measure.Direction =
      quantity == .balance ? .into : random.one(of: [.out, .into])
    let operations: [[Measure.Operation]] = [
      [.pay], [.fund, .pay], [.pay, .cashOut], [.fund, .pay, .cashOut], [.cashOut],
    ]
    return Measure(
      quantity: quantity, scope: .wallet,
      window: window.zone == nil
        ? window : window.moved(to: random.one(of: [.shanghai, .shanghai, .panama])),
      direction: direction, operations: random.one(of: operations))
  }

  private mutating func maximum(of measure: Measure) -> UInt64? {
    guard random.happens(percent: 85) else { return nil }
    switch (measure.quantity, measure.window) {
    case (.count, .payment): return random.one(of: [0, 1, 1, 1, 1, 1])
    case (.count, _): return UInt64.random(in: 1...8, using: &random)
    case (_, .payment): return random.one(of: [20, 30, 39, 100])
    case (_, .day): return random.one(of: [30, 50, 60, 100])
    default: return random.one(of: [60, 100, 200, 400])
    }
  }
}

extension Window {
  /// The same span of another zone's calendar.
  fileprivate func moved(to zone: TimeZoneTable) -> Window {
    switch self {
    case .day: .day(zone)
    case .month: .month(zone)
    case .year: .year(zone)
    default: preconditionFailure("\(self) is of no zone")
    }
  }
}
