package import LedgerLog
package import LedgerModel

/// Why a history was not gone through.
package enum HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
  case log(LogFault)
  /// The ledger would not take the rules.
  case notTaken(Rejection)
  /// A payment that nobody has ordered is from or to an account that there is not.
  case noAccount(AccountID, at: LedgerTime)
  /// It would be before the ledger began.
  case beforeLedger(LedgerTime, began: LedgerTime)
  case cancelled

  package var description: String {
    switch self {
    case .log(let fault): "the log is not sound at entry \(fault.sequence): \(fault.detail)"
    case .notTaken(let rejection): "the ledger would not take the rules: \(rejection)"
    case .noAccount(let id, let time): "there is no account `\(id)` at \(time)"
    case .beforeLedger(let time, let began):
      "\(time) is before the ledger began; name an instant from \(began) on"
    case .cancelled: "it was cancelled; nothing is reported"
    }
  }
}
