import LedgerCore
import LedgerModel
import PolicyFiles

/// Orders in plain words, as whoever signs must see them.
struct OrderWords {
  let scales: CurrencyScales

  /// One line, or several where the order is large.
  func text(_ operation: Operation) -> String {
    switch operation {
    case .admitParticipant(let order): admission(order)
    case .suspendParticipant(let order):
      "suspend participant \(order.participant); legal reference: \(order.legalReference.text.shown)"
    case .reinstateParticipant(let order):
      "reinstate participant \(order.participant); legal reference: \(order.legalReference.text.shown)"
    case .registerKey(let order):
      "register for \(order.party) key \(order.key), valid from \(order.validFrom) "
        + (order.validUntil.map { "until \($0)" } ?? "without end")
    case .rotateKey(let order):
      "replace \(order.party)'s key \(order.oldKey) by \(order.newKey); the old one "
        + (order.overlapUntil.microseconds == 0
          ? "ends at once" : "acts until \(order.overlapUntil)")
    case .suspendKey(let order): "suspend \(order.party)'s key \(order.key)"
    case .reinstateKey(let order): "reinstate \(order.party)'s key \(order.key)"
    case .revokeKey(let order): "revoke for good \(order.party)'s key \(order.key)"
    case .replaceOfficers(let keys):
      (["replace all officers by \(DecimalAmount.count(keys.count, "key")):"]
        + keys.map { "    \($0)" })
        .joined(separator: "\n")
    case .registerCertificate(let order):
      "let certificate \(order.certificate) read for \(order.reader) from \(order.validFrom) "
        + (order.validUntil.map { "until \($0)" } ?? "without end")
    case .revokeCertificate(let order):
      "end what certificate \(order.certificate) reads for \(order.reader)"
    case .setParticipantAttribute(let order):
      "set attribute \(order.name) of participant \(order.participant) in \(order.currency) to "
        + (order.value.amount.map { money($0, order.currency) + Self.raises }
          ?? order.value.text)
    case .setWalletAttribute(let order):
      "set attribute \(order.name) of wallet \(order.wallet) to "
        + (order.value.amount.map { scales.textOfAny(Int128($0)) + Self.raises }
          ?? order.value.text)
    case .linkAccount(let wallet, let account):
      account.map { "link wallet \(wallet) to settlement account \($0)" }
        ?? "link wallet \(wallet) to nothing"
    case .listPayee(let order): "list payee \(order.payee) for wallet \(order.wallet)"
    case .unlistPayee(let order):
      "strike payee \(order.payee) off the list of wallet \(order.wallet)"
    case .recordEvent(let event, let wallet): "record event \(event) of wallet \(wallet)"
    case .openWallet(let order):
      "open wallet \(order.wallet) in \(order.currency), tier \(order.tier), owner \(order.owner)"
    case .setWalletTier(let wallet, let tier): "set tier \(tier) for wallet \(wallet)"
    case .closeWallet(let wallet): "close wallet \(wallet)"
    case .freeze(let order):
      "freeze \(text(order.target)), credits \(order.credits == .accepted ? "accepted" : "refused"); "
        + "legal reference: \(order.legalReference.text.shown)"
    case .unfreeze(let target, let reference):
      "unfreeze \(text(target)); legal reference: \(reference.text.shown)"
    case .issue(let order):
      "issue \(money(order.amount, order.currency)) to settlement account \(order.payee); "
        + "RTGS reference \(order.rtgsReference.text.shown)"
    case .redeem(let order):
      "redeem \(money(order.amount, order.currency)) from settlement account \(order.payer); "
        + "RTGS reference \(order.rtgsReference.text.shown)"
    case .settle(let transfer): "settle \(text(transfer))"
    case .fund(let transfer): "fund \(text(transfer))"
    case .pay(let transfer): "pay \(text(transfer))"
    case .cashOut(let transfer): "cash out \(text(transfer))"
    case .activateRuleSet(let order): activation(order)
    case .withdrawRuleSet(let order):
      "withdraw rules \(order.version) for \(order.currency): where they are in force, what they "
        + "replaced comes back; where they are in shadow or to come, they go"
    case .confirmClock(let instant): "confirm that the ledger's clock says \(instant)"
    }
  }

