import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension TimeZoneTable {
  var message: Specie_V1_Zone {
    .with {
      $0.name = name
      $0.firstOffset = Int32(firstOffset)
      $0.transitions = transitions.map { transition in
        .with {
          $0.at = transition.at
          $0.offset = Int32(transition.offset)
        }
      }
      $0.footer = .with {
        $0.standardOffset = Int32(footer.standardOffset)
        guard let daylight = footer.daylight else { return }
        $0.daylightOffset = Int32(daylight.offset)
        $0.daylightStart = daylight.start.message
        $0.daylightEnd = daylight.end.message
      }
    }
  }

  init(_ message: Specie_V1_Zone) throws(WireError) {
    var transitions: [Transition] = []
    for transition in message.transitions {
      guard transitions.last.map({ $0.at < transition.at }) ?? true else {
        throw .invalidField("zones.transitions", problem: "they must ascend")
      }
      transitions.append(Transition(at: transition.at, offset: Int(transition.offset)))
    }
    var daylight: Daylight?
    switch (message.footer.hasDaylightStart, message.footer.hasDaylightEnd) {
    case (false, false): break
    case (true, true):
      daylight = Daylight(
        offset: Int(message.footer.daylightOffset),
        start: try RuleDate(message.footer.daylightStart),
        end: try RuleDate(message.footer.daylightEnd))
    case (true, false), (false, true):
      throw .invalidField("zones.footer", problem: "daylight saving has a start and an end")
    }
    let footer = Footer(standardOffset: Int(message.footer.standardOffset), daylight: daylight)
    self.init(
      name: message.name, firstOffset: Int(message.firstOffset), transitions: transitions,
      footer: footer)
    let offsets =
      [firstOffset, footer.standardOffset, footer.daylight?.offset ?? 0]
      + transitions.map(\.offset)
    guard offsets.allSatisfy({ Self.offsetSecondsRange ~= $0 }) else {
      throw .invalidField(
        "zones", problem: "an offset is -25 hours or less, or 26 or more (RFC 9636)")
    }
  }
}

extension TimeZoneTable.RuleDate {
  var message: Specie_V1_ZoneRuleDate {
    .with {
      $0.month = UInt32(month)
      $0.week = UInt32(week)
      $0.weekday = UInt32(weekday)
      $0.seconds = Int32(seconds)
    }
  }

  init(_ message: Specie_V1_ZoneRuleDate) throws(WireError) {
    guard 1...12 ~= message.month, 1...5 ~= message.week, message.weekday <= 6,
      TimeZoneTable.ruleSecondsRange ~= Int(message.seconds)
    else {
      throw .invalidField("zones.footer", problem: "no such date: month 1-12, week 1-5, day 0-6")
    }
    self.init(
      month: Int(message.month), week: Int(message.week), weekday: Int(message.weekday),
      seconds: Int(message.seconds))
  }
}
