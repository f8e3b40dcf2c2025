import LedgerModel

extension PolicyEngine {
  /// Traps where what is kept contradicts itself.
  ///
  /// - Complexity: O(wallets · counters).
  package func checkInvariants() {
    let setCount = packs.count + toCome.count
    precondition(setCount <= facts.bounds.sets, "\(setCount) rule sets")
    for pack in packs { pack.checkInvariants(at: now, tierCount: facts.tiers.count) }
    for (scheduled, next) in zip(toCome, toCome.dropFirst()) {
      precondition(scheduled.from <= next.from, "sets to come are out of order")
    }
    for scheduled in toCome { precondition(scheduled.from > now, "a set to come is due") }
  }
}

extension PackInForce {
  fileprivate func checkInvariants(at time: LedgerTime, tierCount: Int) {
    precondition(places.count == tierCount, "a tier is not placed")
    for window in windows { precondition(window.end > time, "a window's end is overlooked") }
    guard layout.columnCount > 0 else {
      precondition(rows.isEmpty, "\(rows.count) counters of no measure")
      return
    }
    precondition(rows.count.isMultiple(of: layout.columnCount), "a wallet in part")
    for (column, measure) in layout.measures.enumerated() where measure.isPlain {
      guard case .wallets(let place) = measure.store else { continue }
      for index in stride(from: place, to: rows.count, by: layout.columnCount) {
        let counter = rows[index]
        precondition(
          counter.key <= windows[column].key, "counter of window \(counter.key) to come")
        precondition(counter.key != .min || counter == .empty, "a sum of no window")
      }
    }
  }
}
