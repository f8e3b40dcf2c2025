import LedgerModel

// What limits name: calendars, attributes, events, groups; and exemptions, which name limits.
extension PolicyReader {
  /// Reads the pairs of a mapping of definitions; each name stands once.
  private mutating func definitions<N: Name>(
    _ value: YAMLValue, _ noun: String, _ type: N.Type, max: Int, usedAs nouns: [String],
    _ read: (inout PolicyReader, N, YAMLValue, SourcePosition) -> Void
  ) {
    guard let pairs = fields.pairs(value, "`\(noun)`") else { return }
    guard pairs.count <= max else {
      fields.report(.tooMany(noun, count: pairs.count, max: max), at: value.position)
      return
    }
    var names: [String] = []
    for (key, value) in pairs {
      guard let name = fields.name(key, type) else { continue }
      warnOfConfusion(of: name.text, with: names, at: key.position)
      names.append(name.text)
      for noun in nouns { fields.define(name.text, as: noun) }
      read(&self, name, value, key.position)
    }
  }

  mutating func readCalendars(_ value: YAMLValue) {
    definitions(
      value, "calendars", CalendarName.self, max: Limits.calendarsPerSetMax, usedAs: ["calendar"]
    ) {
      reader, name, value, position in
      guard let calendar = reader.readCalendar(name, value) else { return }
      reader.calendars.append(calendar)
      reader.calendarPositions.append(position)
    }
  }

  private mutating func readCalendar(_ name: CalendarName, _ value: YAMLValue) -> BusinessCalendar?
  {
    guard let calendar = fields.fields(value, .calendar) else { return nil }
    let zone =
      calendar["timezone"].flatMap { readZone($0) }
      ?? headZone(at: value.position, isNeeded: calendar["timezone"] == nil)
    let weekend = calendar["weekend"].flatMap { value -> [Weekday]? in
      let days = fields.words(value, "weekday", known: Weekday.words) ?? []
      guard days.count < Weekday.allCases.count else {
        fields.report(.noWeekdayLeft, at: value.position)
        return nil
      }
      return days.compactMap(Weekday.init(word:)).sorted()
    }
    let holidays = calendar["holidays"].map { readHolidays($0) }
    let cutOff = calendar["cut-off"].flatMap { fields.timeOfDay($0, "`cut-off`", 60...86_400) }
    return BusinessCalendar(
      name: name, zone: zone, weekend: weekend ?? [], holidays: holidays ?? [],
      cutOffSeconds: cutOff ?? 86_400)
  }

  private mutating func readHolidays(_ value: YAMLValue) -> [Int] {
    guard case .list(let items) = value.content else {
      fields.report(.wantedList("`holidays`"), at: value.position)
      return []
    }
    guard items.count <= Limits.holidaysPerCalendarMax else {
      fields.report(
        .tooMany("holidays", count: items.count, max: Limits.holidaysPerCalendarMax),
        at: value.position)
      return []
    }
    var lines: [Int: Int] = [:]
    for item in items {
      guard let date = fields.date(item, "a holiday") else { continue }
      if let first = lines[date] {
        fields.report(.itemTwice(item.text ?? "", first: first), at: item.position)
      }
      lines[date] = item.position.line
    }
    return lines.keys.sorted()
  }

  mutating func readAttributes(_ value: YAMLValue) {
    definitions(
      value, "attributes", AttributeName.self, max: Limits.attributesPerSetMax,
      usedAs: ["attribute", "attribute of a wallet", "attribute of a participant"]
    ) {
      reader, name, value, _ in
      guard let attribute = reader.readAttribute(name, value) else { return }
      reader.attributes.append(attribute)
    }
  }

