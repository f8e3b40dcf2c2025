import ArgumentParser
import LedgerAudit
import LedgerCore
import LedgerModel
import LedgerStorageSQLite
import PolicyFiles

struct PolicyExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell what each rule said of a payment, or would say.",
    discussion: """
      Replays the log up to the payment, and tells of each rule that looked at it what it limits, \
      since when, what was used, asked and left, when it begins anew, and its line in the policy \
      file: in words that can be read out to whoever was refused.

      Names a payment of the log by its id, or one that nobody has ordered by --operation, --from, \
      --to, --amount and --currency: that one is decided as if whoever holds the paying account, or \
      the issuer, had ordered it now, with the authority for it, and signed by the keys of \
      --signed-by where rules ask for signatures. Of fund and cash-out only the wallet is needed. \
      With --policy, the rules of a file stand in for their pack's.

      \(HistoryOptions.copying)

        specie policy explain 019ca78d-9600-7000-8000-000000000001 --log copy-of-ledger
        specie policy explain --log copy-of-ledger --operation pay --amount 2000.01 \\
            --currency CNY --from 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 \\
            --to c2d0a1f4-6f0b-4d7e-9a51-0c8e4b7d2f16
      """)

  @Argument(
    help: "The id of a payment of the log.", transform: { try TextArgument.instruction($0) })
  var id: InstructionID?
  @OptionGroup var history: HistoryOptions
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("Who ordered, where several used the id.", valueName: "party"),
    transform: { try Party($0) })
  var party: Party?
  @Option(
    help: "Of a payment that nobody has ordered: pay, fund, cash-out, settle, issue or redeem.")
  var operation: String?
  @Option(
    help: ArgumentHelp("Who pays.", valueName: "account"),
    transform: { try TextArgument.account($0) })
  var from: AccountID?
  @Option(
    help: ArgumentHelp("Who is paid.", valueName: "account"),
    transform: { try TextArgument.account($0) })
  var to: AccountID?
  @Option(help: "How much, as a decimal.") var amount: String?
  @Option(
    help: ArgumentHelp("Of which currency.", valueName: "code"),
    transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode?
  @Option(
    name: .customLong("signed-by"),
    help: ArgumentHelp(
      "A key that would have signed it: 64 hexadecimal digits, or a key file; repeat for more.",
      valueName: "key"), transform: { try TextArgument.publicKey($0) })
  var signers: [PublicKey] = []
  @Option(help: "How it would come in.", transform: { try Channel($0) })
  var channel: Channel?
  @Option(help: "What it would be for.", transform: { try Purpose($0) })
  var purpose: Purpose?
  @Option(
    help: ArgumentHelp("When it would be (default: where the log ends).", valueName: "instant"),
    transform: { try TextArgument.instant($0) })
  var at: LedgerTime?
  @Option(
    help: ArgumentHelp("Under the rules of a policy file.", valueName: "file"))
  var policy: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let named = [operation, amount, currency?.description].compactMap(\.self).count
    guard id == nil ? named == 3 && party == nil : named == 0 else {
      throw ValidationError(
        "name a payment by its id, or by --operation, --amount and --currency, with --from and --to"
      )
    }
    guard id != nil else { return }
    let stray = [
      ("--from", from != nil), ("--to", to != nil), ("--channel", channel != nil),
      ("--purpose", purpose != nil), ("--at", at != nil), ("--signed-by", !signers.isEmpty),
    ].filter(\.1).map(\.0)
    guard stray.isEmpty else {
      throw ValidationError(
        "a payment of the log has all of its own; leave \(stray.joined(separator: ", ")) out")
    }
  }

  func run() async throws {
    let folder = try history.open()
    defer { try? folder.close() }
    let scales = try history.scales(of: folder)
    let found = try LogExplanation.explain(
      try question(scales), store: folder.store, trust: try history.trustFile(),
      under: try ruleSet(scales), progress: { HistoryOptions.show($0, "replaying") })
    HistoryOptions.endProgress()
    guard let found else {
      throw CommandFault.invalidArgument("the log has no order of that id")
    }
    output.print(ExplanationWords(found, scales, isTrial: policy != nil))
  }

  private func ruleSet(_ scales: CurrencyScales) throws -> RuleSet? {
    try policy.map { path in
      var options = PolicyFileOptions()
      options.file = path
      options.acceptUnverified = true
      return try options.compile(among: scales.scales).ruleSet
    }
  }

  private func question(_ scales: CurrencyScales) throws -> LogExplanation.Question {
    if let id { return .logged(id, of: party) }
    guard let operation, let amount, let currency else {
      preconditionFailure("a payment that was validated")
    }
    let minorUnits = try DecimalAmount.minorUnits(amount, of: try scales.scale(currency))
    return .hypothetical(
      HypotheticalPayment(
        try order(operation, minorUnits, currency), id: RandomID.instruction(),
        purpose: purpose ?? Purpose(unchecked: ""),
        channel: channel ?? Channel(unchecked: ""), signers: signers), at: at)
  }

  private func order(
    _ name: String, _ amount: UInt64, _ currency: CurrencyCode
  ) throws(CommandFault) -> HypotheticalPayment.Order {
    func account(_ id: AccountID?, _ option: String) throws(CommandFault) -> AccountID {
      guard let id else { throw .invalidArgument("`\(name)` needs \(option)") }
      return id
    }
    func transfer() throws(CommandFault) -> Transfer {
      Transfer(
        payer: try account(from, "--from"), payee: try account(to, "--to"), amount: amount,
        currency: currency)
    }
    switch name {
    case "pay": return .given(.pay(try transfer()))
    case "fund":
      guard from != nil else {
        return .funding(try account(to, "--to"), amount: amount, currency)
      }
      return .given(.fund(try transfer()))
    case "cash-out":
      guard to != nil else {
        return .cashingOut(try account(from, "--from"), amount: amount, currency)
      }
      return .given(.cashOut(try transfer()))
    case "settle": return .given(.settle(try transfer()))
    case "issue":
      return .given(
        .issue(
          Issue(
            payee: try account(to, "--to"), amount: amount, currency: currency,
            rtgsReference: RTGSReference(unchecked: "hypothetical"))))
    case "redeem":
      return .given(
        .redeem(
          Redeem(
            payer: try account(from, "--from"), amount: amount, currency: currency,
            rtgsReference: RTGSReference(unchecked: "hypothetical"))))
    default:
      throw .invalidArgument(
        "`\(name)` is no operation here; use pay, fund, cash-out, settle, issue or redeem")
    }
  }
}
