import LedgerModel

extension MeasureWords {
  /// What the rules of a set name, each in a line.
  func definitions(of set: RuleSet) -> [String] {
    set.calendars.map(calendar) + set.attributes.map(attribute) + set.events.map(event)
      + set.groups.map(group) + set.exemptions.map { exemption($0, set) }
  }

  private func calendar(_ calendar: BusinessCalendar) -> String {
    let weekend =
      calendar.weekend.isEmpty
      ? "no weekend" : "weekend \(PolicyWords.list(calendar.weekend.map(\.word), "and"))"
    let holidays = calendar.holidays.map { days in
      let date = CivilDate(daysSince1970: days)
      return String(
        CivilDate.rfc3339(microseconds: UInt64(max(0, date.daysSince1970)) * 86_400_000_000)
          .prefix(10))
    }
    return "calendar \(calendar.name): in \(calendar.zone.name), \(weekend), a day ends at "
      + PolicyWords.timeOfDay(calendar.cutOffSeconds)
      + (holidays.isEmpty ? ", no holidays" : ", holidays \(holidays.joined(separator: ", "))")
  }

  private func attribute(_ attribute: Attribute) -> String {
    let of = "attribute \(attribute.name) of a \(attribute.holder.word)"
    switch attribute.kind {
    case .words(let words): return "\(of): \(PolicyWords.list(words.map(\.text), "or"))"
    case .amount(let amount):
      func text(_ sum: UInt64) -> String { value(Int128(sum), .amount) }
      let initial =
        amount.initial.map { "\(text($0)) where none was set" } ?? "undecided where none was set"
      let ceiling = amount.ceiling.map { ", at most \(text($0))" } ?? ""
      let delay =
        amount.raiseAfterMicroseconds == 0
        ? "" : ", raised \(PolicyWords.duration(amount.raiseAfterMicroseconds)) after the order"
      return "\(of): an amount, \(initial)\(ceiling)\(delay)"
    }
  }

  private func event(_ event: EventDefinition) -> String {
    let what =
      switch event.trigger {
      case .recorded: "recorded by the wallet's participant"
      case .opened: "the wallet is opened"
      case .firstPayment: "the payer's first payment to the payee"
      case .payment(let operations, let filter):
        "a payment out of the wallet by \(PolicyWords.list(operations.map(\.word), "or"))"
          + (condition(filter).map { ", \($0)" } ?? "")
      }
    return "event \(event.name): \(what)"
  }

  private func group(_ group: SignerGroup) -> String {
    "group \(group.name): \(PolicyWords.list(group.keys.map(\.description), "and"))"
  }

  private func exemption(_ exemption: Exemption, _ set: RuleSet) -> String {
    let who = exemption.accounts.map(\.description) + exemption.participants.map(\.text)
    let rules = exemption.rules.map { set.rules[$0].id.text }
    return "exempt from \(PolicyWords.list(rules, "and")) until \(instant(exemption.until)): "
      + "\(PolicyWords.list(who, "and")) (\(exemption.reason))"
  }
}
