import LedgerCore
import LedgerModel
import LedgerPolicy

/// All balances, added up anew: what the running totals are held against.
struct Books {
  private struct Holding {
    var settlement: Int128 = 0
    var wallets: Int128 = 0
    var walletCount = 0
    var hasAccount = false
  }

  let currencies: [CurrencyAudit]
  /// What does not add up; `nil` where all does.
  let problem: String?

  /// Adds up.
  ///
  /// - Complexity: O(accounts + participants · currencies).
  init(_ state: LedgerState) {
    let none = [Holding](repeating: Holding(), count: state.participants.count)
    var holdings = [[Holding]](repeating: none, count: state.currencies.count)
    for account in state.accounts {
      guard let participant = account.participant else { continue }
      let balance = Int128(account.balance.minorUnits)
      holdings[account.currency][participant].hasAccount = true
      if account.kind == .wallet {
        holdings[account.currency][participant].wallets += balance
        holdings[account.currency][participant].walletCount += 1
      } else {
        holdings[account.currency][participant].settlement += balance
      }
    }
    currencies = zip(state.currencies, holdings).map { currency, holdings -> CurrencyAudit in
      CurrencyAudit(
        currency: currency.currency.code, exponent: currency.currency.exponent,
        issued: currency.issued, redeemed: currency.redeemed,
        held: holdings.reduce(0) { $0 + $1.settlement + $1.wallets },
        holdings: zip(state.participants, holdings).filter(\.1.hasAccount).map {
          HoldingAudit(
            participant: $0.id, settlement: $1.settlement, wallets: $1.wallets,
            walletCount: $1.walletCount)
        },
        rules: currency.policy.standing)
    }
    problem = Self.problem(of: currencies, in: state)
  }

  private static func problem(of currencies: [CurrencyAudit], in state: LedgerState) -> String? {
    for (audit, currency) in zip(currencies, state.currencies) {
      let issuance = Int128(state.accounts[currency.issuanceSlot].balance.minorUnits)
      guard audit.held == audit.outstanding, -issuance == audit.outstanding else {
        return "\(audit.currency): \(audit.held) held and \(-issuance) owed by the issuer, but "
          + "\(audit.outstanding) outstanding"
      }
    }
    for account in state.accounts where account.kind != .issuance && account.balance < .zero {
      return "account `\(account.id)` is overdrawn by \(-account.balance.minorUnits)"
    }
    return nil
  }
}
