import LedgerModel
import LedgerTesting
import Testing

@Suite struct GenesisTests {
  /// The example with some of it replaced.
  private static func genesis(
    origin: String = "ledger.example/test", currencies: [Currency]? = nil,
    logKey: Int? = nil, officers: [Officer]? = nil, quorums: Quorums = .example,
    recovery: [Officer]? = nil,
    parameters: Parameters = .standard, version: StateMachineVersion = .one
  ) -> Genesis {
    let example = Genesis.example()
    return Genesis(
      origin: origin, logKey: logKey.map { .example($0) } ?? example.logKey,
      currencies: currencies ?? example.currencies,
      officers: officers ?? example.officers, quorums: quorums,
      recovery: recovery ?? example.recovery, parameters: parameters, version: version,
      nonce: example.nonce)
  }

  private static func officers(_ keys: some Sequence<Int>) -> [Officer] {
    keys.map { Officer(name: OfficerName(unchecked: "o"), key: .example($0)) }
  }

  private static func currencies(_ items: [(String, Int)]) -> [Currency] {
    items.compactMap { text, account in
      CurrencyCode(text).map {
        Currency(code: $0, exponent: 2, issuanceAccount: .example(account))
      }
    }
  }

  private static func quorums(
    participants: Int = 1, keys: Int = 1, issuance: Int = 1, freezes: Int = 1, rules: Int = 1,
    recovery: Int = 1
  ) -> Quorums {
    Quorums(
      participants: participants, keys: keys, issuance: issuance, freezes: freezes, rules: rules,
      recovery: recovery)
  }

  private static func parameters(
    participant: UInt64 = 1_000_000, officer: UInt64 = 1_000_000, ids: Int = 100_000
  ) -> Parameters {
    Parameters(
      participantHorizonMicroseconds: participant, officerHorizonMicroseconds: officer,
      liveIDsMax: ids)
  }

  private static func error(of genesis: Genesis) -> GenesisError? {
    do throws(GenesisError) {
      try genesis.validate()
      return nil
    } catch {
      return error
    }
  }

  @Test func edgesAreValid() {
    let days400: UInt64 = 34_560_000_000_000
    let most = (0..<16).map { index in
      (String(["A", "A", Character(Unicode.Scalar(UInt8(65 + index)))]), index)
    }
    for genesis in [
      Self.genesis(), Self.genesis(origin: "x"),
      Self.genesis(origin: String(repeating: "x", count: 200)),
      Self.genesis(currencies: Self.currencies(most)),
      Self.genesis(
        officers: Self.officers(1...1), quorums: Self.quorums(recovery: 0), recovery: []),
      Self.genesis(officers: Self.officers(1...32), recovery: Self.officers(33...64)),
      Self.genesis(quorums: Self.quorums(keys: 3, issuance: 3, recovery: 3)),
      Self.genesis(parameters: Self.parameters()),
      Self.genesis(
        parameters: Self.parameters(participant: days400, officer: days400, ids: 1_000_000_000)),
    ] {
      #expect(Self.error(of: genesis) == nil)
    }
  }

