import ArgumentParser
import LedgerModel
import LedgerWire

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a draft orders, and who signed it.",
    discussion: """
      Every order is decoded from the bytes that are signed, and the root is recomputed.

        specie show issue.json --currency-digits CNY:2
      """)

  @Argument(help: "A draft file.") var file: String
  @OptionGroup var scales: ScaleOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let json = try LocalFile.read(file, bytesMax: 2 * WireLimits.submissionBytesMax)
    if GenesisDraft.isGenesis(json) {
      output.print(GenesisDraftReport(try GenesisDraft(json: json, path: file), file: file))
    } else {
      output.print(
        DraftReport(
          try DraftFile.parse(json, path: file), scales: CurrencyScales(scales.scales)))
    }
  }
}

struct SignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Look at what a draft orders, and sign it.",
    discussion: """
      Decodes every order, recomputes the root, shows both, and asks. A rule set is compiled again \
      from the policy file inside the draft, and a draft whose compiled rules differ is not signed. \
      Needs no connection. The signature is added to the file in one step.

        specie sign issue.json --key bob.key --currency-digits CNY:2
      """)

  @Argument(help: "A draft file.") var file: String
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("A key file that signs; repeat for more.", valueName: "file"))
  var keys: [String]
  @Flag(help: "Sign without asking; the draft is shown all the same.") var yes = false
  @Flag(help: "Sign rules whose time zones differ from this machine's; the difference is shown.")
  var acceptZoneDifferences = false
  @Option(
    help: ArgumentHelp(
      "Sign only for the ledger of this trust file (default: SPECIE_TRUST, or any).",
      valueName: "file"))
  var trust: String?
  @OptionGroup var scales: ScaleOptions
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let json = try LocalFile.read(file, bytesMax: 2 * WireLimits.submissionBytesMax)
    if GenesisDraft.isGenesis(json) {
      try signGenesis(json)
    } else {
      try signSubmission(json)
    }
  }

  private func signGenesis(_ json: [UInt8]) throws {
    var draft = try GenesisDraft(json: json, path: file)
    try confirm(GenesisDraftReport(draft, file: file).text)
    for key in try openKeys() { try draft.sign(with: key) }
    try LocalFile.replace(file, draft.json, mode: 0o644)
    output.print(
      SignedReport(
        file: file, signatures: draft.signatures.map(\.key.description),
        missing: draft.missing.map(\.name.text)))
  }

  private func signSubmission(_ json: [UInt8]) throws {
    let draft = try DraftFile.parse(json, path: file)
    let scales = CurrencyScales(scales.scales)
    try checkLedger(draft)
    let checks = try draft.instructions.compactMap { instruction -> String? in
      guard case .activateRuleSet(let order) = instruction.operation else { return nil }
      return try RecompiledRules(order, scales: scales, file: file)
        .check(acceptZoneDifferences: acceptZoneDifferences)
    }
    guard draft.statement.expiry > WallClock.now else {
      throw CommandFault.fileInvalid(
        path: file, problem: "it expired at \(draft.statement.expiry); draft the order anew")
    }
    let text = ([DraftReport(draft, scales: scales).text] + checks).joined(separator: "\n")
    try confirm(text)
    var submission = draft.submission
    for key in try openKeys() {
      guard !draft.signers.contains(key.publicKey) else {
        throw CommandFault.fileInvalid(
          path: file, problem: "key `\(key.publicKey)` has signed it already; each counts once")
      }
      submission = submission.signed(by: key)
    }
    let signed = try DraftFile(submission, path: file)
    try LocalFile.replace(file, submission.json, mode: 0o644)
    output.print(
      SignedReport(
        file: file, signatures: signed.signers.map(\.description), missing: []))
  }

  private func checkLedger(_ draft: DraftFile) throws {
    guard let path = LedgerOptions.standardTrust(trust) else { return }
    let ledger = try LedgerOptions.trustFile(at: path).ledger
    guard ledger == draft.statement.ledger else {
      throw CommandFault.fileInvalid(
        path: file,
        problem: "it is for ledger `\(draft.statement.ledger)`, and `\(path)` names `\(ledger)`")
    }
  }

  private func openKeys() throws -> [SigningKey] {
    try keys.map { try KeyFile(path: $0).open(passphrases) }
  }

  /// Shows what is signed, and asks.
  private func confirm(_ text: String) throws {
    StandardError.write(text)
    if yes { return }
    guard TerminalPrompt.confirm("Sign all of this?") else { throw CommandFault.cancelled }
  }
}

/// Who has signed a draft by now.
private struct SignedReport: CommandReport {
  let file: String
  /// Public keys.
  let signatures: [String]
  /// Officers that a genesis still needs.
  let missing: [String]

  var text: String {
    let rest = missing.isEmpty ? "" : "; still to sign: \(missing.joined(separator: ", "))"
    return "signed \(file), with \(DecimalAmount.count(signatures.count, "signature")) now\(rest)"
  }
}

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Send a signed draft to the ledger.",
    discussion: """
      May be sent again: the same orders are answered with their first outcome.

        specie submit issue.json --trust trust
      """)

  @Argument(help: "A draft file.") var file: String
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var scales: ScaleOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let draft = try DraftFile.read(file)
    let facts = try LedgerFacts(ledger, given: scales.scales)
    try await SubmissionSender(facts: facts, ledger: ledger, output: output)
      .send(draft.submission, draft.instructions, resending: .draft(path: file))
  }
}
