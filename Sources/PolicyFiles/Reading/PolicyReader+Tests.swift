import LedgerModel

extension PolicyReader {
  /// Where a wallet is kept that does not say.
  private static let defaultParticipant = ParticipantID(unchecked: "bank")
  /// The tier of a wallet where the file has no tiers.
  private static let defaultTier = Tier(unchecked: "wallet")

  mutating func readTests(_ value: YAMLValue) {
    guard let items = fields.list(value, "`tests`") else { return }
    guard items.count <= PolicyFileLimits.testsMax else {
      fields.report(
        .tooMany("tests", count: items.count, max: PolicyFileLimits.testsMax), at: value.position)
      return
    }
    var lines: [String: Int] = [:]
    for item in items {
      guard let example = readExample(item) else { continue }
      if let first = lines[example.name] {
        fields.report(.duplicateID(example.name, first: first), at: item.position)
      }
      lines[example.name] = item.position.line
      examples.append(example)
    }
    let steps = examples.reduce(0) { $0 + $1.steps.reduce(0) { $0 + $1.times } }
    if steps > PolicyFileLimits.stepsMax {
      fields.report(
        .tooMany("steps", count: steps, max: PolicyFileLimits.stepsMax), at: value.position)
    }
  }

  private mutating func readExample(_ value: YAMLValue) -> PolicyExample? {
    guard let example = fields.fields(value, .example) else { return nil }
    let name = example["name"].flatMap { fields.prose($0, "`name`") }
    fields.undefine("participant of this test", "holder of this test")
    var participants = example["participants"].map { readParticipants($0) } ?? []
    let wallets: [PolicyExample.Wallet]? =
      if let value = example["wallets"] { readWallets(value, &participants) } else { [] }
    if example["wallets"] == nil, example["participants"] == nil {
      fields.report(.missingField("wallets` or `participants", of: "a test"), at: value.position)
    }
    guard let items = example["steps"].flatMap({ fields.list($0, "`steps`") }), let wallets,
      let name
    else { return nil }
    let cast = ExampleCast(participants: participants, wallets: wallets)
    checkSum(cast, at: value.position)
    var steps: [PolicyExample.Step] = []
    for item in items {
      guard let step = readStep(item, cast) else { continue }
      if let before = steps.last, step.at < before.lastAt {
        fields.report(.timeGoesBack, at: step.position)
      } else if steps.isEmpty {
        checkFirstStep(step, cast)
      }
      steps.append(step)
    }
    return PolicyExample(
      name: name, position: value.position, participants: participants, wallets: wallets,
      steps: steps)
  }

  /// Money outstanding has a bound, which an example must not begin above (E13).
  private mutating func checkSum(_ cast: ExampleCast, at position: SourcePosition) {
    let balances = cast.wallets.map(\.balance) + cast.participants.compactMap(\.balance)
    let sum = balances.reduce(Int128(0)) { $0 + Int128($1.minorUnits) }
    if sum > Int128(Balance.max.minorUnits) { fields.report(.balancesTooLarge, at: position) }
  }

  private mutating func checkFirstStep(_ step: PolicyExample.Step, _ cast: ExampleCast) {
    for wallet in cast.wallets where step.at < wallet.opened {
      fields.report(.openedAfterStep(wallet.name), at: step.position)
    }
  }

  private mutating func readParticipants(_ value: YAMLValue) -> [PolicyExample.Participant] {
    guard let pairs = fields.pairs(value, "`participants`") else { return [] }
    guard pairs.count <= PolicyFileLimits.participantsPerTestMax else {
      fields.report(
        .tooMany(
          "participants", count: pairs.count, max: PolicyFileLimits.participantsPerTestMax),
        at: value.position)
      return []
    }
    var participants: [PolicyExample.Participant] = []
    for (key, value) in pairs {
      guard let id = fields.name(key, ParticipantID.self) else { continue }
      fields.define(id.text, as: "participant of this test", "holder of this test")
      guard let participant = fields.fields(value, .exampleParticipant) else { continue }
      let balance = participant["balance"].flatMap { readBalance($0) }
      let attributes =
        participant["attributes"].map { readSettings($0, of: .participant) } ?? []
      participants.append(.init(id: id, attributes: attributes, balance: balance))
    }
    return participants
  }

  private mutating func readBalance(_ value: YAMLValue) -> Balance? {
    fields.amount(value, "a balance", exponent: exponent).flatMap {
      Balance(minorUnits: Int64($0))
    }
  }

  /// Reads `{NAME: value}` of the attributes of one kind of holder.
  private mutating func readSettings(
    _ value: YAMLValue, of holder: Attribute.Holder
  ) -> [PolicyExample.Setting] {
    var settings: [PolicyExample.Setting] = []
    for (key, value) in fields.pairs(value, "`attributes`") ?? [] {
      guard let name = readAttributeName(key, of: holder),
        let setting = readSetting(name, value)
      else { continue }
      settings.append(setting)
    }
    return settings
  }

