import LedgerModel

// What is proved of two rules of one file: that one denies whatever the other does not let pass.

extension DraftRule {
  /// How much a rule leaves where another one bites as well.
  enum Precedence {
    /// No more than the other one, so that of two denials the earlier of the file is the answer.
    case asLittle
    /// Less than the other one, whatever was used before.
    case less
  }

  /// Proves that this rule denies each payment of a tier that another rule does not let pass.
  ///
  /// The other rule's cap must have a value there. Where `besideWaterfalls`, what a wallet gets may
  /// go on to its linked account.
  ///
  /// - Returns: How much this rule then leaves; `nil` where nothing is proved.
  func prevails(
    over other: DraftRule, at place: Int?, besideWaterfalls: Bool
  ) -> Precedence? {
    guard denies, cap(place) != nil, other.cap(place) != nil,
      validity.covers(other.validity), measure.looksAtAll(of: other.measure)
    else { return nil }
    if deniesAll(place) { return other.leavesMore(than: 0, place) ? .less : .asLittle }
    guard measure.remembersAll(of: other.measure) else { return nil }
    guard isUpper == other.isUpper else { return nil }
    if !isUpper {
      guard measuresAtMost(other), let mine = capMin(place), let theirs = other.capMax(place),
        mine >= theirs
      else { return nil }
      return .asLittle
    }
    guard measuresAtLeast(other, besideWaterfalls: besideWaterfalls), let mine = ceiling(place),
      let theirs = other.floor(place), mine <= theirs
    else { return nil }
    // What is above a waterfall's cap goes on first, and what is left asks less, or nothing.
    if case .waterfall = other.action { return nil }
    return isSum && other.leavesMore(than: mine, place) ? .less : .asLittle
  }

  /// Whether it denies every payment of a tier that it looks at.
  private func deniesAll(_ place: Int?) -> Bool {
    guard denies, measure.direction != .net else { return false }
    // A payment moves at least one minor unit; and no sum is under 0.
    return isSum && ceiling(place) == 0
      || countsPreviousOnly && comparison == .under && capMax(place) == 0
  }

  /// Whether its headroom in a tier is always more than a value.
  ///
  /// An amount of each payment alone has used nothing before. Any other one may have been passed
  /// already, as in another tier, and then leaves as little as what forbids all; and counts have no
  /// headroom.
  private func leavesMore(than value: UInt64, _ place: Int?) -> Bool {
    guard let maximum = floor(place), maximum > value else { return false }
    return isSum && measure.quantity == .amount && measure.window == .payment && !measure.mayFill
  }

  /// Whether its value is at least another rule's, at each payment that asks something of that one.
  private func measuresAtLeast(_ other: DraftRule, besideWaterfalls: Bool) -> Bool {
    let theirs = other.measure
    let countsAsMuch = countsPreviousOnly == other.countsPreviousOnly || isSum
    if measure == theirs { return countsAsMuch }
    switch (measure.quantity, theirs.quantity) {
    case (.balance, .balance), (.supply, .supply): return measure.scope == theirs.scope
    case (.balance, .amount):
      // A wallet holds at least what it got last.
      return measure.scope == .wallet && theirs.scope.isOfWallets && theirs.direction == .into
        && theirs.window == .payment && !besideWaterfalls
    case (.amount, .amount), (.count, .count), (.count, .counterparties):
      return countsAsMuch && measure.scope == theirs.scope
        && (measure.direction == theirs.direction || measure.direction == .turnover)
        && measure.direction != .net && theirs.direction != .net
        && theirs.window.isWithin(measure.window)
    default: return false
    }
  }

  /// Whether its value is at most another rule's, at each payment that both look at.
  private func measuresAtMost(_ other: DraftRule) -> Bool {
    let theirs = other.measure
    if measure == theirs { return countsPreviousOnly == other.countsPreviousOnly }
    guard measure.quantity == theirs.quantity, measure.scope == theirs.scope else { return false }
    switch measure.quantity {
    case .balance, .supply: return true
    // More payments are counted, so the last one was no longer ago.
    case .sinceLast: return measure.direction == theirs.direction
    case .amount, .count, .counterparties: return false
    }
  }
}

extension Measure {
  /// Whether it looks at every payment that another measure looks at, on the same side.
  fileprivate func looksAtAll(of other: Measure) -> Bool {
    let hasSides = other.operations.allSatisfy { operation in
      let mine = operation.sides(scope, direction)
      let theirs = operation.sides(other.scope, other.direction)
      return operations.contains(operation) && (mine.payer || !theirs.payer)
        && (mine.payee || !theirs.payee)
    }
    // A participant may be in no class.
    return hasSides && (scope != .participantClass || scope == other.scope)
      && other.filter.implies(filter) && (window.isAlways || other.window.isWithin(window))
  }
}

extension Measure {
  /// Whether it asks whom the payer paid first when, of which the ledger keeps so many.
  private var asksFirstPayments: Bool {
    if filter.acquaintance?.kind == .paid { return true }
    // An event of a pair is a first payment.
    return scope == .pair && window.event != nil
  }

  private var countsPairs: Bool { scope == .pair && isCounted }

  /// Whether its rules deny where the ledger remembers as many accounts as it may, whatever their
  /// cap is.
  var mayFill: Bool { asksFirstPayments || countsPairs || quantity == .counterparties }

  /// Whether no memory of the other measure is full where none of this one is.
  fileprivate func remembersAll(of other: Measure) -> Bool {
    (asksFirstPayments || !other.asksFirstPayments) && (countsPairs || !other.countsPairs)
      && (quantity == .counterparties || other.quantity != .counterparties)
  }
}
