import LedgerModel

/// What is said of the two sides before the payments: attributes, events, acquaintances, signers.
extension DiffArrangements {
  func party(
    _ tier: Tier?, _ name: String, _ leg: LegFilter, _ avoided: LegFilter?
  ) -> DiffTrial.Party {
    var party = DiffTrial.Party(
      tier: tier,
      participant: Self.word(
        leg.participant, avoided?.participant, ParticipantID(unchecked: name))
        ?? ParticipantID(unchecked: name))
    for attribute in sets.new.attributes + sets.old.attributes {
      guard case .words(let words) = attribute.kind else { continue }
      let test = leg.attributes.first { $0.attribute == attribute.name }?.test
      let other = avoided?.attributes.first { $0.attribute == attribute.name }?.test
      var word: AttributeWord?
      if test != nil || other != nil { word = Self.word(test, other, words: words) }
      if word == nil, attribute.name == Attribute.participantClass,
        rules.contains(where: { $0.measure.scope == .participantClass })
      {
        word = words.first
      }
      guard let word else { continue }
      let setting = PolicyExample.Setting(name: attribute.name, value: .word(word))
      if attribute.holder == .participant {
        if !party.participantSettings.contains(setting) {
          party.participantSettings.append(setting)
        }
      } else if !party.settings.contains(setting) {
        party.settings.append(setting)
      }
    }
    return party
  }

  /// A word that passes one test and, if there is one, not the other; `nil` for no word.
  static func word<Word: Name>(
    _ test: WordTest<Word>?, _ avoided: WordTest<Word>?, _ fresh: Word
  ) -> Word? {
    word(test, avoided, words: (test?.words ?? []) + (avoided?.words ?? []) + [fresh])
  }

  static func word<Word: Name>(
    _ test: WordTest<Word>?, _ avoided: WordTest<Word>?, words: [Word]
  ) -> Word? {
    let candidates: [Word?] = [nil] + words
    func passes(_ word: Word?) -> Bool { test?.passes(word) ?? true }
    return candidates.first { passes($0) && !(avoided?.passes($0) ?? false) }
      ?? candidates.first(where: passes) ?? nil
  }

  func holder(of name: AttributeName) -> Attribute.Holder? {
    (sets.new.attributes + sets.old.attributes).first { $0.name == name }?.holder
  }

  /// Values for attributes of amounts.
  ///
  /// Those that the caps are made of have some value, or where that is what changes none, or all
  /// that they may; others are so large that they are not in the way.
  var amountSettings: [[PolicyExample.Setting]] {
    let own = Set(rules.flatMap { $0.rule.caps.all.flatMap(\.attributes) }).sorted()
    let large = highSettings.filter { !own.contains($0.name) }
    guard !own.isEmpty else { return [large] }
    func all(_ value: (AttributeName) -> UInt64) -> [PolicyExample.Setting] {
      large + own.map { PolicyExample.Setting(name: $0, value: .amount(value($0))) }
    }
    // A small value, too, since other rules may be in the way of payments as large as the first.
    var settings = [all { value(of: $0) }, all { value(of: $0, atMost: unit) }]
    if own.contains(where: { Set(amounts($0).map(\.initial)).count > 1 }) { settings.append(large) }
    if own.contains(where: { Set(amounts($0).map(\.ceiling)).count > 1 }) {
      settings.append(highSettings)
    }
    return settings
  }

  /// More than any attribute of amounts may be.
  var highSettings: [PolicyExample.Setting] {
    let names = (sets.new.attributes + sets.old.attributes).compactMap { attribute in
      if case .amount = attribute.kind { attribute.name } else { nil }
    }
    return Set(names).sorted().map {
      PolicyExample.Setting(name: $0, value: .amount(1_000_000_000_000 * unit))
    }
  }

  /// Some value of an attribute that may be doubled.
  private func value(of name: AttributeName, atMost most: UInt64? = nil) -> UInt64 {
    let ceilings = amounts(name).compactMap(\.ceiling)
    return max(1, min(most ?? 1_000 * unit, (ceilings.min() ?? .max) / 2))
  }

  func amounts(_ name: AttributeName) -> [AttributeAmount] {
    (sets.new.attributes + sets.old.attributes).compactMap { attribute in
      if attribute.name == name, case .amount(let amount) = attribute.kind { amount } else { nil }
    }
  }

  var linked: [Bool] {
    let hasWaterfall = rules.contains {
      if case .waterfall = $0.rule.action { true } else { false }
    }
    return hasWaterfall ? [true, false] : [false]
  }

  /// What may happen before the payments to a subject that begins with some settings.
  func preludes(
    _ operation: Measure.Operation, _ choice: Choice, _ settings: [PolicyExample.Setting]
  ) -> [[DiffTrial.Prelude]] {
    var preludes: [[DiffTrial.Prelude]] = []
    for known in [choice.filter.acquaintance, choice.avoided?.acquaintance].compactMap(\.self) {
      preludes.append(
        known.kind == .listed
          ? [.list(before: known.microseconds)] : [.firstPayment(before: known.microseconds)])
    }
    let isNet = rules.contains { $0.measure.direction == .net }
    if isNet, rules.contains(where: { $0.measure.direction != .net }), operation != .redeem {
      preludes.append([.receive(unit)])
    }
    for name in Set(rules.flatMap { $0.rule.caps.all.flatMap(\.attributes) }).sorted() {
      let delays = Set(amounts(name).map(\.raiseAfterMicroseconds)).sorted()
      guard delays.count > 1 else { continue }
      for setting in settings where setting.name == name {
        guard case .amount(let value) = setting.value, value <= 1_000 * unit else { continue }
        let raised = PolicyExample.Setting(name: name, value: .amount(2 * value))
        preludes.append([.raise(raised, before: delays[0])])
      }
    }
    for (_, measure, set) in rules {
      guard case .after(let name, _) = measure.window,
        let event = set.events.first(where: { $0.name == name })
      else { continue }
      preludes.append([.event(event)])
    }
    return preludes + [[]]
  }

  /// Who may sign: nobody, as many as each set asks for, and keys that one group alone has.
  var signers: [[PublicKey]] {
    let approvals = rules.compactMap { rule, _, set -> (count: Int, keys: [PublicKey])? in
      guard case .require(let approval) = rule.action else { return nil }
      return (approval.count, set.groups[approval.group].keys)
    }
    guard let first = approvals.first, let last = approvals.last else {
      // What other rules ask for is there.
      return [Set((sets.new.groups + sets.old.groups).flatMap(\.keys)).sorted()]
    }
    let onlyFirst = first.keys.filter { !last.keys.contains($0) }
    let onlyLast = last.keys.filter { !first.keys.contains($0) }
    let shared = first.keys.filter(last.keys.contains)
    var signers: [[PublicKey]] = [[]]
    for keys in [onlyFirst + shared, onlyLast + shared, shared] {
      for count in [first.count, last.count] {
        let some = Array(keys.prefix(count))
        if !signers.contains(some) { signers.append(some) }
      }
    }
    return signers
  }
}
