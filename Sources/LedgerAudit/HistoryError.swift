package import LedgerLog
package import LedgerModel

/// Why a history was not gone through.
package enum HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
  case log(LogFault)
  /// The ledger would not take the rules.
  case notTaken(Rejection)
  /// A payment that nobody has ordered is from or to an account that there is not.
  case noAccount(AccountID, at: LedgerTime)
  /// It is from or to an issuance account, which is no participant's and which no order names.
  case noParticipants(AccountID)
  /// It would be before the ledger began.
  case beforeLedger(LedgerTime, began: LedgerTime)
  /// Several parties gave an order of the id that is asked about, in order of their names.
  case ambiguous(parties: [Party])
  /// What is explained is not what the ledger decided, which it always is.
  case contradiction(explained: String, decided: String)
  case cancelled

  package var description: String {
    switch self {
    case .log(let fault): "the log is not sound at entry \(fault.sequence): \(fault.detail)"
    case .notTaken(let rejection): "the ledger would not take the rules: \(rejection)"
    case .noAccount(let id, let time): "there is no account `\(id)` at \(time)"
    case .noParticipants(let id):
      "account `\(id)` is an issuance account, which no order names; money comes from it by "
        + "`issue`, and goes back by `redeem`"
    case .beforeLedger(let time, let began):
      "\(time) is before the ledger began; name an instant from \(began) on"
    case .ambiguous(let parties):
      "the id was used by \(parties.map { "`\($0)`" }.joined(separator: ", ")); say with `--as` "
        + "whose order is meant"
    case .contradiction(let explained, let decided):
      "the explanation contradicts the ledger, which is a fault of this program: do not read it "
        + "out. The ledger's answer is \(decided), and the explanation's \(explained)"
    case .cancelled: "it was cancelled; nothing is reported"
    }
  }
}
