package import LedgerModel

/// A key that signed an order.
package struct CheckedSigner: Hashable, Sendable {
  package let key: PublicKey
  /// The entry that made it its party's.
  package let registered: SequenceNumber
  /// Entries after that and before the order that changed it, or suspended its participant.
  package let changes: [SequenceNumber]
  package let validFrom: LedgerTime
  /// As known when the order was given; `nil` is no end.
  package let validUntil: LedgerTime?

  /// All of them, in order.
  package var entries: [SequenceNumber] { [registered] + changes }
}
