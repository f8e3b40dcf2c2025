package import LedgerModel

// Names, numbered, for tests: equal numbers are equal names.

extension Bytes32 {
  /// Thirty-two bytes that are `kind`, zeros and `number`.
  package static func example(_ number: Int, kind: UInt64 = 0) -> Bytes32 {
    Bytes32(words: (kind, 0, 0, UInt64(number)))
  }
}

extension PublicKey {
  package static func example(_ number: Int) -> PublicKey {
    PublicKey(.example(number, kind: 0x6B65_7900_0000_0000))
  }
}

extension LedgerID {
  package static let example = LedgerID(.example(1, kind: 0x6C6F_6700_0000_0000))
}

extension AccountID {
  package static func example(_ number: Int) -> AccountID {
    AccountID(Bytes16(high: 0xACC0_0000_0000_0000, low: UInt64(number)))
  }
}

extension OwnerID {
  package static func example(_ number: Int) -> OwnerID {
    OwnerID(Bytes16(high: 0x0E00_0000_0000_0000, low: UInt64(number)))
  }
}

extension ParticipantID {
  package static func example(_ number: Int) -> ParticipantID {
    ParticipantID(unchecked: "bank-\(number)")
  }
}

extension Party {
  /// The participant of that number.
  package static func bank(_ number: Int) -> Party { .participant(.example(number)) }
}

extension Tier {
  package static func example(_ number: Int) -> Tier { Tier(unchecked: "class-\(number)") }
}

extension LegalReference {
  package static let example = LegalReference(unchecked: "order 7 of 2026")
}

extension RTGSReference {
  package static func example(_ number: Int) -> RTGSReference {
    RTGSReference(unchecked: "rtgs-\(number)")
  }
}

extension LedgerTime {
  /// 2026-03-01T04:00:00Z, which is noon in Shanghai.
  package static let example = LedgerTime(microseconds: 1_772_337_600_000_000)

  /// The instant so much later, or earlier where negative.
  package func moved(seconds: Int64 = 0, microseconds: Int64 = 0) -> LedgerTime {
    LedgerTime(
      microseconds: UInt64(Int64(self.microseconds) + seconds * 1_000_000 + microseconds))
  }
}

extension CurrencyCode {
  package static let cny = known("CNY")
  package static let eur = known("EUR")
  /// In no example ledger.
  package static let xts = known("XTS")

  private static func known(_ text: String) -> CurrencyCode {
    guard let code = CurrencyCode(text) else { preconditionFailure("\(text) is no currency") }
    return code
  }
}

extension Quorums {
  package static let example = Quorums(
    participants: 2, keys: 2, issuance: 2, freezes: 2, rules: 2, recovery: 2)
}

extension Genesis {
  /// Officers have the keys from 1 on, recovery those from 101 on, issuance accounts the ids from
  /// 1 on.
  package static func example(
    officers: Int = 3, recovery: Int = 3, quorums: Quorums = .example,
    currencies: [CurrencyCode] = [.cny, .eur], parameters: Parameters = .standard,
    version: StateMachineVersion = .one
  ) -> Genesis {
    Genesis(
      origin: "ledger.example/test", logKey: .example(900),
      currencies: currencies.enumerated().map { offset, code in
        Currency(code: code, exponent: 2, issuanceAccount: .example(offset + 1))
      },
      officers: (0..<officers).map { offset in
        Officer(name: OfficerName(unchecked: "officer \(offset + 1)"), key: .example(offset + 1))
      },
      quorums: quorums,
      recovery: (0..<recovery).map { offset in
        Officer(name: OfficerName(unchecked: "holder \(offset + 1)"), key: .example(offset + 101))
      },
      parameters: parameters, version: version, nonce: .example(5))
  }
}

extension TimeZoneTable {
  /// UTC and so many hours, for ever.
  package static func fixed(_ name: String, hours: Int) -> TimeZoneTable {
    TimeZoneTable(
      name: name, firstOffset: hours * 3_600, transitions: [],
      footer: Footer(standardOffset: hours * 3_600, daylight: nil))
  }

  package static let shanghai = fixed("Asia/Shanghai", hours: 8)
  package static let panama = fixed("America/Panama", hours: -5)
}

extension RuleSet {
  /// Rules of format 1 for the example tiers from 1 on, as many as each rule has maxima; a zone for
  /// each that is named.
  package static func example(
    pack: String = "test", version: Int = 1, currency: CurrencyCode = .cny, tiers: Int = 1,
    _ rules: [(id: String, measure: Measure, maxima: [UInt64?])]
  ) -> RuleSet {
    var measures: [Measure] = []
    var zones: [TimeZoneTable] = []
    for rule in rules where !measures.contains(rule.measure) { measures.append(rule.measure) }
    for zone in measures.compactMap(\.window.zone) where !zones.contains(zone) {
      zones.append(zone)
    }
    return RuleSet(
      format: 1, pack: PackName(unchecked: pack), version: version,
      currency: currency, sourceDigest: .example(version), tiers: (1...tiers).map { .example($0) },
      zones: zones, measures: measures,
      rules: rules.map { rule in
        Rule(
          id: RuleID(unchecked: rule.id), measure: measures.firstIndex(of: rule.measure) ?? 0,
          caps: .byTier(constants: rule.maxima), action: .deny)
      })
  }
}
