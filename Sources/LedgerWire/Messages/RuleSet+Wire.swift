import FoundationEssentials
public import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension RuleSet {
  /// The one encoding, which officers sign inside their order.
  ///
  /// - Source: docs/formats/rule-set.md.
  public var canonicalBytes: [UInt8] {
    var message = Specie_V1_RuleSet()
    message.format = UInt32(format)
    message.pack = pack.text
    message.version = UInt32(version)
    message.currency = currency.description
    message.sourceDigest = sourceDigest.data
    message.tiers = tiers.map(\.text)
    message.zones = zones.map(\.message)
    message.measures = measures.map { measure in
      .with {
        $0.quantity = Specie_V1_Quantity(rawValue: measure.quantity.rawValue) ?? .unspecified
        $0.scope = Specie_V1_Scope(rawValue: measure.scope.rawValue) ?? .unspecified
        $0.window = Specie_V1_Window(rawValue: measure.window.rawValue) ?? .unspecified
        $0.direction = Specie_V1_Direction(rawValue: measure.direction.rawValue) ?? .unspecified
        $0.zone = UInt32(measure.zone.flatMap { zones.firstIndex(of: $0) } ?? 0)
        $0.operations = measure.operations.map {
          Specie_V1_RuleOperation(rawValue: $0.rawValue) ?? .unspecified
        }
      }
    }
    message.rules = rules.map { rule in
      .with {
        $0.id = rule.id.text
        $0.measure = UInt32(rule.measure)
        $0.action = Specie_V1_Action(rawValue: rule.action.rawValue) ?? .unspecified
        $0.maxima = rule.maxima.enumerated().compactMap { tier, maximum in
          maximum.map { maximum in
            .with {
              $0.tier = UInt32(tier)
              $0.maximum = maximum
            }
          }
        }
      }
    }
    return Canonical.encode(message)
  }

  /// Reads a rule set from its canonical bytes; whether it is sound, ``validate()`` says.
  ///
  /// - Throws: ``WireError/malformed(message:)``, ``WireError/nonCanonical(message:)`` or
  ///   ``WireError/invalidField(_:problem:)``.
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    let message = try Canonical.decode(Specie_V1_RuleSet.self, from: bytes, named: "rule set")
    var tiers: [Tier] = []
    for tier in message.tiers { tiers.append(try Field.name(tier, "tiers")) }
    var zones: [TimeZoneTable] = []
    for zone in message.zones { zones.append(try TimeZoneTable(zone)) }
    var measures: [Measure] = []
    for measure in message.measures { measures.append(try Measure(measure, zones: zones)) }
    var rules: [Rule] = []
    for rule in message.rules { rules.append(try Rule(rule, tierCount: tiers.count)) }
    self.init(
      format: Int(message.format), pack: try Field.name(message.pack, "pack"),
      version: Int(message.version), currency: try Field.currency(message.currency, "currency"),
      sourceDigest: try Field.bytes32(message.sourceDigest, "source_digest"), tiers: tiers,
      zones: zones, measures: measures, rules: rules)
    // A zone or a maximum that nothing refers to would be lost, and the bytes would mean less than
    // they say.
    guard canonicalBytes == bytes else { throw .nonCanonical(message: "rule set") }
  }
}

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

extension Measure {
  init(_ message: Specie_V1_Measure, zones: [TimeZoneTable]) throws(WireError) {
    guard let quantity = Quantity(rawValue: message.quantity.rawValue),
      let scope = Scope(rawValue: message.scope.rawValue),
      let window = Window(rawValue: message.window.rawValue),
      let direction = Direction(rawValue: message.direction.rawValue)
    else {
      throw .invalidField(
        "measures", problem: "a quantity, scope, window or direction is not known")
    }
    var operations: [Operation] = []
    for operation in message.operations {
      guard let known = Operation(rawValue: operation.rawValue) else {
        throw .invalidField("measures.operations", problem: "`\(operation)` is not known")
      }
      operations.append(known)
    }
    let isCalendar = window == .day || window == .month || window == .year
    guard !isCalendar || zones.indices.contains(Int(message.zone)) else {
      throw .invalidField("measures.zone", problem: "there is no zone \(message.zone)")
    }
    self.init(
      quantity: quantity, scope: scope, window: window, direction: direction,
      zone: isCalendar ? zones[Int(message.zone)] : nil, operations: operations)
  }
}

extension Rule {
  init(_ message: Specie_V1_Rule, tierCount: Int) throws(WireError) {
    guard let action = Action(rawValue: message.action.rawValue) else {
      throw .invalidField("rules.action", problem: "`\(message.action)` is not known")
    }
    var maxima = [UInt64?](repeating: nil, count: tierCount)
    for maximum in message.maxima {
      guard maxima.indices.contains(Int(maximum.tier)) else {
        throw .invalidField("rules.maxima", problem: "there is no tier \(maximum.tier)")
      }
      maxima[Int(maximum.tier)] = maximum.maximum
    }
    self.init(
      id: try Field.name(message.id, "rules.id"), measure: Int(message.measure), action: action,
      maxima: maxima)
  }
}
