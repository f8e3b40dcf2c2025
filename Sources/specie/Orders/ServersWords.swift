import LedgerClient
import LedgerModel

extension VerifiedOutcome {
  /// The server's words for a refusal, with sums as money; the server counts in minor units.
  func message(of operation: Operation, _ scales: CurrencyScales) -> String {
    ServersWords.shown(message, of: refusal?.code, in: operation.currency, scales)
  }
}

/// The server's words for refusals, whose sums are counts of minor units.
enum ServersWords {
  /// The same with sums as money, of a currency where that is known.
  static func shown(
    _ message: String, of code: RejectionCode?, in currency: CurrencyCode?,
    _ scales: CurrencyScales
  ) -> String {
    switch code {
    case .insufficientFunds, .amountTooLarge, .balanceTooLarge, .supplyTooLarge,
      .attributeAboveCeiling:
      break
    default: return message
    }
    // In these words a number by itself in backticks is a sum, but for an attribute's name.
    return message.replacing(/`([0-9]+)`( minor units( of `[A-Z]+`)?)?/) { match in
      let isSum = match.output.2 != nil || code != .attributeAboveCeiling
      guard isSum, let sum = Int128(match.output.1) else { return String(match.output.0) }
      return currency.map { scales.text(sum, $0) } ?? scales.textOfAny(sum)
    }
  }
}

extension Operation {
  /// In which the sums of its refusal are; `nil` where the order does not say.
  fileprivate var currency: CurrencyCode? {
    if case .setParticipantAttribute(let order) = self { return order.currency }
    return movement?.currency
  }
}
