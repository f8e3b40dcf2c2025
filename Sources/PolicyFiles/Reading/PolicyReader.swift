import LedgerModel

/// Reads a policy file into what its rule set is made of.
///
/// The head is here; `PolicyReader+…` has what stands below it, by topic.
struct PolicyReader {
  var fields: FieldReader
  let exponent: Int
  let zones: ZoneDatabase

  var pack: PackName?
  var version: Int?
  var currency: CurrencyCode?
  var mode: CompiledPolicy.Mode?
  var effective = PolicyValidity()
  /// As the file says it, be it of this pack or of another.
  var supersedes: PackVersion?
  /// The head's zone.
  var zone: TimeZoneTable?
  /// Whether the head names a zone, be it one or not.
  var namesZone = false
  var tiers: [Tier] = []
  var sources: [PolicySource] = []
  var calendars: [BusinessCalendar] = []
  var attributes: [Attribute] = []
  var events: [EventDefinition] = []
  var groups: [SignerGroup] = []
  var rules: [DraftRule] = []
  var exemptions: [Exemption] = []
  /// Where each exemption stands.
  var exemptionPositions: [SourcePosition] = []
  var unverified: [(cell: String, position: SourcePosition)] = []
  var examples: [PolicyExample] = []
  /// The line of every rule's id, also of those that were dropped for an error.
  var ids: [String: Int] = [:]
  /// Where each calendar stands.
  var calendarPositions: [SourcePosition] = []
  /// The calendars that a limit names.
  var usedCalendars: Set<CalendarName> = []

  init(file: String, exponent: Int, zones: ZoneDatabase) {
    self.fields = FieldReader(file: file)
    self.exponent = exponent
    self.zones = zones
  }

  /// Reads the whole file; what is wrong is in ``fields``.
  mutating func read(_ root: YAMLValue) {
    guard let top = fields.fields(root, .file) else { return }
    readHead(top)
    if let value = top["tiers"] { readTiers(value) }
    if let value = top["sources"] { readSources(value) }
    if let value = top["calendars"] { readCalendars(value) }
    if let value = top["attributes"] { readAttributes(value) }
    if let value = top["events"] { readEvents(value) }
    if let value = top["groups"] { readGroups(value) }
    // Where the tiers could not be read, every limit would be told to have too many.
    if let value = top["limits"], top["tiers"] == nil || !tiers.isEmpty { readLimits(value) }
    if let value = top["exemptions"] { readExemptions(value) }
    if let value = top["unverified"] { readUnverified(value) }
    if let value = top["tests"] { readTests(value) }
    for (calendar, position) in zip(calendars, calendarPositions)
    where !usedCalendars.contains(calendar.name) && fields.errors.isEmpty {
      fields.report(.unusedCalendar(calendar.name.text), at: position)
    }
  }

  private mutating func readHead(_ top: Fields) {
    if let value = top["schema"], let text = fields.text(value, "`schema`") {
      if text != "1" {
        fields.report(.unknownSchema(text), at: value.position)
      } else if value.isQuoted {
        fields.report(.quotedNumber(text), at: value.position)
      }
    }
    if let value = top["pack"] { readPack(value) }
    if let value = top["version"] {
      version = fields.integer(value, "`version`", 1...PolicyFileLimits.versionMax)
    }
    if let value = top["currency"], let text = fields.word(value, "`currency`") {
      currency = CurrencyCode(text)
      if currency == nil {
        let capitals = text.uppercased()
        fields.report(
          .unknownCurrency(text, suggestion: CurrencyCode(capitals) == nil ? nil : capitals),
          at: value.position)
      }
    }
    if let value = top["timezone"] {
      namesZone = true
      zone = readZone(value)
    }
    if let value = top["mode"] {
      let known = CompiledPolicy.Mode.allCases.map(\.rawValue)
      mode = fields.word(value, "mode", known: known).flatMap(CompiledPolicy.Mode.init)
    }
    if let value = top["effective"] { effective = readValidity(value) }
    if let value = top["supersedes"] { readSupersedes(value) }
  }

  private mutating func readPack(_ value: YAMLValue) {
    guard let name = fields.name(value, PackName.self) else { return }
    // The ledger's own names are wider: logs may hold sets of such a name.
    guard let first = name.text.utf8.first, let last = name.text.utf8.last,
      ![first, last].contains(where: { UInt8(ascii: "-")...UInt8(ascii: ".") ~= $0 })
    else {
      fields.report(.packNameEdge(name.text), at: value.position)
      return
    }
    pack = name
  }

  mutating func readZone(_ value: YAMLValue) -> TimeZoneTable? {
    guard let name = fields.text(value, "`timezone`") else { return nil }
    switch zones.table(named: name) {
    case .success(let table):
      if value.isQuoted { fields.report(.quotedWord(name), at: value.position) }
      return table
    case .failure(let failure):
      fields.report(failure.problem, at: value.position)
      return nil
    }
  }

