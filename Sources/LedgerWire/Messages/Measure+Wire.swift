import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension Measure {
  func message(_ names: RuleNames) -> Specie_V1_Measure {
    .with {
      $0.quantity = Specie_V1_Quantity(rawValue: quantity.rawValue) ?? .unspecified
      $0.scope = Specie_V1_Scope(rawValue: scope.rawValue) ?? .unspecified
      $0.direction = Specie_V1_Direction(rawValue: direction.rawValue) ?? .unspecified
      $0.operations = operations.map(\.message)
      if filter != .everything { $0.filter = filter.message(names) }
      switch window {
      case .payment: $0.window = .payment
      case .lifetime: $0.window = .lifetime
      case .day(let zone):
        $0.window = .day
        $0.zone = names.index(of: zone, in: names.zones)
      case .week(let zone, let first):
        $0.window = .week
        $0.zone = names.index(of: zone, in: names.zones)
        $0.firstWeekday = UInt32(first.rawValue)
      case .month(let zone):
        $0.window = .month
        $0.zone = names.index(of: zone, in: names.zones)
      case .year(let zone):
        $0.window = .year
        $0.zone = names.index(of: zone, in: names.zones)
      case .businessDay(let calendar):
        $0.window = .businessDay
        $0.calendar = names.index(of: calendar, in: names.calendars)
      case .span(let span):
        $0.window = .span
        $0.zone = names.index(of: span.zone, in: names.zones)
        $0.span = span.message(names)
      case .rolling(let microseconds, let eventsMax):
        $0.window = .rolling
        $0.length = microseconds
        $0.eventsMax = UInt32(clamping: eventsMax)
      case .since(let event):
        $0.window = .since
        $0.event = names.eventIndex(event)
      case .after(let event, let microseconds):
        $0.window = .after
        $0.event = names.eventIndex(event)
        $0.length = microseconds
      }
    }
  }

  init(_ message: Specie_V1_Measure, _ names: RuleNames) throws(WireError) {
    guard let quantity = Quantity(rawValue: message.quantity.rawValue),
      let scope = Scope(rawValue: message.scope.rawValue),
      let direction = Direction(rawValue: message.direction.rawValue)
    else {
      throw .invalidField("measures", problem: "a quantity, scope or direction is not known")
    }
    self.init(
      quantity: quantity, scope: scope, window: try Window(message, names), direction: direction,
      operations: try Operation.list(message.operations, "measures.operations"),
      filter: message.hasFilter ? try PaymentFilter(message.filter, names) : .everything)
  }
}

extension Measure.Operation {
  var message: Specie_V1_RuleOperation {
    Specie_V1_RuleOperation(rawValue: rawValue) ?? .unspecified
  }

  static func list(
    _ messages: [Specie_V1_RuleOperation], _ field: String
  ) throws(WireError) -> [Measure.Operation] {
    var operations: [Measure.Operation] = []
    for message in messages {
      guard let operation = Measure.Operation(rawValue: message.rawValue) else {
        throw .invalidField(field, problem: "`\(message)` is not known")
      }
      operations.append(operation)
    }
    return operations
  }
}

extension Window {
  fileprivate init(_ message: Specie_V1_Measure, _ names: RuleNames) throws(WireError) {
    switch message.window {
    case .payment: self = .payment
    case .lifetime: self = .lifetime
    case .day: self = .day(try names.zone(message.zone, "measures.zone"))
    case .week:
      guard let first = Weekday(rawValue: Int(message.firstWeekday)) else {
        throw .invalidField("measures.first_weekday", problem: "use 1 to 7")
      }
      self = .week(try names.zone(message.zone, "measures.zone"), first: first)
    case .month: self = .month(try names.zone(message.zone, "measures.zone"))
    case .year: self = .year(try names.zone(message.zone, "measures.zone"))
    case .businessDay:
      self = .businessDay(try names.calendar(message.calendar, "measures.calendar"))
    case .span:
      self = .span(
        try TimeSpan(message.span, in: try names.zone(message.zone, "measures.zone"), names))
    case .rolling:
      self = .rolling(microseconds: message.length, eventsMax: Int(message.eventsMax))
    case .since: self = .since(try names.event(message.event, "measures.event"))
    case .after:
      self = .after(
        try names.event(message.event, "measures.event"), microseconds: message.length)
    case .unspecified, .UNRECOGNIZED:
      throw .invalidField("measures.window", problem: "`\(message.window)` is not known")
    }
  }
}

extension TimeSpan {
  fileprivate func message(_ names: RuleNames) -> Specie_V1_Span {
    .with {
      $0.from = UInt32(clamping: from)
      $0.to = UInt32(clamping: to)
      switch days {
      case .weekdays(let weekdays):
        $0.days = .weekdays
        $0.weekdays = weekdays.map { UInt32($0.rawValue) }
      case .businessDays(let calendar):
        $0.days = .businessDays
        $0.calendar = names.index(of: calendar, in: names.calendars)
      case .otherDays(let calendar):
        $0.days = .otherDays
        $0.calendar = names.index(of: calendar, in: names.calendars)
      }
    }
  }

  fileprivate init(
    _ message: Specie_V1_Span, in zone: TimeZoneTable, _ names: RuleNames
  ) throws(WireError) {
    let days: Days
    switch message.days {
    case .weekdays: days = .weekdays(try Weekday.list(message.weekdays, "measures.span.weekdays"))
    case .businessDays:
      days = .businessDays(try names.calendar(message.calendar, "measures.span.calendar"))
    case .otherDays:
      days = .otherDays(try names.calendar(message.calendar, "measures.span.calendar"))
    case .unspecified, .UNRECOGNIZED:
      throw .invalidField("measures.span.days", problem: "`\(message.days)` is not known")
    }
    self.init(zone: zone, from: Int(message.from), to: Int(message.to), days: days)
  }
}
