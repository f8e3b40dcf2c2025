import LedgerModel
import PolicyFiles

/// An order to activate rules, held against what its own policy file compiles to here.
struct RecompiledRules {
  private let order: ActivateRuleSet
  private let file: String
  private let exponent: Int

  /// - Throws: ``CommandFault/invalidArgument(_:)`` where the currency's digits are not known.
  init(_ order: ActivateRuleSet, scales: CurrencyScales, file: String) throws(CommandFault) {
    guard let scale = scales.scales.first(where: { $0.code == order.ruleSet.currency }) else {
      throw .invalidArgument(
        "to compile the rules again, the digits of \(order.ruleSet.currency) are needed: give "
          + "--currency-digits \(order.ruleSet.currency):2, or as many as the ledger has")
    }
    self.order = order
    self.file = file
    exponent = scale.exponent
  }

  /// Compiles the source, and compares.
  ///
  /// - Returns: What was found, in plain words.
  /// - Throws: ``CommandFault`` where the compiled rules are others.
  func check(acceptZoneDifferences: Bool) throws -> String {
    guard !order.source.isEmpty else {
      throw CommandFault.fileInvalid(
        path: file, problem: "the rules come without the policy file that they were compiled from")
    }
    let compiled: CompiledPolicy
    do {
      compiled = try PolicyCompiler.compile(
        bytes: order.source, file: "policy in \(file)", exponent: exponent, acceptUnverified: true)
    } catch {
      throw CommandFault.fileInvalid(
        path: file, problem: "its policy file does not compile:\n\(error)")
    }
    guard compiled.mode == .enforce || (compiled.mode == .shadow && order.inShadow) else {
      throw CommandFault.fileInvalid(
        path: file, problem: "its policy file says `mode: \(compiled.mode.rawValue)`")
    }
    var lines = order.ruleSet.zones.map {
      "zone \($0.name): \($0.transitions.count) transitions from 1970 on"
    }
    if !compiled.unverified.isEmpty {
      lines.append("UNVERIFIED FIGURES: \(compiled.unverified.joined(separator: ", "))")
    }
    if compiled.ruleSet == order.ruleSet {
      return (lines + ["the rules are what the policy file compiles to here"])
        .joined(separator: "\n")
    }
    guard order.ruleSet.withoutTransitions == compiled.ruleSet.withoutTransitions else {
      throw CommandFault.fileInvalid(
        path: file, problem: "its rules are not what its policy file compiles to; do not sign it")
    }
    for (theirs, ours) in zip(order.ruleSet.zones, compiled.ruleSet.zones) where theirs != ours {
      lines.append(
        "zone \(theirs.name) differs: \(theirs.transitions.count) transitions in the draft, "
          + "\(ours.transitions.count) on this machine")
      lines += Self.list("only in the draft", theirs.transitions, without: ours.transitions)
      lines += Self.list("only on this machine", ours.transitions, without: theirs.transitions)
    }
    guard acceptZoneDifferences else {
      throw CommandFault.fileInvalid(
        path: file,
        problem: lines.joined(separator: "; ")
          + "; where that is right, sign with --accept-zone-differences")
    }
    return lines.joined(separator: "\n")
  }

  /// Of transitions that differ; a zone may have hundreds.
  private static let transitionsShown = 20

  private static func list(
    _ noun: String, _ transitions: [TimeZoneTable.Transition],
    without others: [TimeZoneTable.Transition]
  ) -> [String] {
    let known = Set(others)
    let missing = transitions.filter { !known.contains($0) }
    var lines = missing.prefix(transitionsShown).map { transition in
      // Before 1970 an instant has no form of RFC 3339 here.
      let instant =
        transition.at < 0
        ? "\(-transition.at) s before 1970"
        : LedgerTime(microseconds: UInt64(transition.at) * 1_000_000).description
      return "  \(noun): from \(instant), UTC plus \(transition.offset) s"
    }
    if missing.count > transitionsShown {
      lines.append("  \(noun): and \(missing.count - transitionsShown) more")
    }
    return lines
  }
}

extension RuleSet {
  /// The set with zones that lack their transitions alone, to tell a difference in them from any
  /// other: the footer says what holds for all time after the last one, and is compared.
  fileprivate var withoutTransitions: RuleSet {
    RuleSet(
      format: format, pack: pack, version: version, currency: currency,
      sourceDigest: sourceDigest, tiers: tiers, zones: zones.map(\.withoutTransitions),
      calendars: calendars.map(\.withoutTransitions), attributes: attributes, events: events,
      groups: groups,
      measures: measures.map {
        Measure(
          quantity: $0.quantity, scope: $0.scope, window: $0.window.withoutTransitions,
          direction: $0.direction, operations: $0.operations, filter: $0.filter)
      }, rules: rules, exemptions: exemptions, supersedes: supersedes,
      effectiveFrom: effectiveFrom)
  }
}

extension TimeZoneTable {
  fileprivate var withoutTransitions: TimeZoneTable {
    TimeZoneTable(name: name, firstOffset: firstOffset, transitions: [], footer: footer)
  }
}

extension BusinessCalendar {
  fileprivate var withoutTransitions: BusinessCalendar {
    BusinessCalendar(
      name: name, zone: zone.withoutTransitions, weekend: weekend, holidays: holidays,
      cutOffSeconds: cutOffSeconds)
  }
}

extension Window {
  fileprivate var withoutTransitions: Window {
    switch self {
    case .day(let zone): .day(zone.withoutTransitions)
    case .week(let zone, let first): .week(zone.withoutTransitions, first: first)
    case .month(let zone): .month(zone.withoutTransitions)
    case .year(let zone): .year(zone.withoutTransitions)
    case .businessDay(let calendar): .businessDay(calendar.withoutTransitions)
    case .span(let span):
      .span(
        TimeSpan(
          zone: span.zone.withoutTransitions, from: span.from, to: span.to,
          days: span.days.withoutTransitions))
    case .payment, .lifetime, .rolling, .since, .after: self
    }
  }
}

extension TimeSpan.Days {
  fileprivate var withoutTransitions: TimeSpan.Days {
    switch self {
    case .weekdays: self
    case .businessDays(let calendar): .businessDays(calendar.withoutTransitions)
    case .otherDays(let calendar): .otherDays(calendar.withoutTransitions)
    }
  }
}
