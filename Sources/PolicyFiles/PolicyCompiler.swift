import LedgerModel
import LedgerPolicy
import LedgerWire
import MerkleLog

/// Turns a policy file into the rule set that officers sign.
public enum PolicyCompiler {
  /// Compiles a policy file.
  ///
  /// The same bytes, exponent and zone rules give the same set on every machine.
  ///
  /// - Parameters:
  ///   - bytes: The file; UTF-8. Its SHA-256 becomes the set's `sourceDigest`.
  ///   - file: What the file is called in messages.
  ///   - exponent: Decimal digits of the ledger's minor unit.
  ///   - acceptUnverified: Whether rules to be enforced may hold figures that no source confirms.
  ///   - zones: Where time zones come from.
  /// - Returns: A valid rule set, with the file's examples and warnings.
  /// - Throws: Every error of the file, in its order.
  public static func compile(
    bytes: [UInt8], file: String, exponent: Int, acceptUnverified: Bool = false,
    zones: ZoneDatabase = .system
  ) throws(PolicyFileErrors) -> CompiledPolicy {
    let start = SourcePosition(line: 1, column: 1)
    let text = try YAMLLayout.text(bytes, file: file)
    let root: YAMLValue
    do {
      root = try YAMLValue.read(text)
    } catch {
      throw PolicyFileErrors(file, [(error.position, error.problem)])
    }
    var reader = PolicyReader(file: file, exponent: exponent, zones: zones)
    reader.read(root)
    reader.checkRules()
    reader.checkExemptions()
    reader.checkUnverified(acceptUnverified: acceptUnverified)
    // A rule that was dropped for an error is missed by what names it, so that is no error as well.
    guard reader.fields.errors.isEmpty, let mode = reader.mode,
      let ruleSet = reader.ruleSet(sourceDigest: digest(of: bytes))
    else { throw reader.failure }
    do {
      try ruleSet.validate()
    } catch {
      // A draft may hold what no ledger has yet; elsewhere the reader has told it.
      guard case .notYet = error, mode == .draft else {
        reader.fields.report(.invalidRuleSet(error), at: start)
        throw reader.failure
      }
    }
    let byteCount = ruleSet.canonicalBytes.count
    guard byteCount <= Limits.ruleSetBytesMax else {
      reader.fields.report(.ruleSetTooLarge(bytes: byteCount), at: start)
      throw reader.failure
    }
    let excess = ruleSet.orderBytesMax(source: bytes) - Limits.instructionBytesMax
    guard mode == .draft || excess <= 0 else {
      reader.fields.report(
        .orderTooLarge(ruleSet: byteCount, file: bytes.count, excess: excess), at: start)
      throw reader.failure
    }
    return CompiledPolicy(
      file: file, ruleSet: ruleSet, byteCount: byteCount, mode: mode, exponent: exponent,
      effective: reader.effective,
      supersedes: reader.supersedes, sources: reader.sources,
      unverified: reader.unverified.map(\.cell),
      warnings: reader.fields.warnings.sorted { $0.position < $1.position },
      examples: reader.examples, rulePositions: reader.rules.map(\.position))
  }

  /// Compiles the text of a policy file, as
  /// ``compile(bytes:file:exponent:acceptUnverified:zones:)``.
  public static func compile(
    text: String, file: String, exponent: Int, acceptUnverified: Bool = false,
    zones: ZoneDatabase = .system
  ) throws(PolicyFileErrors) -> CompiledPolicy {
    try compile(
      bytes: Array(text.utf8), file: file, exponent: exponent, acceptUnverified: acceptUnverified,
      zones: zones)
  }

  private static func digest(of bytes: [UInt8]) -> Bytes32 {
    guard let digest = Bytes32(SHA256.hash(bytes).bytes) else {
      preconditionFailure("a digest has 32 bytes")
    }
    return digest
  }
}

extension RuleSet {
  /// Bytes of the longest order that can activate the set, with the file that it comes from.
  fileprivate func orderBytesMax(source: [UInt8]) -> Int {
    let order = ActivateRuleSet(
      ruleSet: self, source: source, from: LedgerTime(microseconds: .max), inShadow: true)
    let reference = String(repeating: "x", count: ClientReference.rule.bytesMax)
    return Instruction(
      id: InstructionID(milliseconds: 0, random: (0, 0)), operation: .activateRuleSet(order),
      reference: ClientReference(unchecked: reference)
    ).canonicalBytes.count
  }
}

extension PolicyReader {
  fileprivate var failure: PolicyFileErrors {
    PolicyFileErrors(
      errors: fields.errors.sorted { $0.position < $1.position },
      warnings: fields.warnings.sorted { $0.position < $1.position })
  }

  /// The rules with their measures in order of first use; `nil` where the head is not whole.
  fileprivate func ruleSet(sourceDigest: Bytes32) -> RuleSet? {
    guard let pack, let version, let currency else { return nil }
    var measures: [Measure] = []
    var places: [Measure: Int] = [:]
    var compiled: [Rule] = []
    for rule in rules {
      let index = places[rule.measure] ?? measures.count
      if index == measures.count {
        places[rule.measure] = index
        measures.append(rule.measure)
      }
      compiled.append(
        Rule(
          id: rule.id, measure: index, comparison: rule.comparison,
          countsPreviousOnly: rule.countsPreviousOnly, caps: rule.caps, action: rule.action,
          from: rule.from, until: rule.until, line: rule.position.line))
    }
    var usedZones: [TimeZoneTable] = []
    for zone in measures.compactMap(\.window.zone) + calendars.map(\.zone)
    where !usedZones.contains(where: { $0.name == zone.name }) {
      usedZones.append(zone)
    }
    return RuleSet(
      format: RuleSet.newestFormat, pack: pack, version: version, currency: currency,
      sourceDigest: sourceDigest, tiers: tiers, zones: usedZones, calendars: calendars,
      attributes: attributes, events: events, groups: groups, measures: measures, rules: compiled,
      exemptions: exemptions, supersedes: supersedes.flatMap { $0.pack == pack ? nil : $0 },
      effectiveFrom: effective.from)
  }
}
