import ArgumentParser
import LedgerModel

struct ParticipantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "participant", abstract: "Admit, suspend and reinstate banks, and list them.",
    discussion: """
        specie participant admit icbc --name "Industrial and Commercial Bank" \\
            --public-key icbc.key --settlement-account CNY \\
            --key alice.key --key bob.key --trust trust
        specie participant list --trust trust
      """,
    subcommands: [
      ParticipantAdmitCommand.self, ParticipantSuspendCommand.self,
      ParticipantReinstateCommand.self, ParticipantSetCommand.self, ParticipantListCommand.self,
    ])
}

struct ParticipantSetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set an attribute of a bank, by which rules tell banks apart.",
    discussion: """
      The rules in force for the currency say which attributes there are. Needs the quorum of \
      officers for rules.

        specie participant set icbc CNY class direct --key alice.key --key bob.key --trust trust
        specie participant set icbc CNY net-debit-cap 5000000.00 --amount \\
            --key alice.key --key bob.key --trust trust
      """)

  @Argument(help: "The bank's code.", transform: { try ParticipantID($0) })
  var bank: ParticipantID
  @Argument(help: "The currency of the rules.", transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode
  @OptionGroup var attribute: AttributeValueOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .issuer) { facts in
      .setParticipantAttribute(
        SetParticipantAttribute(
          participant: bank, currency: currency, name: attribute.name,
          value: try await attribute.value(facts, in: currency)))
    }
  }
}

struct ParticipantAdmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "admit", abstract: "Admit a bank, with its keys and settlement accounts.",
    discussion: """
      Needs the quorum of officers for participants.

        specie participant admit icbc --name "Industrial and Commercial Bank" \\
            --public-key <64 hexadecimal digits> --settlement-account CNY \\
            --key alice.key --key bob.key --trust trust
      """)

  @Argument(
    help: "The bank's short code: 2 to 32 of a-z, 0-9 and `-`.",
    transform: { try ParticipantID($0) })
  var code: ParticipantID
  @Option(help: "The bank's full name.", transform: { try ParticipantName($0) })
  var name: ParticipantName
  @Option(
    name: .customLong("public-key"),
    help: ArgumentHelp(
      "A key of the bank: 64 hexadecimal digits, or its key file; repeat for more.",
      valueName: "key"), transform: { try TextArgument.publicKey($0) })
  var publicKeys: [PublicKey]
  @Option(
    name: .customLong("settlement-account"),
    help: ArgumentHelp(
      "A currency to open a settlement account in, with its id where that is not to be random.",
      valueName: "code[=uuid]"), transform: { try Self.settlementAccount($0) })
  var settlementAccounts: [NewSettlementAccount]
  @OptionGroup var order: OrderOptions

  private static func settlementAccount(_ text: String) throws -> NewSettlementAccount {
    guard text.contains("=") else {
      return NewSettlementAccount(
        account: RandomID.account(), currency: try TextArgument.currency(text))
    }
    let (code, id) = try TextArgument.pair(text, "CODE=UUID")
    return NewSettlementAccount(
      account: try TextArgument.account(id), currency: try TextArgument.currency(code))
  }

  func run() async throws {
    let created = settlementAccounts.map {
      CreatedID(
        noun: "settlement account in \($0.currency)", id: $0.account.description,
        option: "--settlement-account \($0.currency)=\($0.account)")
    }
    try await order.order(as: .issuer, created: created) { _ in
      .admitParticipant(
        AdmitParticipant(
          participant: code, name: name, keys: publicKeys,
          settlementAccounts: settlementAccounts))
    }
  }
}

/// A bank, and the legal ground of an order about it.
struct StandingOptions: ParsableArguments {
  @Argument(help: "The bank's code.", transform: { try ParticipantID($0) })
  var code: ParticipantID
  @Option(help: "The legal ground of the order.", transform: { try LegalReference($0) })
  var legalReference: LegalReference

  var standing: ParticipantStanding {
    ParticipantStanding(participant: code, legalReference: legalReference)
  }
}

struct ParticipantSuspendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspend", abstract: "Suspend a bank at once; one officer can.",
    discussion: """
        specie participant suspend icbc --legal-reference "Order 12/2026" \\
            --key alice.key --trust trust
      """)

  @OptionGroup var standing: StandingOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .issuer) { _ in .suspendParticipant(standing.standing) }
  }
}

struct ParticipantReinstateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reinstate", abstract: "Lift a bank's suspension; needs the quorum.",
    discussion: """
        specie participant reinstate icbc --legal-reference "Order 13/2026" \\
            --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var standing: StandingOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .issuer) { _ in .reinstateParticipant(standing.standing) }
  }
}