  /// Reads `{from: "…", until: "…"}`, half-open; `none` is for no end.
  mutating func readValidity(_ value: YAMLValue) -> PolicyValidity {
    guard let validity = fields.fields(value, .validity) else { return PolicyValidity() }
    guard validity["from"] != nil || validity["until"] != nil else {
      fields.report(.wantedOne(of: ["from", "until"], in: "`effective`"), at: value.position)
      return PolicyValidity()
    }
    let from = validity["from"].flatMap { fields.time($0, "`from`") }
    let until = validity["until"].flatMap { value -> LedgerTime? in
      value.text == "none" && !value.isQuoted ? nil : fields.time(value, "`until`")
    }
    if let from, let until, until <= from {
      fields.report(.emptySpan, at: validity["until"]?.position ?? value.position)
      return PolicyValidity()
    }
    return PolicyValidity(from: from, until: until)
  }

  private mutating func readSupersedes(_ value: YAMLValue) {
    guard let old = fields.fields(value, .supersedes) else { return }
    let pack = old["pack"].flatMap { fields.name($0, PackName.self) }
    let number = old["version"].flatMap {
      fields.integer($0, "`version`", 1...PolicyFileLimits.versionMax)
    }
    guard let pack, let number else { return }
    supersedes = PackVersion(pack: pack, version: number)
    if pack == self.pack, let version, number >= version {
      fields.report(
        .supersedesNotLower(number, version: version),
        at: old["version"]?.position ?? value.position)
    }
  }

  private mutating func readTiers(_ value: YAMLValue) {
    guard let items = fields.list(value, "`tiers`") else { return }
    guard items.count <= Limits.tiersPerSetMax else {
      fields.report(
        .tooMany("tiers", count: items.count, max: Limits.tiersPerSetMax), at: value.position)
      return
    }
    var lines: [Tier: Int] = [:]
    for item in items {
      if let text = item.text { fields.define(text, as: "tier", "tier-not") }
      guard let tier = fields.name(item, Tier.self) else { continue }
      if let first = lines[tier] {
        fields.report(.duplicateID(tier.text, first: first), at: item.position)
      } else if Self.capWords.contains(tier.text) {
        fields.report(.reservedTier(tier.text), at: item.position)
      } else {
        warnOfConfusion(of: tier.text, with: tiers.map(\.text), at: item.position)
        lines[tier] = item.position.line
        tiers.append(tier)
      }
    }
  }

  /// Reports a name that is easily read as another one (W09).
  mutating func warnOfConfusion(
    of name: String, with others: [String], at position: SourcePosition
  ) {
    let skeleton = Confusables.skeleton(name)
    guard let other = others.first(where: { Confusables.skeleton($0) == skeleton }) else { return }
    fields.report(.confusable(name, with: other), at: position)
  }

  private mutating func readSources(_ value: YAMLValue) {
    for (key, value) in fields.pairs(value, "`sources`") ?? [] {
      guard let id = fields.word(key, "source") else { continue }
      fields.define(id, as: "source")
      guard let source = fields.fields(value, .source) else { continue }
      let title = source["title"].flatMap { fields.prose($0, "`title`") }
      let url = source["url"].flatMap { fields.text($0, "`url`") }
      let dated = source["dated"].flatMap { value -> String? in
        guard let text = fields.text(value, "`dated`") else { return nil }
        if !value.isQuoted { fields.report(.unquotedTime(text), at: value.position) }
        return text
      }
      let known = PolicySource.Grade.allCases.map(\.rawValue)
      let grade = source["grade"].flatMap { fields.word($0, "grade", known: known) }
      guard let title, let dated, let grade = grade.flatMap(PolicySource.Grade.init)
      else { continue }
      sources.append(PolicySource(id: id, title: title, url: url, dated: dated, grade: grade))
    }
  }

  private mutating func readUnverified(_ value: YAMLValue) {
    let known = rules.flatMap { rule in
      rule.isByTier && !tiers.isEmpty ? tiers.map { "\(rule.id).\($0)" } : [rule.id.text]
    }
    for item in fields.list(value, "`unverified`") ?? [] {
      guard let cell = fields.word(item, "figure", known: known) else { continue }
      if let first = unverified.first(where: { $0.cell == cell }) {
        fields.report(.itemTwice(cell, first: first.position.line), at: item.position)
      } else {
        unverified.append((cell, item.position))
      }
    }
  }
}

extension Shape {
  static let file = Shape(
    noun: "the file",
    required: ["schema", "pack", "version", "currency", "mode", "limits"],
    optional: [
      "timezone", "tiers", "sources", "unverified", "effective", "supersedes", "calendars",
      "attributes", "events", "groups", "exemptions", "tests",
    ],
    elsewhere: [
      "on-error": "rules always refuse on error; leave it out",
      "defs": "each limit says all of itself; leave it out",
    ])

  static let validity = Shape(
    noun: "`effective`", required: [], optional: ["from", "until"])

  static let supersedes = Shape(
    noun: "`supersedes`", required: ["pack", "version"], optional: [])

  static let source = Shape(
    noun: "a source", required: ["title", "dated", "grade"], optional: ["url"])
}
