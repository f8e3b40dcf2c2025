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
  ///   - takesNow: Whether the operation says what time it is, so that the same command a little
  ///     later orders something else.
  ///   - operation: Makes the operation from what is known of the ledger.
  /// - Throws: What went wrong, or an exit code of ``ExitStatus/refused``.
  func order(
    as party: Party, created: [CreatedID] = [], takesNow: Bool = false,
    _ operation: (LedgerFacts) async throws -> Operation
  ) async throws {
    let facts = try LedgerFacts(ledger, given: scales.scales)
    guard draft != nil || !keys.isEmpty else { throw CommandFault.noKeys }
    let signers = try keys.map { try KeyFile(path: $0).open(passphrases) }
    // What is sent is meant and shown by the digits of the genesis; drafts go without.
    if draft == nil { _ = try await facts.connected() }
    let instruction = Instruction(
      id: id ?? RandomID.instruction(), operation: try await operation(facts),
      purpose: purpose, channel: channel, reference: reference)
    let submission = Submission(
      [instruction], of: party, on: facts.trust.ledger, expiry: await expiry(party, facts),
      signedBy: signers)
    guard let draft else {
      let options = created.map { " \($0.option)" }.joined()
      return try await SubmissionSender(facts: facts, ledger: ledger, output: output)
        .send(
          submission, [instruction], created: created,
          resending: .command(
            options: takesNow ? nil : " --id \(instruction.id)\(options)"))
    }
    try DraftFile.create(draft, submission)
    output.print(
      DraftReport(
        try DraftFile(submission, path: draft), scales: await facts.knownScales,
        created: created))
  }

  /// The latest instant at which an order may take effect: at once, or for a draft when it expires.
  func latestEffect(of party: Party) -> LedgerTime {
    draft == nil ? WallClock.now : WallClock.now.advanced(byMicroseconds: lifetime(of: party))
  }

  /// How long the order can be sequenced, unless the ledger allows less.
  private func lifetime(of party: Party) -> UInt64 {
    let isDraftOfOfficers = draft != nil && (party == .issuer || party == .recovery)
    return expires ?? (isDraftOfOfficers ? Self.draftMicroseconds : Self.standardMicroseconds)
  }

  /// The instant at which the statement expires, short of what the ledger allows.
  private func expiry(_ party: Party, _ facts: LedgerFacts) async -> LedgerTime {
    let wanted = lifetime(of: party)
    guard let horizon = await facts.knownGenesis?.parameters.horizonMicroseconds(of: party) else {
      return WallClock.now.advanced(byMicroseconds: wanted)
    }
    return WallClock.now.advanced(
      byMicroseconds: expires == nil ? min(wanted, Self.part(ofHorizon: horizon)) : wanted)
  }

  /// How much of a horizon a statement uses: a tenth is left for clocks that differ.
  static func part(ofHorizon microseconds: UInt64) -> UInt64 { microseconds / 10 * 9 }

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
struct CreatedID: Encodable, Sendable {
  let noun: String
  let id: String
  /// Gives the same id to the same command.
  let option: String

  enum CodingKeys: CodingKey {
    case noun
    case id
  }
}