  /// Reads the name of an attribute that one kind of holder has.
  mutating func readAttributeName(
    _ key: YAMLValue, of holder: Attribute.Holder
  ) -> Attribute? {
    let known = attributes.filter { $0.holder == holder }.map(\.name.text)
    guard let word = fields.word(key, "attribute of a \(holder.word)", known: known)
    else { return nil }
    return attributes.first { $0.name.text == word }
  }

  /// Reads a value of an attribute; one above the ceiling is an order that would be refused.
  mutating func readSetting(
    _ attribute: Attribute, _ value: YAMLValue, mayBeRefused: Bool = false
  ) -> PolicyExample.Setting? {
    switch attribute.kind {
    case .words(let words):
      let text =
        mayBeRefused
        ? fields.name(value, AttributeWord.self)?.text
        : fields.word(value, "word of `\(attribute.name)`", known: words.map(\.text))
      return text.map {
        .init(name: attribute.name, value: .word(AttributeWord(unchecked: $0)))
      }
    case .amount(let amount):
      guard let sum = fields.amount(value, "`\(attribute.name)`", exponent: exponent)
      else { return nil }
      if let ceiling = amount.ceiling, sum > ceiling, !mayBeRefused {
        fields.report(.settingAboveCeiling(attribute.name.text), at: value.position)
        return nil
      }
      return .init(name: attribute.name, value: .amount(sum))
    }
  }

  private mutating func readWallets(
    _ value: YAMLValue, _ participants: inout [PolicyExample.Participant]
  ) -> [PolicyExample.Wallet]? {
    guard let pairs = fields.pairs(value, "`wallets`") else { return nil }
    guard pairs.count <= PolicyFileLimits.walletsPerTestMax else {
      fields.report(
        .tooMany("wallets", count: pairs.count, max: PolicyFileLimits.walletsPerTestMax),
        at: value.position)
      return nil
    }
    var wallets: [PolicyExample.Wallet] = []
    for (key, value) in pairs {
      guard let name = fields.word(key, "wallet") else { continue }
      guard let wallet = readWallet(value, named: name, &participants) else { continue }
      wallets.append(wallet)
    }
    let accounts = wallets.compactMap(\.account)
    if Set(accounts).count < accounts.count {
      fields.report(.accountTwice, at: value.position)
    }
    for wallet in wallets where participants.contains(where: { $0.id.text == wallet.name }) {
      fields.report(.walletNamedAsParticipant(wallet.name), at: value.position)
    }
    return wallets.count == pairs.count ? wallets : nil
  }

  private mutating func readWallet(
    _ value: YAMLValue, named name: String, _ participants: inout [PolicyExample.Participant]
  ) -> PolicyExample.Wallet? {
    guard let wallet = fields.fields(value, .wallet) else { return nil }
    let tier = readTier(of: wallet)
    let balance = wallet["balance"].flatMap { readBalance($0) }
    let owner = wallet["owner"].map { fields.word($0, "owner") } ?? name
    let at =
      wallet["at"].map { fields.name($0, ParticipantID.self) } ?? Self.defaultParticipant
    let attributes = wallet["attributes"].map { readSettings($0, of: .wallet) } ?? []
    let isLinked = wallet["linked"].map { fields.boolean($0, "`linked`") } ?? false
    let opened =
      wallet["opened"].map { fields.time($0, "`opened`") } ?? LedgerTime(microseconds: 0)
    let account = wallet["account"].flatMap { readAccount($0) }
    guard let tier, let balance, let owner, let at, let isLinked, let opened else { return nil }
    let place = participants.firstIndex { $0.id == at } ?? participants.count
    if place == participants.count {
      participants.append(.init(id: at, attributes: [], balance: nil))
    }
    return .init(
      name: name, tier: tier, balance: balance, owner: owner, participant: place,
      attributes: attributes, isLinked: isLinked, opened: opened, account: account)
  }

  private mutating func readTier(of wallet: Fields) -> Tier? {
    guard let value = wallet["tier"] else {
      if tiers.isEmpty { return Self.defaultTier }
      fields.report(.missingField("tier", of: "a wallet"), at: wallet.position)
      return nil
    }
    return readTierName(value)
  }

  /// Reads a tier of the file, or any where the file has none.
  mutating func readTierName(_ value: YAMLValue) -> Tier? {
    guard !tiers.isEmpty else { return fields.name(value, Tier.self) }
    return fields.word(value, "tier", known: tiers.map(\.text)).map { Tier(unchecked: $0) }
  }
}

/// Who takes part in an example.
struct ExampleCast {
  let participants: [PolicyExample.Participant]
  let wallets: [PolicyExample.Wallet]

  func wallet(_ name: String) -> Int? { wallets.firstIndex { $0.name == name } }

  func participant(_ name: String) -> Int? { participants.firstIndex { $0.id.text == name } }
}

extension Shape {
  static let example = Shape(
    noun: "a test", required: ["name", "steps"], optional: ["wallets", "participants"])
  static let exampleParticipant = Shape(
    noun: "a participant", required: [], optional: ["attributes", "balance"])
  static let wallet = Shape(
    noun: "a wallet", required: ["balance"],
    optional: ["tier", "owner", "at", "attributes", "linked", "opened", "account"])
}
