import LedgerModel
import LedgerPolicy

extension ReferencePolicy {
  /// What a measure says of a payment and a key.
  struct Reading {
    var used: Int128 = 0
    var asked: Int128 = 0
    var value: Int128 = 0
    /// How many payments the memory holds, where it holds no more (rule 19).
    var isFullAt: Int?
    /// What the answer gives as asked.
    var askedShown: UInt64 = 0
    var end: LedgerTime?
    /// Of the last payment, where that is what is asked for.
    var last: LedgerTime?

    func resets(limit: UInt64) -> LedgerTime? {
      last?.advanced(byMicroseconds: limit) ?? end
    }
  }

  /// Rules 24 to 26; `nil` where the measure has nothing to say.
  func read(
    _ index: Int, of standing: Standing, for key: Key, _ payment: Payment, sweep: Int128
  ) -> Reading? {
    let measure = standing.set.measures[index]
    switch measure.quantity {
    case .balance: return balance(of: key, payment, sweep: sweep)
    case .supply:
      let amount = payment.request.amount.minorUnits
      return Reading(
        used: Int128(payment.request.outstanding) - Int128(amount), asked: Int128(amount),
        value: payment.request.outstanding, askedShown: UInt64(amount))
    case .amount, .count, .counterparties, .sinceLast: break
    }
    guard let place = place(index, of: standing, for: key) else { return nil }
    let (counted, forgotten) = counted(index, of: standing, for: key, in: place)
    if measure.quantity == .sinceLast {
      guard let last = counted.last?.time else { return nil }
      let elapsed = Int128(now.microseconds - last.microseconds)
      return Reading(used: elapsed, value: elapsed, last: last)
    }
    var reading = Reading(end: place.end)
    let met = Set(counted.compactMap(\.other))
    reading.used =
      measure.quantity == .counterparties
      ? Int128(met.count) : counted.reduce(0) { $0 + $1.asked }
    reading.asked =
      asked(measure, in: standing.set, of: key, by: payment, met: Array(met)) ?? 0
    reading.value = reading.used + reading.asked
    reading.askedShown = UInt64(reading.asked.magnitude)
    if case .rolling(let length, let max) = measure.window {
      reading.end = (forgotten ?? counted.first?.time)?.advanced(byMicroseconds: length)
      reading.isFullAt = counted.count >= max || forgotten != nil ? max : nil
    }
    return reading
  }

  /// What a key's accounts hold, before and after a payment.
  private func balance(of key: Key, _ payment: Payment, sweep: Int128) -> Reading {
    let amount = Int128(payment.request.amount.minorUnits)
    let draw = Int128(payment.request.draw)
    var before: Int128 = 0
    for (slot, account) in accounts.enumerated() where isHeld(account, slot, by: key) {
      before += Int128(account.balance)
    }
    var after = before
    if let payer = payment.payer {
      if isHeld(accounts[payer.slot], payer.slot, by: key) { after += draw - amount }
      if key == .participant(payer.participant) { after -= draw }
    }
    if let payee = payment.payee {
      if isHeld(accounts[payee.slot], payee.slot, by: key) { after += amount - sweep }
      if key == .participant(payee.participant) { after += sweep }
    }
    return Reading(
      used: before, asked: after - before, value: after,
      askedShown: UInt64(max(0, after - before)))
  }

  private func isHeld(_ account: Account, _ slot: Int, by key: Key) -> Bool {
    switch key {
    case .wallet(let wallet): slot == wallet
    case .owner(let owner): account.tier != nil && account.owner == owner
    case .participant(let participant): account.participant == participant
    case .tier(let tier): account.tier == tier
    case .pair, .participantClass, .system: preconditionFailure("\(key) has no balance")
    }
  }
}
