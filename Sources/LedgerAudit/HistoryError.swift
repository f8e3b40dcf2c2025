package import LedgerLog
package import LedgerModel

/// Why a history was not gone through.
package enum HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
  case log(LogFault)
  /// The ledger would not take the rules.
  case notTaken(Rejection)
  case cancelled

  package var description: String {
    switch self {
    case .log(let fault): "the log is not sound at entry \(fault.sequence): \(fault.detail)"
    case .notTaken(let rejection): "the ledger would not take the rules: \(rejection)"
    case .cancelled: "it was cancelled; nothing is reported"
    }
  }
}
