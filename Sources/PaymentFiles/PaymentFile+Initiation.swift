package import LedgerISO20022
package import LedgerModel
import MerkleLog

extension PaymentFile {
  /// Reads a pain.001: each transaction is a row, in order.
  ///
  /// - Parameters:
  ///   - bytes: The message.
  ///   - context: For which bank, on which of the ledger's business days, in which currencies.
  ///   - currencies: Those of the ledger.
  ///   - channel: How the orders came in.
  /// - Throws: ``PaymentFileFault/message(problem:)``,
  ///   ``PaymentFileFault/severalCurrencies(_:_:)`` or ``PaymentFileFault/tooMany(max:)``.
  /// - Complexity: O(bytes), and O(n log n) over the transactions.
  package init(
    initiation bytes: [UInt8], in context: ReadingContext, currencies: [Currency],
    channel: Channel
  ) throws(PaymentFileFault) {
    let message: PaymentInitiation
    do throws(MessageRefusal) {
      message = try PaymentInitiation(bytes, in: context, limits: PaymentFileLimits.message)
    } catch {
      let advice =
        if case .notToday = error.fault {
          " by the ledger's business days; wait until that one has begun, or order it for today"
        } else {
          ""
        }
      throw .message(problem: "\(error.description)\(advice) (`\(error.fault.code)`)")
    }
    let codes = message.payments.map(\.transfer.currency)
    guard let code = codes.first, let currency = currencies.first(where: { $0.code == code })
    else { throw .noPayments }
    if let other = codes.first(where: { $0 != code }) { throw .severalCurrencies(code, other) }
    try self.init(
      digest: SHA256.hash(bytes), currency: currency, channel: channel,
      rows: message.payments.map { payment in
        PaymentRow(
          transfer: payment.transfer, reference: payment.reference, purpose: payment.purpose,
          fields: [
            payment.transfer.payer.description, payment.transfer.payee.description, payment.amount,
            payment.reference.text, payment.purpose.text,
          ])
      })
  }
}
