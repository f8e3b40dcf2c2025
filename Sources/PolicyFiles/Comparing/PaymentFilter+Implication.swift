import LedgerModel

extension PaymentFilter {
  /// Whether each payment that passes this filter passes the other.
  ///
  /// `false` where that is not certain.
  func implies(_ other: PaymentFilter) -> Bool {
    Self.implies(channel, other.channel) && Self.implies(purpose, other.purpose)
      && payer.implies(other.payer) && payee.implies(other.payee)
      && Self.implies(acquaintance, other.acquaintance)
  }

  private static func implies(_ one: Acquaintance?, _ other: Acquaintance?) -> Bool {
    guard let other else { return true }
    guard let one, one.kind == other.kind, one.excludes == other.excludes else { return false }
    return one.excludes
      ? one.microseconds <= other.microseconds : one.microseconds >= other.microseconds
  }

  fileprivate static func implies<Word>(_ one: WordTest<Word>?, _ other: WordTest<Word>?) -> Bool {
    guard let other else { return true }
    guard let one else { return false }
    switch (one.excludes, other.excludes) {
    case (false, _): return one.words.allSatisfy { other.passes($0) }
    case (true, true): return Set(other.words).isSubset(of: one.words)
    case (true, false): return false
    }
  }
}

extension LegFilter {
  fileprivate func implies(_ other: LegFilter) -> Bool {
    PaymentFilter.implies(tier, other.tier)
      && PaymentFilter.implies(participant, other.participant)
      && other.attributes.allSatisfy { test in
        PaymentFilter.implies(
          attributes.first { $0.attribute == test.attribute }?.test, test.test)
      }
  }
}
