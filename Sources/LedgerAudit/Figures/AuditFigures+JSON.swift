import LedgerModel

/// How a report's JSON has ``AuditFigures``: sums as decimal texts of minor units.
struct FiguresDocument: Codable {
  struct Money: Codable {
    let issued: String
    let redeemed: String
    let payments: UInt64
    let volume: String
  }

  struct Period: Codable {
    let accepted: UInt64
    let refused: UInt64
    /// In the order of the genesis.
    let currencies: [Money]
  }

  struct Refusal: Codable {
    let code: String
    let rule: String?
    let pack: String?
    let count: UInt64
  }

  let start: String
  let periodSeconds: UInt64
  let periods: [Period]
  let refusals: [Refusal]

  enum CodingKeys: String, CodingKey {
    case start, periodSeconds = "period_seconds", periods, refusals
  }

  init(_ figures: AuditFigures) {
    start = figures.start.description
    periodSeconds = figures.periodMicroseconds / 1_000_000
    periods = figures.periods.map { period in
      Period(
        accepted: period.accepted, refused: period.refused,
        currencies: period.money.map {
          Money(
            issued: String($0.issued), redeemed: String($0.redeemed), payments: $0.payments,
            volume: String($0.volume))
        })
    }
    refusals = figures.refusals.sorted { $0.key < $1.key }.map {
      Refusal(
        code: $0.key.code.rawValue, rule: $0.key.rule?.text, pack: $0.key.pack?.text,
        count: $0.value)
    }
  }

  /// `nil` where a text is no number or name.
  var figures: AuditFigures? {
    guard let start = CivilDate.microseconds(rfc3339: start) else { return nil }
    var read: [AuditFigures.Period] = []
    for period in periods {
      var money: [AuditFigures.Money] = []
      for currency in period.currencies {
        guard let issued = Int128(currency.issued), let redeemed = Int128(currency.redeemed),
          let volume = Int128(currency.volume)
        else { return nil }
        money.append(
          AuditFigures.Money(
            issued: issued, redeemed: redeemed, payments: currency.payments, volume: volume))
      }
      read.append(
        AuditFigures.Period(money: money, accepted: period.accepted, refused: period.refused))
    }
    var counts: [AuditFigures.Refusal: UInt64] = [:]
    for refusal in refusals {
      guard let code = RejectionCode(rawValue: refusal.code) else { return nil }
      let key = AuditFigures.Refusal(
        code: code, rule: refusal.rule.map { RuleID(unchecked: $0) },
        pack: refusal.pack.map { PackName(unchecked: $0) })
      counts[key] = refusal.count
    }
    return AuditFigures(
      start: LedgerTime(microseconds: start), periodMicroseconds: periodSeconds * 1_000_000,
      periods: read, refusals: counts)
  }
}
