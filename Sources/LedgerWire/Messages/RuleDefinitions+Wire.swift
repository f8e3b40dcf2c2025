import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension BusinessCalendar {
  func message(_ names: RuleNames) -> Specie_V1_BusinessCalendar {
    .with {
      $0.name = name.text
      $0.zone = names.index(of: zone, in: names.zones)
      $0.weekend = weekend.map { UInt32($0.rawValue) }
      $0.holidays = holidays.map { Int32(clamping: $0) }
      $0.cutOff = UInt32(clamping: cutOffSeconds)
    }
  }

  init(_ message: Specie_V1_BusinessCalendar, _ names: RuleNames) throws(WireError) {
    self.init(
      name: try Field.name(message.name, "calendars.name"),
      zone: try names.zone(message.zone, "calendars.zone"),
      weekend: try Weekday.list(message.weekend, "calendars.weekend"),
      holidays: message.holidays.map { Int($0) }, cutOffSeconds: Int(message.cutOff))
  }
}

extension Weekday {
  static func list(_ numbers: [UInt32], _ field: String) throws(WireError) -> [Weekday] {
    var weekdays: [Weekday] = []
    for number in numbers {
      guard let weekday = Weekday(rawValue: Int(number)) else {
        throw .invalidField(field, problem: "`\(number)` is no weekday; use 1 to 7")
      }
      weekdays.append(weekday)
    }
    return weekdays
  }
}

extension Attribute {
  var message: Specie_V1_Attribute {
    .with {
      $0.name = name.text
      $0.holder = Specie_V1_AttributeHolder(rawValue: holder.rawValue) ?? .unspecified
      switch kind {
      case .words(let words): $0.words = words.map(\.text)
      case .amount(let amount):
        $0.amount = .with {
          $0.hasInitial_p = amount.initial != nil
          $0.initial = amount.initial ?? 0
          $0.hasCeiling_p = amount.ceiling != nil
          $0.ceiling = amount.ceiling ?? 0
          $0.raiseAfter = amount.raiseAfterMicroseconds
        }
      }
    }
  }

  init(_ message: Specie_V1_Attribute) throws(WireError) {
    guard let holder = Holder(rawValue: message.holder.rawValue) else {
      throw .invalidField("attributes.holder", problem: "`\(message.holder)` is not known")
    }
    let kind: Kind
    if message.hasAmount {
      let amount = message.amount
      kind = .amount(
        AttributeAmount(
          initial: amount.hasInitial_p ? amount.initial : nil,
          ceiling: amount.hasCeiling_p ? amount.ceiling : nil,
          raiseAfterMicroseconds: amount.raiseAfter))
    } else {
      var words: [AttributeWord] = []
      for word in message.words { words.append(try Field.name(word, "attributes.words")) }
      kind = .words(words)
    }
    self.init(name: try Field.name(message.name, "attributes.name"), holder: holder, kind: kind)
  }
}

extension EventDefinition {
  func message(_ names: RuleNames) -> Specie_V1_Event {
    .with {
      $0.name = name.text
      switch trigger {
      case .recorded: $0.trigger = .recorded
      case .opened: $0.trigger = .opened
      case .firstPayment: $0.trigger = .firstPayment
      case .payment(let operations, let filter):
        $0.trigger = .payment
        $0.operations = operations.map(\.message)
        if filter != .everything { $0.filter = filter.message(names) }
      }
    }
  }

  init(_ message: Specie_V1_Event, _ names: RuleNames) throws(WireError) {
    let trigger: Trigger
    switch message.trigger {
    case .recorded: trigger = .recorded
    case .opened: trigger = .opened
    case .firstPayment: trigger = .firstPayment
    case .payment:
      trigger = .payment(
        try Measure.Operation.list(message.operations, "events.operations"),
        message.hasFilter ? try PaymentFilter(message.filter, names) : .everything)
    case .unspecified, .UNRECOGNIZED:
      throw .invalidField("events.trigger", problem: "`\(message.trigger)` is not known")
    }
    self.init(name: try Field.name(message.name, "events.name"), trigger: trigger)
  }
}

extension PaymentFilter {
  func message(_ names: RuleNames) -> Specie_V1_PaymentFilter {
    .with {
      if let channel { $0.channel = channel.message }
      if let purpose { $0.purpose = purpose.message }
      if payer != .everything { $0.payer = payer.message(names) }
      if payee != .everything { $0.payee = payee.message(names) }
      if let acquaintance { $0.acquaintance = acquaintance.message }
    }
  }

  init(_ message: Specie_V1_PaymentFilter, _ names: RuleNames) throws(WireError) {
    self.init(
      channel: message.hasChannel ? try WordTest(message.channel, "filter.channel") : nil,
      purpose: message.hasPurpose ? try WordTest(message.purpose, "filter.purpose") : nil,
      payer: message.hasPayer ? try LegFilter(message.payer, names) : .everything,
      payee: message.hasPayee ? try LegFilter(message.payee, names) : .everything,
      acquaintance: message.hasAcquaintance ? try Acquaintance(message.acquaintance) : nil)
  }
}

extension WordTest {
  var message: Specie_V1_WordTest {
    .with {
      $0.words = words.map(\.text)
      $0.excludes = excludes
    }
  }

  init(_ message: Specie_V1_WordTest, _ field: String) throws(WireError) {
    var words: [Word] = []
    for word in message.words { words.append(try Field.name(word, field)) }
    self.init(words, excludes: message.excludes)
  }
}

extension LegFilter {
  func message(_ names: RuleNames) -> Specie_V1_LegFilter {
    .with {
      if let tier { $0.tier = tier.message }
      if let participant { $0.participant = participant.message }
      $0.attributes = attributes.map { test in
        .with {
          $0.attribute = names.attributeIndex(test.attribute)
          $0.test = test.test.message
        }
      }
    }
  }

  init(_ message: Specie_V1_LegFilter, _ names: RuleNames) throws(WireError) {
    var attributes: [AttributeTest] = []
    for test in message.attributes {
      attributes.append(
        AttributeTest(
          attribute: try names.attribute(test.attribute, "filter.attributes"),
          test: try WordTest(test.test, "filter.attributes")))
    }
    self.init(
      tier: message.hasTier ? try WordTest(message.tier, "filter.tier") : nil,
      participant: message.hasParticipant
        ? try WordTest(message.participant, "filter.participant") : nil,
      attributes: attributes)
  }
}

extension Acquaintance {
  var message: Specie_V1_Acquaintance {
    .with {
      $0.kind = Specie_V1_AcquaintanceKind(rawValue: kind.rawValue) ?? .unspecified
      $0.atLeast = microseconds
      $0.excludes = excludes
    }
  }

  init(_ message: Specie_V1_Acquaintance) throws(WireError) {
    guard let kind = Kind(rawValue: message.kind.rawValue) else {
      throw .invalidField("filter.acquaintance", problem: "`\(message.kind)` is not known")
    }
    self.init(kind: kind, microseconds: message.atLeast, excludes: message.excludes)
  }
}
