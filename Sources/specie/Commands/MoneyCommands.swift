import ArgumentParser
import LedgerModel

/// How much, and of which currency.
struct MoneyOptions: ParsableArguments {
  @Argument(help: "The amount as a decimal, such as 1000000.00.") var amount: String
  @Argument(help: "The currency, such as CNY.", transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode
}

/// The payment in the RTGS system behind an issuance or a redemption.
struct RTGSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The payment in the RTGS system; each is good for one order, for ever.", valueName: "text"),
    transform: { try RTGSReference($0) })
  var rtgsReference: RTGSReference
}

/// A bank's settlement account, where it is not looked up in the log.
struct SettlementOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The settlement account (default: the bank's, proven by its admission in the log).",
      valueName: "uuid"),
    transform: { try TextArgument.account($0) })
  var settlementAccount: AccountID?

  func account(
    of bank: ParticipantID, _ code: CurrencyCode, _ facts: LedgerFacts
  ) async throws -> AccountID {
    if let settlementAccount { return settlementAccount }
    return try await facts.settlementAccount(of: bank, code)
  }
}

struct IssueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "Issue money to a bank's settlement account.",
    discussion: """
      Needs the quorum of officers for issuance, with their key files at hand or by a draft.

        specie issue icbc 1000000.00 CNY --rtgs-reference RTGS-0001 \\
            --key alice.key --key bob.key --trust trust
      """)

  @Argument(help: "The bank's code.", transform: { try ParticipantID($0) })
  var bank: ParticipantID
  @OptionGroup var money: MoneyOptions
  @OptionGroup var rtgs: RTGSOptions
  @OptionGroup var settlement: SettlementOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .issuer) { facts in
      .issue(
        Issue(
          payee: try await settlement.account(of: bank, money.currency, facts),
          amount: try await facts.minorUnits(money.amount, money.currency),
          currency: money.currency, rtgsReference: rtgs.rtgsReference))
    }
  }
}

struct RedeemCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redeem", abstract: "Give money back to the central bank.",
    discussion: """
      From the bank's own settlement account; the money ceases to exist on the ledger.

        specie redeem 250000.00 CNY --rtgs-reference RTGS-0002 \\
            --as icbc --key icbc.key --trust trust
      """)

  @OptionGroup var money: MoneyOptions
  @OptionGroup var rtgs: RTGSOptions
  @OptionGroup var settlement: SettlementOptions
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { facts in
      .redeem(
        Redeem(
          payer: try await settlement.account(of: bank.bank, money.currency, facts),
          amount: try await facts.minorUnits(money.amount, money.currency),
          currency: money.currency, rtgsReference: rtgs.rtgsReference))
    }
  }
}

struct SettleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle", abstract: "Move money to another bank's settlement account.",
    discussion: "  specie settle abc 5000.00 CNY --as icbc --key icbc.key --trust trust")

  @Argument(
    help: "The bank that is paid, by its code, or a settlement account's id.",
    transform: { try Payee($0) })
  var payee: Payee
  @OptionGroup var money: MoneyOptions
  @OptionGroup var settlement: SettlementOptions
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  /// Who is paid.
  enum Payee {
    case bank(ParticipantID)
    case account(AccountID)

    init(_ text: String) throws {
      if let value = Bytes16(uuidText: text) {
        self = .account(AccountID(value))
      } else {
        self = .bank(try ParticipantID(text))
      }
    }
  }

  func run() async throws {
    try await order.order(as: bank.party) { facts in
      let payee =
        switch payee {
        case .account(let account): account
        case .bank(let bank): try await facts.settlementAccount(of: bank, money.currency)
        }
      return .settle(
        Transfer(
          payer: try await settlement.account(of: bank.bank, money.currency, facts), payee: payee,
          amount: try await facts.minorUnits(money.amount, money.currency),
          currency: money.currency))
    }
  }
}

struct FundCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fund", abstract: "Move money from the bank's settlement account to a wallet.",
    discussion: """
        specie fund 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 2000.00 CNY \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet.", transform: { try TextArgument.account($0) }) var wallet: AccountID
  @OptionGroup var money: MoneyOptions
  @OptionGroup var settlement: SettlementOptions
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { facts in
      .fund(
        Transfer(
          payer: try await settlement.account(of: bank.bank, money.currency, facts),
          payee: wallet, amount: try await facts.minorUnits(money.amount, money.currency),
          currency: money.currency))
    }
  }
}

struct PayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay", abstract: "Pay from a wallet of the bank to any wallet.",
    discussion: """
        specie pay 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 \\
            c1d2e3f4-0516-4273-8495-a6b7c8d9eafb 12.50 CNY \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet that pays.", transform: { try TextArgument.account($0) })
  var payer: AccountID
  @Argument(help: "The wallet that is paid.", transform: { try TextArgument.account($0) })
  var payee: AccountID
  @OptionGroup var money: MoneyOptions
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { facts in
      .pay(
        Transfer(
          payer: payer, payee: payee,
          amount: try await facts.minorUnits(money.amount, money.currency),
          currency: money.currency))
    }
  }
}

struct CashOutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cash-out", abstract: "Move money from a wallet to its bank's settlement account.",
    discussion: """
        specie cash-out 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 100.00 CNY \\
            --as icbc --key icbc.key --trust trust
      """)

  @Argument(help: "The wallet.", transform: { try TextArgument.account($0) }) var wallet: AccountID
  @OptionGroup var money: MoneyOptions
  @OptionGroup var settlement: SettlementOptions
  @OptionGroup var bank: BankOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: bank.party) { facts in
      .cashOut(
        Transfer(
          payer: wallet,
          payee: try await settlement.account(of: bank.bank, money.currency, facts),
          amount: try await facts.minorUnits(money.amount, money.currency),
          currency: money.currency))
    }
  }
}
