import ArgumentParser
import LedgerModel

struct WalletCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wallet", abstract: "Open, change, close and show customers' wallets.",
    discussion: """
        specie wallet open CNY wl2 --as icbc --key icbc.key --trust trust
        specie wallet show 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035
      """,
    subcommands: [
      WalletOpenCommand.self, WalletTierCommand.self, WalletSetCommand.self,
      WalletPayeeCommand.self, WalletLinkCommand.self, WalletEventCommand.self,
      WalletCloseCommand.self, WalletShowCommand.self,
    ])
}

struct WalletOpenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a wallet at the bank.",
    discussion: """
      The wallet's id and its owner's are random unless given. An owner id comes from an identity \
      service outside the ledger; never put personal data into it.

        specie wallet open CNY wl2 --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The currency.", transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode
  @Argument(help: "The tier, by the rules in force.", transform: { try Tier($0) }) var tier: Tier
  @Option(
    help: ArgumentHelp("The holder's id (default: a new one).", valueName: "uuid"),
    transform: { try TextArgument.owner($0) })
  var owner: OwnerID?
  @Option(
    name: .customLong("wallet"),
    help: ArgumentHelp("The wallet's id (default: a new one).", valueName: "uuid"),
    transform: { try TextArgument.account($0) })
  var wallet: AccountID?
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    let wallet = wallet ?? RandomID.account()
    let owner = owner ?? RandomID.owner()
    let created = [
      CreatedID(noun: "wallet", id: wallet.description, option: "--wallet \(wallet)"),
      CreatedID(noun: "owner", id: owner.description, option: "--owner \(owner)"),
    ]
    try await order.order(as: bank.party, created: created) { _ in
      .openWallet(OpenWallet(wallet: wallet, owner: owner, currency: currency, tier: tier))
    }
  }
}

struct WalletTierCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tier", abstract: "Set a wallet's tier.",
    discussion: """
        specie wallet tier 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 wl3 \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet.", transform: { try TextArgument.account($0) }) var wallet: AccountID
  @Argument(help: "The tier, by the rules in force.", transform: { try Tier($0) }) var tier: Tier
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { _ in .setWalletTier(wallet, tier) }
  }
}

struct WalletCloseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a wallet, which must hold nothing.",
    discussion: """
        specie wallet close 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet.", transform: { try TextArgument.account($0) }) var wallet: AccountID
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { _ in .closeWallet(wallet) }
  }
}

struct WalletShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a wallet; the same as `specie account`.",
    discussion: "  specie wallet show 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 --trust trust")

  @OptionGroup var account: AccountCommand

  func run() async throws { try await account.run() }
}
