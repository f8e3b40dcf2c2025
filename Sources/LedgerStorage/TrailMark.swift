package import LedgerModel

/// An entry that moved an account's money, from which its earlier entries can be walked.
///
/// Entries point at the entry before on each account, so that an account's history is a walk, and a
/// long one where the account is busy. One entry in 256 is marked for each of its accounts, and the
/// index finds the first mark at or after any entry: from there the walk is short.
package struct TrailMark: Hashable, Sendable {
  package let account: AccountID
  package let sequence: SequenceNumber

  package init(account: AccountID, sequence: SequenceNumber) {
    self.account = account
    self.sequence = sequence
  }

  /// Whether an entry's accounts are marked: one in 256, in no pattern that the entries of an
  /// account could avoid by chance.
  ///
  /// - Source: G. Steele, D. Lea and C. Flood, "Fast Splittable Pseudorandom Number Generators",
  ///   2014: the finalizer of SplitMix64.
  package static func isMarked(_ sequence: SequenceNumber) -> Bool {
    var bits = sequence.value &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return (bits ^ (bits >> 31)) & 0xFF == 0
  }

  /// Entries that a walk from a mark goes through at most: more only where marks are missing, since
  /// of so many in a row one is marked but for a chance of 10^-111.
  package static let stepsMax = 65_536
}
