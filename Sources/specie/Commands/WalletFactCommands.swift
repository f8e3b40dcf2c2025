import ArgumentParser
import LedgerModel

/// A value of an attribute on the command line: a word, or an amount.
struct AttributeValueOptions: ParsableArguments {
  @Argument(help: "The attribute, by the rules in force.", transform: { try AttributeName($0) })
  var name: AttributeName
  @Argument(help: "A word of the attribute's, or an amount as a decimal with --amount.")
  var value: String
  @Flag(help: "The value is an amount.") var amount = false

  /// Reads the value.
  ///
  /// - Parameters:
  ///   - facts: What is known of the ledger.
  ///   - currency: Of an amount; `nil` for the ledger's only one.
  /// - Returns: A word, or with `--amount` a sum.
  /// - Throws: Where the value is none, or the ledger has several currencies and none is named.
  func value(_ facts: LedgerFacts, in currency: CurrencyCode?) async throws -> AttributeValue {
    guard amount else { return .word(try word()) }
    if let currency { return .amount(try await facts.minorUnitsOrZero(value, currency)) }
    let scales = try await facts.scales().scales
    guard scales.count == 1 else {
      throw CommandFault.invalidArgument(
        "the ledger has \(scales.map { "`\($0.code)`" }.joined(separator: ", ")); say with "
          + "--currency which of them the amount is in")
    }
    return .amount(try await facts.minorUnitsOrZero(value, scales[0].code))
  }

  private func word() throws(CommandFault) -> AttributeWord {
    do throws(NameError) {
      return try AttributeWord(value)
    } catch {
      let isDecimal = value.allSatisfy { "0123456789.".contains($0) }
      throw .invalidArgument(
        error.description + (isDecimal ? "; where it is an amount, give --amount" : ""))
    }
  }
}

struct WalletSetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Set an attribute of a wallet, by which rules tell wallets apart.",
    discussion: """
      The rules in force say which attributes there are. An amount that the holder lowers is in \
      force at once; a raised one as long afterwards as the rules say. None is above their ceiling.

        specie wallet set 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 kind merchant \\
            --as icbc --key icbc.key --trust trust
        specie wallet set 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 night-limit 500.00 --amount \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet.", transform: { try TextArgument.account($0) }) var wallet: AccountID
  @OptionGroup var attribute: AttributeValueOptions
  @Option(
    help: ArgumentHelp(
      "The wallet's currency, for an amount where the ledger has several.", valueName: "code"),
    transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode?
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func validate() throws {
    guard currency == nil || attribute.amount else {
      throw ValidationError("--currency is of an amount; give --amount, too")
    }
  }

  func run() async throws {
    try await order.order(as: bank.party) { facts in
      .setWalletAttribute(
        SetWalletAttribute(
          wallet: wallet, name: attribute.name,
          value: try await attribute.value(facts, in: currency)))
    }
  }
}

struct WalletPayeeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "payee", abstract: "List a payee for a wallet, or strike one off the list.",
    discussion: """
        specie wallet payee 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 \\
            c2d0a1f4-6f0b-4d7e-9a51-0c8e4b7d2f16 --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet that pays.", transform: { try TextArgument.account($0) })
  var wallet: AccountID
  @Argument(help: "The wallet that is paid.", transform: { try TextArgument.account($0) })
  var payee: AccountID
  @Flag(help: "Strike the payee off the list.") var remove = false
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    let pair = PayeeOfWallet(wallet: wallet, payee: payee)
    try await order.order(as: bank.party) { _ in remove ? .unlistPayee(pair) : .listPayee(pair) }
  }
}

struct WalletLinkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link", abstract: "Link a wallet to the bank's settlement account.",
    discussion: """
      Where rules have a waterfall, what a linked wallet may not hold goes on to the settlement \
      account, and what it lacks may come from there: the bank books it to the holder's account.

        specie wallet link 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 CNY \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet.", transform: { try TextArgument.account($0) }) var wallet: AccountID
  @Argument(help: "The wallet's currency.", transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode
  @Flag(help: "Link it to nothing.") var remove = false
  @OptionGroup var settlement: SettlementOptions
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { facts in
      guard !remove else { return .linkAccount(wallet, to: nil) }
      return .linkAccount(
        wallet, to: try await settlement.account(of: bank.bank, currency, facts))
    }
  }
}

struct WalletEventCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "Record an event of a wallet, from which rules may count.",
    discussion: """
        specie wallet event 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 sca \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet.", transform: { try TextArgument.account($0) }) var wallet: AccountID
  @Argument(help: "The event, by the rules in force.", transform: { try EventName($0) })
  var event: EventName
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { _ in .recordEvent(event, of: wallet) }
  }
}
