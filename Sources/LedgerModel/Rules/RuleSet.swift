/// A compiled rule set: what officers sign, what the log holds and what the core runs.
///
/// Every name in it is resolved and every time zone is spelled out, so that a replay in twenty
/// years decides as we did, whatever compiler and zone database it has.
///
/// - Source: docs/formats/rule-set.md.
public struct RuleSet: Hashable, Sendable {
  /// Of the compiled form: see ``RuleSet/newestFormat``.
  public let format: Int
  public let pack: PackName
  public let version: Int
  public let currency: CurrencyCode
  /// SHA-256 of the YAML that it was compiled from.
  public let sourceDigest: Bytes32
  /// Distinct, at most `Limits.tiersPerSetMax`; a wallet of another tier is refused.
  ///
  /// None where the set is not about wallets; then every tier is let through.
  public let tiers: [Tier]
  public let zones: [TimeZoneTable]
  public let calendars: [BusinessCalendar]
  /// What wallets and participants may be told apart by.
  public let attributes: [Attribute]
  /// What windows may count from.
  public let events: [EventDefinition]
  /// Whose signatures a rule may require.
  public let groups: [SignerGroup]
  /// Distinct, at most `Limits.rulesPerSetMax`, of which `Limits.countersPerSetMax` count.
  public let measures: [Measure]
  /// At most `Limits.rulesPerSetMax`, of distinct ids.
  public let rules: [Rule]
  public let exemptions: [Exemption]
  /// A set of another pack that leaves when this one comes into force.
  public let supersedes: PackVersion?
  /// Not in force before; `nil` for at once.
  public let effectiveFrom: LedgerTime?

  /// Format 1 has calendar windows, wallet scope and denials; format 2 all that is here.
  public static let newestFormat = 2

  public init(
    format: Int, pack: PackName, version: Int, currency: CurrencyCode, sourceDigest: Bytes32,
    tiers: [Tier], zones: [TimeZoneTable], calendars: [BusinessCalendar] = [],
    attributes: [Attribute] = [], events: [EventDefinition] = [], groups: [SignerGroup] = [],
    measures: [Measure], rules: [Rule], exemptions: [Exemption] = [],
    supersedes: PackVersion? = nil, effectiveFrom: LedgerTime? = nil
  ) {
    self.format = format
    self.pack = pack
    self.version = version
    self.currency = currency
    self.sourceDigest = sourceDigest
    self.tiers = tiers
    self.zones = zones
    self.calendars = calendars
    self.attributes = attributes
    self.events = events
    self.groups = groups
    self.measures = measures
    self.rules = rules
    self.exemptions = exemptions
    self.supersedes = supersedes
    self.effectiveFrom = effectiveFrom
  }

  /// Which version of which pack it is.
  public var packVersion: PackVersion { PackVersion(pack: pack, version: version) }
}

/// One version of one pack.
public struct PackVersion: Hashable, Sendable, CustomStringConvertible {
  public let pack: PackName
  public let version: Int

  public init(pack: PackName, version: Int) {
    self.pack = pack
    self.version = version
  }

  public var description: String { "\(pack) version \(version)" }
}

/// Keys of which a rule may require several on one statement.
public struct SignerGroup: Hashable, Sendable {
  public let name: GroupName
  /// Ascending, distinct, `1 ... Limits.keysPerGroupMax`.
  public let keys: [PublicKey]

  public init(name: GroupName, keys: [PublicKey]) {
    self.name = name
    self.keys = keys
  }
}

/// Accounts that some rules do not bind, for a reason and until an instant.
public struct Exemption: Hashable, Sendable {
  /// Indices into ``RuleSet/rules``, ascending, distinct, at least one.
  public let rules: [Int]
  /// Ascending, distinct; the accounts that are exempt.
  public let accounts: [AccountID]
  /// Ascending, distinct; all accounts of these participants are exempt.
  public let participants: [ParticipantID]
  /// Not exempt from this instant on.
  public let until: LedgerTime
  public let reason: LegalReference

  public init(
    rules: [Int], accounts: [AccountID], participants: [ParticipantID], until: LedgerTime,
    reason: LegalReference
  ) {
    self.rules = rules
    self.accounts = accounts
    self.participants = participants
    self.until = until
    self.reason = reason
  }
}
