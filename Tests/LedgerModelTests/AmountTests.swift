import LedgerModel
import Testing

@Suite struct AmountTests {
  private static let amountMax: Int64 = 1_000_000_000_000_000_000
  private static let balanceMax: Int64 = 9_000_000_000_000_000_000

  @Test func amountsAreOneToTenToTheEighteenth() {
    #expect(Amount(minorUnits: 0) == nil)
    #expect(Amount(minorUnits: -1) == nil)
    #expect(Amount(minorUnits: Int64.min) == nil)
    #expect(Amount(minorUnits: 1)?.minorUnits == 1)
    #expect(Amount(minorUnits: Self.amountMax) == .max)
    #expect(Amount(minorUnits: Self.amountMax + 1) == nil)
    #expect(Amount(minorUnits: UInt64.max) == nil)
    #expect(Amount(minorUnits: UInt64(Self.amountMax)) == .max)
    #expect(Amount(minorUnits: UInt8(7))?.description == "7")
    #expect(Amount(minorUnits: Int128.max) == nil)
    #expect(Amount(minorUnits: Int128.min) == nil)
  }

  @Test func balancesAreWithinNineTimesThat() {
    #expect(Balance(minorUnits: Self.balanceMax) == .max)
    #expect(Balance(minorUnits: Self.balanceMax + 1) == nil)
    #expect(Balance(minorUnits: -Self.balanceMax)?.minorUnits == -Self.balanceMax)
    #expect(Balance(minorUnits: -Self.balanceMax - 1) == nil)
    #expect(Balance(minorUnits: .min) == nil)
    #expect(Balance(minorUnits: 0) == .zero)
    #expect(Balance(minorUnits: -5)?.description == "-5")
  }

  /// Goal: the three ways to move a balance agree with wide arithmetic, and refuse at their edges.
  ///
  /// Method: All pairs of interesting balances and amounts, against `Int128`.
  @Test func movingAgreesWithWideArithmetic() throws {
    let balances = [
      0, 1, 2, 99, Self.amountMax - 1, Self.amountMax, Self.balanceMax - Self.amountMax,
      Self.balanceMax - Self.amountMax + 1, Self.balanceMax - 1, Self.balanceMax,
    ].flatMap { [$0, -$0] }
    let amounts = [1, 2, 98, 99, 100, Self.amountMax - 1, Self.amountMax]
    for start in balances {
      let balance = try #require(Balance(minorUnits: start))
      for moved in amounts {
        let amount = try #require(Amount(minorUnits: moved))
        let sum = Int128(start) + Int128(moved)
        let difference = Int128(start) - Int128(moved)
        let most = Int128(Self.balanceMax)
        #expect(
          balance.credited(by: amount).map { Int128($0.minorUnits) } == (sum <= most ? sum : nil))
        #expect(
          balance.debited(by: amount).map { Int128($0.minorUnits) }
            == (difference >= 0 ? difference : nil))
        #expect(
          balance.issued(by: amount).map { Int128($0.minorUnits) }
            == (difference >= -most ? difference : nil))
      }
    }
  }

  @Test func currencyCodesAreThreeCapitals() {
    for text in ["CNY", "EUR", "AAA", "ZZZ", "XTS"] {
      #expect(CurrencyCode(text)?.description == text)
    }
    for text in ["", "C", "CN", "CNYY", "cny", "CN1", "CN ", "ÄÖÜ", "C\u{301}NY", "CNY\u{0}"] {
      #expect(CurrencyCode(text) == nil, "\(text)")
    }
    let codes = ["AAB", "ABA", "BAA", "AAA"].compactMap { CurrencyCode($0) }
    #expect(codes.sorted().map(\.description) == ["AAA", "AAB", "ABA", "BAA"])
  }

  @Test func trapOnAnExponentOutOfRange() async {
    await #expect(processExitsWith: .failure) {
      guard let code = CurrencyCode("CNY") else { return }
      let id = AccountID(Bytes16(high: 0, low: 1))
      _ = Currency(code: code, exponent: 7, issuanceAccount: id)
    }
    await #expect(processExitsWith: .failure) {
      guard let code = CurrencyCode("CNY") else { return }
      let id = AccountID(Bytes16(high: 0, low: 1))
      _ = Currency(code: code, exponent: -1, issuanceAccount: id)
    }
  }
}
