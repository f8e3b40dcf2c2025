import FoundationEssentials
public import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension RuleSet {
  /// The one encoding, which officers sign inside their order.
  ///
  /// - Source: docs/formats/rule-set.md.
  public var canonicalBytes: [UInt8] {
    let names = RuleNames(self)
    var message = Specie_V1_RuleSet()
    message.format = UInt32(format)
    message.pack = pack.text
    message.version = UInt32(version)
    message.currency = currency.description
    message.sourceDigest = sourceDigest.data
    message.tiers = tiers.map(\.text)
    message.zones = zones.map(\.message)
    message.calendars = calendars.map { $0.message(names) }
    message.attributes = attributes.map(\.message)
    message.events = events.map { $0.message(names) }
    message.groups = groups.map { group in
      .with {
        $0.name = group.name.text
        $0.keys = group.keys.map(\.value.data)
      }
    }
    message.measures = measures.map { $0.message(names) }
    message.rules = rules.map { $0.message(names) }
    message.exemptions = exemptions.map(\.message)
    if let supersedes {
      message.supersedes = .with {
        $0.pack = supersedes.pack.text
        $0.version = UInt32(supersedes.version)
      }
    }
    message.effectiveFrom = effectiveFrom?.microseconds ?? 0
    return Canonical.encode(message)
  }

  /// Reads a rule set from its canonical bytes; whether it is sound, ``validate()`` says.
  ///
  /// - Throws: ``WireError/malformed(message:)``, ``WireError/nonCanonical(message:)`` or
  ///   ``WireError/invalidField(_:problem:)``.
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    let message = try Canonical.decode(Specie_V1_RuleSet.self, from: bytes, named: "rule set")
    var names = RuleNames()
    for tier in message.tiers { names.tiers.append(try Field.name(tier, "tiers")) }
    for zone in message.zones { names.zones.append(try TimeZoneTable(zone)) }
    for calendar in message.calendars {
      names.calendars.append(try BusinessCalendar(calendar, names))
    }
    for attribute in message.attributes { names.attributes.append(try Attribute(attribute)) }
    for event in message.events { names.events.append(try EventDefinition(event, names)) }
    var groups: [SignerGroup] = []
    for group in message.groups { groups.append(try SignerGroup(group)) }
    var measures: [Measure] = []
    for measure in message.measures { measures.append(try Measure(measure, names)) }
    var rules: [Rule] = []
    for rule in message.rules { rules.append(try Rule(rule, names)) }
    var exemptions: [Exemption] = []
    for exemption in message.exemptions { exemptions.append(try Exemption(exemption)) }
    self.init(
      format: Int(message.format), pack: try Field.name(message.pack, "pack"),
      version: Int(message.version), currency: try Field.currency(message.currency, "currency"),
      sourceDigest: try Field.bytes32(message.sourceDigest, "source_digest"), tiers: names.tiers,
      zones: names.zones, calendars: names.calendars, attributes: names.attributes,
      events: names.events, groups: groups, measures: measures, rules: rules,
      exemptions: exemptions,
      supersedes: message.hasSupersedes ? try PackVersion(message.supersedes) : nil,
      effectiveFrom: LedgerTime(bound: message.effectiveFrom))
    // What nothing refers to would be lost, and the bytes would mean less than they say.
    guard canonicalBytes == bytes else { throw .nonCanonical(message: "rule set") }
  }
}

/// What the parts of a rule set refer to by index.
struct RuleNames {
  var tiers: [Tier] = []
  var zones: [TimeZoneTable] = []
  var calendars: [BusinessCalendar] = []
  var attributes: [Attribute] = []
  var events: [EventDefinition] = []

  init() {}

  init(_ set: RuleSet) {
    tiers = set.tiers
    zones = set.zones
    calendars = set.calendars
    attributes = set.attributes
    events = set.events
  }

  /// The index of what is one of the set's, or of nothing where it is none: ``RuleSet/validate()``
  /// says so.
  func index<Value: Equatable>(of value: Value?, in values: [Value]) -> UInt32 {
    UInt32(value.flatMap { values.firstIndex(of: $0) } ?? 0)
  }

  func attributeIndex(_ name: AttributeName) -> UInt32 {
    UInt32(attributes.firstIndex { $0.name == name } ?? 0)
  }

  func eventIndex(_ name: EventName) -> UInt32 {
    UInt32(events.firstIndex { $0.name == name } ?? 0)
  }

  func zone(_ index: UInt32, _ field: String) throws(WireError) -> TimeZoneTable {
    try Self.value(index, of: zones, field)
  }

  func calendar(_ index: UInt32, _ field: String) throws(WireError) -> BusinessCalendar {
    try Self.value(index, of: calendars, field)
  }

  func attribute(_ index: UInt32, _ field: String) throws(WireError) -> AttributeName {
    try Self.value(index, of: attributes, field).name
  }

  func event(_ index: UInt32, _ field: String) throws(WireError) -> EventName {
    try Self.value(index, of: events, field).name
  }

  private static func value<Value>(
    _ index: UInt32, of values: [Value], _ field: String
  ) throws(WireError) -> Value {
    guard values.indices.contains(Int(index)) else {
      throw .invalidField(field, problem: "there is none of number \(index)")
    }
    return values[Int(index)]
  }
}

extension LedgerTime {
  /// Reads a bound, of which zero is none.
  init?(bound microseconds: UInt64) {
    guard microseconds > 0 else { return nil }
    self.init(microseconds: microseconds)
  }
}

extension PackVersion {
  init(_ message: Specie_V1_PackVersion) throws(WireError) {
    self.init(
      pack: try Field.name(message.pack, "supersedes.pack"), version: Int(message.version))
  }
}

extension SignerGroup {
  init(_ message: Specie_V1_SignerGroup) throws(WireError) {
    var keys: [PublicKey] = []
    for key in message.keys { keys.append(PublicKey(try Field.bytes32(key, "groups.keys"))) }
    self.init(name: try Field.name(message.name, "groups.name"), keys: keys)
  }
}

extension Exemption {
  var message: Specie_V1_Exemption {
    .with {
      $0.rules = rules.map { UInt32($0) }
      $0.accounts = accounts.map(\.value.data)
      $0.participants = participants.map(\.text)
      $0.until = until.microseconds
      $0.reason = reason.text
    }
  }

  init(_ message: Specie_V1_Exemption) throws(WireError) {
    var accounts: [AccountID] = []
    for account in message.accounts {
      accounts.append(try Field.account(account, "exemptions.accounts"))
    }
    var participants: [ParticipantID] = []
    for participant in message.participants {
      participants.append(try Field.participant(participant, "exemptions.participants"))
    }
    self.init(
      rules: message.rules.map { Int($0) }, accounts: accounts, participants: participants,
      until: LedgerTime(microseconds: message.until),
      reason: try Field.name(message.reason, "exemptions.reason"))
  }
}
