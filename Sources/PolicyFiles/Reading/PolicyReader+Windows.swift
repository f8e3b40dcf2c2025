import LedgerModel

extension PolicyReader {
  /// Windows that take more than a word, as they are written.
  private static let windowForms = [
    "{rolling: DURATION}", "{week-from: WEEKDAY}", "{business-day: CALENDAR}",
    "{from: TIME, to: TIME}", "{since: EVENT}", "{after: EVENT, for: DURATION}",
  ]

  /// Words that writers may expect of a window.
  static let windowMeanings = [
    "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annual": "year",
    "transaction": "payment", "single": "payment", "total": "lifetime", "ever": "lifetime",
    "rolling": windowForms[0], "business-day": windowForms[2],
  ]

  /// What stands for a zone that is missing, so that the rest of a limit is read all the same.
  private static let noZone = TimeZoneTable(
    name: "UTC", firstOffset: 0, transitions: [],
    footer: TimeZoneTable.Footer(standardOffset: 0, daylight: nil))

  /// Returns the head's zone; where it is needed and the head names none, that is reported.
  mutating func headZone(at position: SourcePosition, isNeeded: Bool) -> TimeZoneTable {
    if isNeeded, !namesZone { fields.report(.zoneMissing, at: position) }
    return zone ?? Self.noZone
  }

  /// The zone of one limit: its own, or the head's.
  struct LimitZone {
    /// Where the limit names its own; `nil` where it does not.
    let position: SourcePosition?
    /// `nil` where it names none, or one that is none.
    let own: TimeZoneTable?
    var isUsed = false
  }

  /// Reads the zone that a limit names.
  mutating func limitZone(_ limit: Fields) -> LimitZone {
    LimitZone(
      position: limit["timezone"]?.position, own: limit["timezone"].flatMap { readZone($0) })
  }

  private mutating func zone(
    _ limit: inout LimitZone, at position: SourcePosition
  ) -> TimeZoneTable {
    let isFirstUse = !limit.isUsed
    limit.isUsed = true
    guard limit.position != nil else { return headZone(at: position, isNeeded: isFirstUse) }
    return limit.own ?? Self.noZone
  }

  /// Reads a window that is one word.
  mutating func window(
    word: String, _ limit: inout LimitZone, at position: SourcePosition
  ) -> Window? {
    switch word {
    case "payment": .payment
    case "lifetime": .lifetime
    case "day": .day(zone(&limit, at: position))
    case "week": .week(zone(&limit, at: position), first: .monday)
    case "month": .month(zone(&limit, at: position))
    case "year": .year(zone(&limit, at: position))
    default: nil
    }
  }

  /// Reads a window: a word, or a mapping of one kind.
  mutating func readWindow(
    _ value: YAMLValue, _ limit: inout LimitZone, at position: SourcePosition
  ) -> Window? {
    guard case .mapping = value.content else {
      return fields.word(
        value, "window", known: Window.words, forms: Self.windowForms,
        meanings: Self.windowMeanings
      ).flatMap { window(word: $0, &limit, at: position) }
    }
    guard let window = fields.fields(value, .window) else { return nil }
    let kinds = ["rolling", "week-from", "month-from", "business-day", "from", "since", "after"]
    guard let kind = fields.one(of: kinds, window, of: "a window") else { return nil }
    let companions = ["rolling": ["events"], "from": ["to", "on"], "after": ["for"]]
    for name in ["events", "to", "on", "for"] where companions[kind]?.contains(name) != true {
      guard let stray = window[name] else { continue }
      fields.report(.strayField(name, besides: kind), at: stray.position)
    }
    switch kind {
    case "rolling": return readRolling(window)
    case "week-from":
      return window[kind].flatMap { fields.word($0, "weekday", known: Weekday.words) }
        .flatMap(Weekday.init(word:)).map { .week(zone(&limit, at: position), first: $0) }
    case "month-from":
      let day = window[kind].flatMap { fields.text($0, "`month-from`") } ?? ""
      fields.report(.monthFrom(day), at: window[kind]?.position ?? value.position)
      return nil
    case "business-day":
      return window[kind].flatMap { calendar($0) }.map { .businessDay($0) }
    case "from": return readSpan(window, &limit, at: position)
    case "since": return window[kind].flatMap { event($0) }.map { .since($0) }
    default:
      let length = window["for"].flatMap { fields.span($0, "`for`") }
      if window["for"] == nil {
        fields.report(.missingField("for", of: "a window after an event"), at: value.position)
      }
      guard let name = window[kind].flatMap({ event($0) }), let length else { return nil }
      return .after(name, microseconds: length)
    }
  }

  private mutating func readRolling(_ window: Fields) -> Window? {
    let events =
      window["events"].map {
        fields.integer($0, "`events`", 1...Limits.rollingEventsMax)
      } ?? PolicyFileLimits.rollingEventsDefault
    guard let length = window["rolling"].flatMap({ fields.span($0, "`rolling`") }), let events
    else { return nil }
    return .rolling(microseconds: length, eventsMax: events)
  }

  private mutating func readSpan(
    _ window: Fields, _ limit: inout LimitZone, at position: SourcePosition
  ) -> Window? {
    let from = window["from"].flatMap { fields.timeOfDay($0, "`from`", 0...86_340) }
    let to = window["to"].flatMap { fields.timeOfDay($0, "`to`", 60...86_400) }
    if window["to"] == nil {
      fields.report(.missingField("to", of: "a span of time"), at: window.position)
    }
    let days = window["on"].map { readDays($0) } ?? .weekdays(Weekday.allCases)
    guard let from, let to, let days else { return nil }
    guard from != to else {
      fields.report(.emptySpan, at: window["to"]?.position ?? window.position)
      return nil
    }
    return .span(TimeSpan(zone: zone(&limit, at: position), from: from, to: to, days: days))
  }

  private mutating func readDays(_ value: YAMLValue) -> TimeSpan.Days? {
    switch value.content {
    case .scalar:
      return fields.word(value, "days", known: ["every-day"]).map { _ in
        .weekdays(Weekday.allCases)
      }
    case .list:
      return fields.words(value, "weekday", known: Weekday.words).map {
        .weekdays($0.compactMap(Weekday.init(word:)).sorted())
      }
    case .mapping:
      guard let days = fields.fields(value, .days),
        let kind = fields.one(of: ["business-days", "other-days"], days, of: "`on`"),
        let calendar = days[kind].flatMap({ calendar($0) })
      else { return nil }
      return kind == "business-days" ? .businessDays(calendar) : .otherDays(calendar)
    }
  }

  private mutating func calendar(_ value: YAMLValue) -> BusinessCalendar? {
    guard let word = fields.word(value, "calendar", known: calendars.map(\.name.text)),
      let calendar = calendars.first(where: { $0.name.text == word })
    else { return nil }
    usedCalendars.insert(calendar.name)
    return calendar
  }

  private mutating func event(_ value: YAMLValue) -> EventName? {
    guard let word = fields.word(value, "event", known: events.map(\.name.text)) else { return nil }
    return events.first { $0.name.text == word }?.name
  }
}

extension Shape {
  static let window = Shape(
    noun: "a window", required: [],
    optional: [
      "rolling", "events", "week-from", "month-from", "business-day", "from", "to", "on", "since",
      "after", "for",
    ],
    elsewhere: [
      "every": "write a word, as `day`, or `from`, `to` and `on`",
      "timezone": "a limit's zone is field `timezone` of the limit",
    ])
  static let days = Shape(noun: "`on`", required: [], optional: ["business-days", "other-days"])
}