  @Test func everyError() {
    let long = String(repeating: "x", count: 201)
    for origin in ["", long, "a b", "a+b", "a\nb", "ä", "a\u{7F}"] {
      #expect(Self.error(of: Self.genesis(origin: origin)) == .invalidOrigin(origin))
    }
    let many = (0..<17).map { index in
      (String(["A", "A", Character(Unicode.Scalar(UInt8(65 + index)))]), index)
    }
    let cases: [(Genesis, GenesisError)] = [
      (Self.genesis(currencies: []), .currencyCount(0)),
      (Self.genesis(currencies: Self.currencies(many)), .currencyCount(17)),
      (
        Self.genesis(currencies: Self.currencies([("CNY", 1), ("CNY", 2)])),
        .duplicateCurrency(.cny)
      ),
      (
        Self.genesis(currencies: Self.currencies([("CNY", 1), ("EUR", 1)])),
        .duplicateAccount(.example(1))
      ),
      (Self.genesis(officers: []), .officerCount(0)),
      (Self.genesis(officers: Self.officers(1...33)), .officerCount(33)),
      (Self.genesis(recovery: Self.officers(101...133)), .recoveryCount(33)),
      (Self.genesis(officers: Self.officers([1, 2, 1])), .duplicateKey(.example(1))),
      (Self.genesis(recovery: Self.officers([101, 2])), .duplicateKey(.example(2))),
      (Self.genesis(logKey: 2), .duplicateKey(.example(2))),
      (Self.genesis(logKey: 102), .duplicateKey(.example(102))),
      (
        Self.genesis(quorums: Self.quorums(participants: 4)),
        .quorumOutOfRange(name: "participants", quorum: 4, keys: 3)
      ),
      (
        Self.genesis(quorums: Self.quorums(keys: 0)),
        .quorumOutOfRange(name: "keys", quorum: 0, keys: 3)
      ),
      (
        Self.genesis(quorums: Self.quorums(issuance: -1)),
        .quorumOutOfRange(name: "issuance", quorum: -1, keys: 3)
      ),
      (
        Self.genesis(quorums: Self.quorums(freezes: 4)),
        .quorumOutOfRange(name: "freezes", quorum: 4, keys: 3)
      ),
      (
        Self.genesis(quorums: Self.quorums(rules: 4)),
        .quorumOutOfRange(name: "rules", quorum: 4, keys: 3)
      ),
      (
        Self.genesis(quorums: Self.quorums(recovery: 0)),
        .quorumOutOfRange(name: "recovery", quorum: 0, keys: 3)
      ),
      (
        Self.genesis(quorums: Self.quorums(recovery: 1), recovery: []),
        .quorumOutOfRange(name: "recovery", quorum: 1, keys: 0)
      ),
      (
        Self.genesis(quorums: Self.quorums(keys: 1, issuance: 3)),
        .keysQuorumTooLow(quorum: 1, largest: 3)
      ),
      (
        Self.genesis(quorums: Self.quorums(keys: 2, rules: 3)),
        .keysQuorumTooLow(quorum: 2, largest: 3)
      ),
      (
        Self.genesis(parameters: Self.parameters(participant: 999_999)),
        .horizonOutOfRange(microseconds: 999_999)
      ),
      (
        Self.genesis(parameters: Self.parameters(officer: 34_560_000_000_001)),
        .horizonOutOfRange(microseconds: 34_560_000_000_001)
      ),
      (Self.genesis(parameters: Self.parameters(ids: 99_999)), .liveIDsOutOfRange(99_999)),
      (
        Self.genesis(parameters: Self.parameters(ids: 1_000_000_001)),
        .liveIDsOutOfRange(1_000_000_001)
      ),
      (
        Self.genesis(version: StateMachineVersion(0)), .unknownVersion(StateMachineVersion(0))
      ),
      (
        Self.genesis(version: StateMachineVersion(5)), .unknownVersion(StateMachineVersion(5))
      ),
    ]
    for (genesis, expected) in cases { #expect(Self.error(of: genesis) == expected) }
  }

  /// Goal: of several errors the one declared first is thrown.
  @Test func declaredFirstIsThrown() {
    let twice = Self.currencies([("CNY", 1), ("EUR", 1), ("CNY", 2)])
    #expect(Self.error(of: Self.genesis(currencies: twice)) == .duplicateCurrency(.cny))
    #expect(
      Self.error(of: Self.genesis(currencies: twice, officers: [])) == .duplicateCurrency(.cny))
    #expect(
      Self.error(
        of: Self.genesis(
          officers: Self.officers([1, 1]), quorums: Self.quorums(rules: 9),
          version: StateMachineVersion(9))) == .duplicateKey(.example(1)))
  }

  @Test func horizonsAreByParty() {
    let parameters = Parameters.standard
    #expect(parameters.horizonMicroseconds(of: .bank(1)) == 600_000_000)
    #expect(parameters.horizonMicroseconds(of: .issuer) == 2_592_000_000_000)
    #expect(parameters.horizonMicroseconds(of: .recovery) == 2_592_000_000_000)
    #expect(Self.quorums(issuance: 7, recovery: 9).officersMax == 7)
  }

  @Test func errorTexts() {
    let cases: [(GenesisError, String)] = [
      (
        .invalidOrigin("a b"),
        "`a b` is no origin: use 1 to 200 bytes without spaces, `+` or control characters, "
          + "such as `ledger.example/cny`"
      ),
      (.currencyCount(0), "there are 0 currencies; name 1 to 16"),
      (.duplicateCurrency(.cny), "currency `CNY` is named twice; name it once"),
      (
        .duplicateAccount(.example(1)),
        "issuance account `acc00000-0000-0000-0000-000000000001` is named twice; "
          + "each currency has its own"
      ),
      (.officerCount(33), "there are 33 officers; name 1 to 32"),
      (.recoveryCount(33), "there are 33 recovery keys; name at most 32"),
      (
        .quorumOutOfRange(name: "issuance", quorum: 4, keys: 3),
        "the quorum for issuance is 4 of 3 keys; it must be 1 to 3"
      ),
      (
        .quorumOutOfRange(name: "recovery", quorum: 1, keys: 0),
        "the quorum for recovery is 1 of 0 keys; it must be 0"
      ),
      (
        .keysQuorumTooLow(quorum: 1, largest: 3),
        "the quorum for keys is 1, below the largest, 3: who registers keys can reach every "
          + "quorum; name 3 or more"
      ),
      (
        .horizonOutOfRange(microseconds: 5),
        "a horizon of 5 µs is out of range; use 1 second to 400 days"
      ),
      (
        .liveIDsOutOfRange(5), "a cap of 5 live ids is out of range; use 100,000 to 1,000,000,000"
      ),
      (
        .unknownVersion(StateMachineVersion(5)),
        "state machine version 5 is not known here; the newest is 4, so a newer release is needed"
      ),
    ]
    for (error, text) in cases { #expect(error.description == text) }
  }
}
