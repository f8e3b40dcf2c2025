import ArgumentParser
import LedgerModel

/// What a freeze or its lifting is about, and its legal ground.
struct FreezeOptions: ParsableArguments {
  @Option(help: "The account to freeze.", transform: { try TextArgument.account($0) })
  var account: AccountID?
  @Option(
    help: "The bank whose settlement accounts to freeze.", transform: { try ParticipantID($0) })
  var participant: ParticipantID?
  @Option(help: "The legal ground of the order.", transform: { try LegalReference($0) })
  var legalReference: LegalReference

  func validate() throws {
    guard (account == nil) != (participant == nil) else {
      throw ValidationError("name one target: --account UUID, or --participant CODE")
    }
  }

  var target: FreezeTarget {
    if let account { return .account(account) }
    guard let participant else { preconditionFailure("validation lets one target pass") }
    return .participant(participant)
  }
}

struct FreezeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "freeze", abstract: "Stop all debits of a wallet or a bank.",
    discussion: """
      Whether credits still come in is part of the order. Needs the quorum of officers for freezes.

        specie freeze --account 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 \\
            --credits refused --legal-reference "Court order 7" \\
            --key alice.key --key bob.key --trust trust
      """)

  /// Whether credits still come in.
  enum Credits: String, ExpressibleByArgument, CaseIterable {
    case accepted
    case refused
  }

  @OptionGroup var freeze: FreezeOptions
  @Option(help: "Whether credits still come in.") var credits: Credits
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .issuer) { _ in
      .freeze(
        Freeze(
          target: freeze.target, credits: credits == .accepted ? .accepted : .refused,
          legalReference: freeze.legalReference))
    }
  }
}

struct UnfreezeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unfreeze", abstract: "Lift a freeze.",
    discussion: """
        specie unfreeze --participant icbc --legal-reference "Court order 8" \\
            --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var freeze: FreezeOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .issuer) { _ in .unfreeze(freeze.target, freeze.legalReference) }
  }
}

struct ClockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Confirm the ledger's clock after a jump.",
    discussion: "  specie clock confirm --key alice.key --trust trust",
    subcommands: [ClockConfirmCommand.self])
}

struct ClockConfirmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Say which instant it is, so that orders are taken again.",
    discussion: """
      A server whose clock jumped takes no other order (`clock_unsafe`). Look at a clock that you \
      trust first; the instant must be within 5 minutes of the server's.

        specie clock confirm --at 2026-01-31T09:00:00+08:00 --key alice.key
      """)

  @Option(
    name: .customLong("at"), help: "The instant: RFC 3339 (default: now, by this machine).",
    transform: { try TextArgument.instant($0) })
  var instant: LedgerTime?
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .issuer, takesNow: instant == nil) { _ in
      .confirmClock(instant ?? WallClock.now)
    }
  }
}

struct OfficersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "officers", abstract: "Replace all officers by the recovery keys.",
    discussion: "  specie officers replace --public-key dora.key --key recovery.key",
    subcommands: [OfficersReplaceCommand.self])
}

struct OfficersReplaceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replace", abstract: "Put new officers in the place of all that there are.",
    discussion: """
      The recovery keys can order this and nothing else, and only by their quorum.

        specie officers replace --public-key dora.key --public-key emil.key \\
            --key recovery1.key --key recovery2.key --trust trust
      """)

  @Option(
    name: .customLong("public-key"),
    help: ArgumentHelp(
      "A new officer's key: 64 hexadecimal digits, or a key file; repeat for each.",
      valueName: "key"), transform: { try TextArgument.publicKey($0) })
  var publicKeys: [PublicKey]
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: .recovery) { _ in .replaceOfficers(publicKeys) }
  }
}