  private mutating func readAttribute(_ name: AttributeName, _ value: YAMLValue) -> Attribute? {
    guard let attribute = fields.fields(value, .attribute) else { return nil }
    let holder = attribute["of"].flatMap {
      fields.word($0, "holder", known: ["wallet", "participant"])
    }.map { $0 == "wallet" ? Attribute.Holder.wallet : .participant }
    guard let kind = fields.one(of: ["words", "amount"], attribute, of: "an attribute")
    else { return nil }
    if name == Attribute.participantClass, holder == .wallet || kind == "amount" {
      fields.report(.classAttributeKind, at: attribute[kind]?.position ?? value.position)
    }
    guard let holder else { return nil }
    if kind == "words" {
      guard
        let words = attribute["words"].flatMap({
          fields.names($0, "`words`", AttributeWord.self)
        })
      else { return nil }
      return Attribute(name: name, holder: holder, kind: .words(words))
    }
    guard let amount = attribute["amount"].flatMap({ readAmountAttribute(name, $0) })
    else { return nil }
    return Attribute(name: name, holder: holder, kind: .amount(amount))
  }

  private mutating func readAmountAttribute(
    _ name: AttributeName, _ value: YAMLValue
  ) -> AttributeAmount? {
    guard let amount = fields.fields(value, .attributeAmount) else { return nil }
    let exponent = exponent
    func sum(_ field: String, _ reader: inout PolicyReader) -> UInt64? {
      guard let value = amount[field] else { return nil }
      if reader.isNone(value) { return nil }
      return reader.fields.amount(value, "`\(field)`", exponent: exponent)
    }
    let initial = sum("initial", &self)
    let ceiling = sum("ceiling", &self)
    let delay = amount["raise-after"].flatMap {
      fields.duration($0, "`raise-after`", max: Limits.windowMicrosecondsMax)
    }
    if let initial, let ceiling, initial > ceiling {
      fields.report(
        .initialAboveCeiling(name.text), at: amount["initial"]?.position ?? value.position)
      return nil
    }
    return AttributeAmount(
      initial: initial, ceiling: ceiling, raiseAfterMicroseconds: delay ?? 0)
  }

  mutating func readEvents(_ value: YAMLValue) {
    definitions(
      value, "events", EventName.self, max: Limits.eventsPerSetMax,
      usedAs: ["event", "recorded event"]
    ) {
      reader, name, value, _ in
      guard let trigger = reader.readTrigger(name, value) else { return }
      reader.events.append(EventDefinition(name: name, trigger: trigger))
    }
  }

  private mutating func readTrigger(
    _ name: EventName, _ value: YAMLValue
  ) -> EventDefinition.Trigger? {
    guard case .mapping = value.content else {
      switch fields.word(value, "event", known: ["recorded", "opened", "first-payment"]) {
      case "recorded": return .recorded
      case "opened": return .opened
      case "first-payment": return .firstPayment
      default: return nil
      }
    }
    guard let event = fields.fields(value, .event) else { return nil }
    let operations = event["operations"].flatMap {
      fields.words($0, "operation", known: ["pay", "cash-out"])
    }?.compactMap(Measure.Operation.init(word:)).sorted()
    let filter = event["when"].map { readFilter($0) } ?? .everything
    guard let operations else { return nil }
    if filter.acquaintance != nil {
      fields.report(.eventOfAcquaintance, at: event["when"]?.position ?? value.position)
      return nil
    }
    if !operations.contains(where: { filter.canPass($0, tierCount: tiers.count) }) {
      fields.report(.eventNever(name.text), at: value.position)
    }
    return .payment(operations, filter)
  }

  mutating func readGroups(_ value: YAMLValue) {
    definitions(value, "groups", GroupName.self, max: Limits.groupsPerSetMax, usedAs: ["group"]) {
      reader, name, value, _ in
      guard let keys = reader.readKeys(value) else { return }
      reader.groups.append(SignerGroup(name: name, keys: keys))
    }
  }

  private mutating func readKeys(_ value: YAMLValue) -> [PublicKey]? {
    guard let items = fields.list(value, "a group") else { return nil }
    guard items.count <= Limits.keysPerGroupMax else {
      fields.report(
        .tooMany("keys", count: items.count, max: Limits.keysPerGroupMax), at: value.position)
      return nil
    }
    var lines: [PublicKey: Int] = [:]
    for item in items {
      guard let text = fields.text(item, "a key") else { continue }
      guard let bytes = Bytes32(hex: text) else {
        fields.report(.invalidKey(text), at: item.position)
        continue
      }
      if let first = lines[PublicKey(bytes)] {
        fields.report(.itemTwice(text, first: first), at: item.position)
      }
      lines[PublicKey(bytes)] = item.position.line
    }
    return lines.isEmpty ? nil : lines.keys.sorted()
  }

