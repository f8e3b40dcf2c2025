import ArgumentParser
import LedgerModel
import LedgerWire

/// What every order takes: who signs, which ledger, until when, and whether it is sent or drafted.
struct OrderOptions: ParsableArguments {
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("A key file that signs; repeat for each signer at hand.", valueName: "file"))
  var keys: [String] = []
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var scales: ScaleOptions
  @Option(
    help: ArgumentHelp(
      "Write the order to a new file for others to sign, instead of sending it.",
      valueName: "file"))
  var draft: String?
  @Option(
    help: ArgumentHelp(
      "How long the signed order can be sequenced, as 9m or 7d (default: 9m; in a draft of officers, 7d).",
      valueName: "duration"), transform: { try TextArgument.duration($0) })
  var expires: UInt64?
  @Option(
    help: ArgumentHelp(
      "The order's id, a UUIDv7, to send the same order again (default: a new one).",
      valueName: "uuid"), transform: { try TextArgument.instruction($0) })
  var id: InstructionID?
  @Option(
    help: "Your own reference, up to 35 bytes.", transform: { try ClientReference($0) })
  var reference = ClientReference(unchecked: "")
  @Option(
    help: "The payment's purpose: an ISO 20022 external code, as SALA.",
    transform: { try Purpose($0) })
  var purpose = Purpose(unchecked: "")
  @Option(
    help: "How the order came in, for the rules.", transform: { try Channel($0) })
  var channel = Channel(unchecked: "")
  @OptionGroup var output: OutputOptions

  /// Drafts or sends one order.
  ///
  /// - Parameters:
  ///   - party: Who orders.
  ///   - created: What the command chose by itself, printed beside the outcome.
  ///   - operation: Makes the operation from what is known of the ledger.
  /// - Throws: What went wrong, or an exit code of ``ExitStatus/refused``.
  func order(
    as party: Party, created: [CreatedID] = [],
    _ operation: (LedgerFacts) async throws -> Operation
  ) async throws {
    let trust = try ledger.trustFile()
    guard draft != nil || !keys.isEmpty else { throw CommandFault.noKeys }
    let signers = try keys.map { try KeyFile(path: $0).open(passphrases) }
    let facts = LedgerFacts(trust: trust, given: scales.scales, server: ledger.serverURL)
    let instruction = Instruction(
      id: id ?? RandomID.instruction(), operation: try await operation(facts),
      purpose: purpose, channel: channel, reference: reference)
    // Sent orders are shown in decimals, so the genesis is asked for; drafts go without.
    if draft == nil { _ = try await facts.scales() }
    let submission = Submission(
      [instruction], of: party, on: trust.ledger, expiry: await expiry(party, facts),
      signedBy: signers)
    guard let draft else {
      return try await SubmissionSender(facts: facts, output: output)
        .send(submission, [instruction], created: created)
    }
    try DraftFile.create(draft, submission)
    output.print(
      DraftReport(
        try DraftFile(submission, path: draft), scales: CurrencyScales(await facts.knownScales),
        created: created))
  }

  /// The instant at which the statement expires, short of what the ledger allows.
  private func expiry(_ party: Party, _ facts: LedgerFacts) async -> LedgerTime {
    let isDraftOfOfficers = draft != nil && (party == .issuer || party == .recovery)
    let wanted = expires ?? (isDraftOfOfficers ? Self.draftMicroseconds : Self.standardMicroseconds)
    guard let horizon = await facts.knownGenesis?.parameters.horizonMicroseconds(of: party) else {
      return WallClock.now.advanced(byMicroseconds: wanted)
    }
    // A tenth is left for clocks that differ.
    return WallClock.now.advanced(
      byMicroseconds: expires == nil ? min(wanted, horizon / 10 * 9) : wanted)
  }

  static let standardMicroseconds: UInt64 = 9 * 60 * 1_000_000
  static let draftMicroseconds: UInt64 = 7 * 86_400 * 1_000_000
}

/// Which bank orders.
struct BankOptions: ParsableArguments {
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("The bank that orders, by its code, as `icbc`.", valueName: "code"),
    transform: { try ParticipantID($0) })
  var bank: ParticipantID

  var party: Party { .participant(bank) }
}

/// Who orders, where the central bank and a bank both can.
struct PartyOptions: ParsableArguments {
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Who orders: `issuer`, `recovery` or a bank's code.", valueName: "party"),
    transform: { try Party($0) })
  var party: Party = .issuer
}

/// An id that a command chose, and what for.
struct CreatedID: Encodable {
  let noun: String
  let id: String
}