  /// The order with what its instruction carries beside it.
  func text(_ instruction: Instruction) -> String {
    var line = text(instruction.operation)
    if !instruction.purpose.text.isEmpty { line += "; purpose \(instruction.purpose.text.shown)" }
    if !instruction.channel.text.isEmpty { line += "; channel \(instruction.channel.text.shown)" }
    if !instruction.reference.text.isEmpty {
      line += "; reference \(instruction.reference.text.shown)"
    }
    if let document = instruction.document { line += "; made from document \(document)" }
    return line
  }

  /// What nothing but the rules knows of an amount that is set.
  private static let raises = "; where that is a raise, it holds as much later as the rules say"

  func money(_ amount: UInt64, _ code: CurrencyCode) -> String {
    scales.text(Int128(amount), code)
  }

  private func text(_ transfer: Transfer) -> String {
    "\(money(transfer.amount, transfer.currency)) from \(transfer.payer) to \(transfer.payee)"
  }

  private func text(_ target: FreezeTarget) -> String {
    switch target {
    case .account(let account): "account \(account)"
    case .participant(let participant): "participant \(participant), all its settlement accounts"
    }
  }

  private func admission(_ order: AdmitParticipant) -> String {
    let lines =
      order.keys.map { "    key \($0)" }
      + order.settlementAccounts.map { "    settlement account \($0.account) in \($0.currency)" }
    return (["admit participant \(order.participant), \(order.name.text.shown)"] + lines)
      .joined(separator: "\n")
  }

  private func activation(_ order: ActivateRuleSet) -> String {
    let set = order.ruleSet
    let source =
      order.source.isEmpty ? "without its source" : "with its source, \(order.source.count) bytes"
    let tiers = set.tiers.map(\.text).joined(separator: ", ")
    let start = [order.from, set.effectiveFrom].compactMap(\.self).max()
    return "put rules \(set.packVersion) \(order.inShadow ? "in shadow" : "in force") for "
      + "\(set.currency)\(validity(from: start, until: set.until, of: set)): "
      + "\(DecimalAmount.count(set.rules.count, "rule"))"
      + (tiers.isEmpty ? "" : " for tiers \(tiers)")
      + (set.supersedes.map { ", in place of \($0)" } ?? "")
      + ", compiled from sha256 \(set.sourceDigest.hex), \(source)"
      + (scales.scales.contains { $0.code == set.currency }
        ? "" : "; figures in minor units, since --currency-digits is not given")
      + (set.isSound ? "" : "; IT IS NO SOUND RULE SET, and would be refused")
  }
}

extension OrderWords {
  /// ` from … until …`, by the clocks of the set's zone, too, where it has one.
  private func validity(from: LedgerTime?, until: LedgerTime?, of set: RuleSet) -> String {
    let zone = set.zones.count == 1 ? set.zones.first : nil
    func text(_ time: LedgerTime) -> String {
      zone.map { "\($0.localTime(time)) (\(time))" } ?? time.description
    }
    let start = from.map { " from \(text($0)) on" } ?? ""
    guard let until else { return start }
    return start + (from == nil ? "" : ",") + " until \(text(until)), when its last rule ends"
  }
}

extension RuleSet {
  /// Whether a ledger would take it.
  var isSound: Bool {
    do throws(RuleSetError) {
      try validate()
      return true
    } catch {
      return false
    }
  }
}

extension AttributeValue {
  fileprivate var amount: UInt64? { if case .amount(let amount) = self { amount } else { nil } }

  fileprivate var text: String {
    switch self {
    case .word(let word): word.text
    case .amount(let amount): "\(DecimalAmount.count(amount)) minor units"
    }
  }
}