  mutating func readExemptions(_ value: YAMLValue) {
    guard let items = fields.list(value, "`exemptions`") else { return }
    guard items.count <= Limits.exemptionsPerSetMax else {
      fields.report(
        .tooMany("exemptions", count: items.count, max: Limits.exemptionsPerSetMax),
        at: value.position)
      return
    }
    for item in items {
      guard let exemption = readExemption(item) else { continue }
      exemptions.append(exemption)
      exemptionPositions.append(item.position)
    }
  }

  private mutating func readExemption(_ value: YAMLValue) -> Exemption? {
    guard let exemption = fields.fields(value, .exemption) else { return nil }
    let words = exemption["rules"].flatMap {
      fields.words($0, "rule", known: rules.map(\.id.text))
    }
    let places = (words ?? []).compactMap { word in rules.firstIndex { $0.id.text == word } }
    let accounts = exemption["wallets"].map { readAccounts($0) } ?? []
    let participants =
      exemption["participants"].flatMap {
        fields.names($0, "`participants`", ParticipantID.self)
      } ?? []
    let until = exemption["until"].flatMap { fields.time($0, "`until`") }
    let reason = exemption["reason"].flatMap { value -> LegalReference? in
      guard let text = fields.prose(value, "`reason`") else { return nil }
      // The text layer has refused every character that a reference may not have.
      guard let reason = try? LegalReference(text) else {
        fields.report(.reasonTooLong(bytes: text.utf8.count), at: value.position)
        return nil
      }
      return reason
    }
    if exemption["wallets"] == nil, exemption["participants"] == nil {
      fields.report(
        .missingField("wallets` or `participants", of: "an exemption"), at: value.position)
      return nil
    }
    guard accounts.count + participants.count <= Limits.exemptAccountsMax else {
      fields.report(
        .tooMany(
          "exempt accounts", count: accounts.count + participants.count,
          max: Limits.exemptAccountsMax), at: value.position)
      return nil
    }
    guard !places.isEmpty, let until, let reason, !(accounts.isEmpty && participants.isEmpty)
    else { return nil }
    return Exemption(
      rules: places.sorted(), accounts: accounts, participants: participants, until: until,
      reason: reason)
  }

  private mutating func readAccounts(_ value: YAMLValue) -> [AccountID] {
    var lines: [AccountID: Int] = [:]
    for item in fields.list(value, "`wallets`") ?? [] {
      guard let account = readAccount(item) else { continue }
      if let first = lines[account] {
        fields.report(.itemTwice(account.description, first: first), at: item.position)
      }
      lines[account] = item.position.line
    }
    return lines.keys.sorted()
  }

  /// Reads an account's id, quoted or not.
  mutating func readAccount(_ value: YAMLValue) -> AccountID? {
    guard let text = fields.text(value, "an account") else { return nil }
    guard let bytes = Bytes16(uuidText: text) else {
      fields.report(.invalidAccount(text), at: value.position)
      return nil
    }
    return AccountID(bytes)
  }
}

extension Shape {
  static let calendar = Shape(
    noun: "a calendar", required: [], optional: ["timezone", "weekend", "holidays", "cut-off"])
  static let attribute = Shape(
    noun: "an attribute", required: ["of"], optional: ["words", "amount"])
  static let attributeAmount = Shape(
    noun: "`amount`", required: ["initial", "ceiling"], optional: ["raise-after"])
  static let event = Shape(noun: "an event", required: ["operations"], optional: ["when"])
  static let exemption = Shape(
    noun: "an exemption", required: ["rules", "until", "reason"],
    optional: ["wallets", "participants"])
}
