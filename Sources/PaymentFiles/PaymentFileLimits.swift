import LedgerISO20022

/// Bounds of a file of payments; reaching one is a fault that names it.
package enum PaymentFileLimits {
  package static let rowsMax = 1_000_000
  package static let fileBytesMax = 512 << 20
  /// A journal of ``rowsMax`` payments has some 600 MB with their outcomes, and as much again where
  /// all are issued anew.
  package static let journalBytesMax = 4 << 30
  /// Orders of which the ledger is asked at once, and which are then kept at once.
  package static let askedAtOnceMax = 64

  /// Of a pain.001: more than the ledger itself takes at once.
  static let message: ISOLimits = {
    var limits = ISOLimits()
    limits.messageBytesMax = 256 << 20
    limits.elementsMax = 20_000_000
    limits.transactionsMax = rowsMax
    return limits
  }()
}
