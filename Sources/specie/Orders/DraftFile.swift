import LedgerModel
import LedgerWire
import PolicyFiles

/// A submission in a file, on its way from signer to signer; all that it says is recomputed.
struct DraftFile {
  let path: String
  let submission: Submission
  let statement: Statement
  let instructions: [Instruction]
  /// Whose signatures hold, by the key that each names.
  let signers: [PublicKey]

  /// Reads a draft file.
  static func read(_ path: String) throws -> DraftFile {
    try parse(LocalFile.read(path, bytesMax: 2 * WireLimits.submissionBytesMax), path: path)
  }

  static func parse(_ json: [UInt8], path: String) throws -> DraftFile {
    do {
      return try DraftFile(try Submission(json: json), path: path)
    } catch let error as WireError {
      throw CommandFault.fileInvalid(path: path, problem: error.description)
    }
  }

  /// Decodes every order, and recomputes the root that is signed.
  ///
  /// - Throws: `WireError` where the file is not what it says.
  init(_ submission: Submission, path: String) throws {
    guard submission.payloadType == DSSE.statementType else {
      throw WireError.wrongPayloadType(
        found: submission.payloadType, wanted: DSSE.statementType)
    }
    let statement = try Statement(canonicalBytes: submission.statementBytes)
    guard statement.count == submission.instructions.count else {
      throw WireError.countMismatch(
        stated: statement.count, found: submission.instructions.count)
    }
    let root = Submission.root(of: submission.instructions)
    guard root == statement.root else {
      throw WireError.rootMismatch(stated: statement.root, found: root)
    }
    self.path = path
    self.submission = submission
    self.statement = statement
    instructions = try submission.instructions.map { try Instruction(canonicalBytes: $0) }
    let message = DSSE.preAuthenticationEncoding(
      type: submission.payloadType, payload: submission.statementBytes)
    var signers: [PublicKey] = []
    for (index, signature) in submission.signatures.enumerated() {
      guard let value = Bytes32(hex: signature.keyID),
        Ed25519.isValid(signature.signature, on: message, by: PublicKey(value))
      else { throw WireError.badSignature(index: index) }
      let key = PublicKey(value)
      guard !signers.contains(key) else { throw WireError.duplicateSigner(key) }
      signers.append(key)
    }
    self.signers = signers
  }

  static func create(_ path: String, _ submission: Submission) throws(CommandFault) {
    try LocalFile.create(path, submission.json, mode: 0o644)
  }
}

/// Everything that a signer should know of a draft.
struct DraftReport: CommandReport {
  struct Order: Encodable {
    let id: String
    let operation: String
    let words: String
    /// The figures of the rules that it puts in force.
    let schedule: PolicyTable?
  }

  /// Of a schedule; a longer one is looked at by itself.
  private static let scheduleLinesMax = 60

  let file: String
  let ledger: String
  let party: String
  let expires: String
  let root: String
  let orders: [Order]
  let signedBy: [String]
  /// What the drafting command chose by itself.
  let created: [CreatedID]
  /// What `specie sign` needs of rules, where the digits are known.
  private let digits: [String]

  enum CodingKeys: CodingKey {
    case file, ledger, party, expires, root, orders, signedBy, created
  }

  init(_ draft: DraftFile, scales: CurrencyScales, created: [CreatedID] = []) {
    let words = OrderWords(scales: scales)
    file = draft.path
    ledger = draft.statement.ledger.description
    party = draft.statement.party.description
    expires = draft.statement.expiry.description
    root = draft.statement.root.hex
    orders = draft.instructions.map {
      Order(
        id: $0.id.description, operation: $0.operation.name, words: words.text($0),
        schedule: Self.schedule($0.operation, scales))
    }
    signedBy = draft.signers.map(\.description)
    self.created = created
    digits = draft.instructions.compactMap { instruction in
      guard case .activateRuleSet(let order) = instruction.operation,
        let scale = scales.scales.first(where: { $0.code == order.ruleSet.currency })
      else { return nil }
      return "\(scale.code):\(scale.exponent)"
    }
  }

  private static func schedule(_ operation: Operation, _ scales: CurrencyScales) -> PolicyTable? {
    // A draft may hold anything; what is no rule set has no figures.
    guard case .activateRuleSet(let order) = operation, order.ruleSet.isSound else { return nil }
    let scale = scales.scales.first { $0.code == order.ruleSet.currency }
    // Digits that are not known are shown in minor units, as all money of a draft is.
    return PolicyTable(order.ruleSet, exponent: scale?.exponent ?? 0)
  }

  var text: String {
    var lines = [
      "draft    \(file)", "ledger   \(ledger)", "orders   as \(party), \(orders.count) in all",
      "expires  \(expires)", "root     \(root) (recomputed)",
    ]
    for (index, order) in orders.enumerated() {
      lines.append("  \(index + 1). \(order.words)")
      lines.append("     id \(order.id)")
      if let schedule = order.schedule { lines += Self.lines(schedule) }
    }
    lines += signedBy.isEmpty ? ["signed by nobody yet"] : signedBy.map { "signed by \($0)" }
    lines += created.map { "\($0.noun): \($0.id)" }
    lines += digits.map {
      "others sign it with `specie sign \(LedgerOptions.quoted(file)) --key FILE "
        + "--currency-digits \($0)`"
    }
    return lines.joined(separator: "\n")
  }

  private static func lines(_ schedule: PolicyTable) -> [String] {
    let all = schedule.description.split(separator: "\n", omittingEmptySubsequences: false)
    var lines = all.prefix(scheduleLinesMax).map { $0.isEmpty ? "" : "     \($0)" }
    if all.count > lines.count {
      lines.append(
        "     and \(all.count - lines.count) lines more; look at the policy file with `specie policy "
          + "table`, and at what changes with `specie policy diff`")
    }
    return [""] + lines + [""]
  }
}
