import ArgumentParser
import LedgerModel

struct SignerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signer", abstract: "Order which keys may sign on the ledger, and for whom.",
    discussion: """
      A bank orders about its own keys with --as; officers about their own and any bank's. A key \
      belongs to one party for ever. `specie key` makes the files themselves.

        specie signer register --party icbc --public-key icbc2.key \\
            --as icbc --key icbc.key --trust trust
        specie signer suspend --party icbc --public-key icbc.key \\
            --key alice.key --trust trust
      """,
    subcommands: [
      SignerRegisterCommand.self, SignerRotateCommand.self, SignerSuspendCommand.self,
      SignerReinstateCommand.self, SignerRevokeCommand.self,
    ])
}

/// Whose key, and who orders.
struct SignerPartyOptions: ParsableArguments {
  @Option(
    name: .customLong("party"),
    help: ArgumentHelp("Whose key it is (default: the party that orders).", valueName: "party"),
    transform: { try Party($0) })
  var holder: Party?
  @OptionGroup var acting: PartyOptions

  var keyParty: Party { holder ?? acting.party }
}

/// One registered key.
struct SignerKeyOptions: ParsableArguments {
  @OptionGroup var party: SignerPartyOptions
  @Option(
    help: ArgumentHelp("64 hexadecimal digits, or a key file.", valueName: "key"),
    transform: { try TextArgument.publicKey($0) })
  var publicKey: PublicKey

  var partyKey: PartyKey { PartyKey(party: party.keyParty, key: publicKey) }
}

struct SignerRegisterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register", abstract: "Register a key.",
    discussion: """
        specie signer register --party icbc --public-key icbc2.key --from now \\
            --until 2027-01-01T00:00:00+08:00 --as icbc --key icbc.key --trust trust
      """)

  @OptionGroup var signer: SignerKeyOptions
  @OptionGroup var validity: ValidityOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: signer.party.acting.party, takesNow: validity.from == nil) { _ in
      .registerKey(
        RegisterKey(
          party: signer.party.keyParty, key: signer.publicKey,
          validFrom: validity.from ?? WallClock.now, validUntil: validity.until))
    }
  }
}

struct SignerRotateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Replace a key by a new one, with an overlap.",
    discussion: """
        specie signer rotate --old icbc.key --new icbc2.key --overlap 1d \\
            --as icbc --key icbc.key --trust trust
      """)

  @OptionGroup var party: SignerPartyOptions
  @Option(
    name: .customLong("old"), help: ArgumentHelp("The key that goes.", valueName: "key"),
    transform: { try TextArgument.publicKey($0) })
  var oldKey: PublicKey
  @Option(
    name: .customLong("new"), help: ArgumentHelp("The key that comes.", valueName: "key"),
    transform: { try TextArgument.publicKey($0) })
  var newKey: PublicKey
  @Option(
    help: ArgumentHelp(
      "How long the old key still acts; of a draft, after the last instant at which it can be sent.",
      valueName: "duration"), transform: { try TextArgument.duration($0) })
  var overlap: UInt64 = 86_400 * 1_000_000
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: party.acting.party, takesNow: overlap != 0) { _ in
      .rotateKey(
        RotateKey(
          party: party.keyParty, oldKey: oldKey, newKey: newKey,
          overlapUntil: overlap == 0
            ? LedgerTime(microseconds: 0)
            : order.latestEffect(of: party.acting.party).advanced(byMicroseconds: overlap)))
    }
  }
}

struct SignerSuspendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspend", abstract: "Suspend a key at once.",
    discussion: """
      One officer alone suspends a bank's key or his own; another officer's key needs the quorum.

        specie signer suspend --party icbc --public-key icbc.key \\
            --key alice.key --trust trust
      """)

  @OptionGroup var signer: SignerKeyOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: signer.party.acting.party) { _ in .suspendKey(signer.partyKey) }
  }
}

struct SignerReinstateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reinstate", abstract: "Lift a key's suspension; needs the quorum.",
    discussion: """
        specie signer reinstate --party icbc --public-key icbc.key \\
            --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var signer: SignerKeyOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: signer.party.acting.party) { _ in .reinstateKey(signer.partyKey) }
  }
}

struct SignerRevokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Revoke a key for good.",
    discussion: """
        specie signer revoke --party icbc --public-key icbc.key \\
            --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var signer: SignerKeyOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    try await order.order(as: signer.party.acting.party) { _ in .revokeKey(signer.partyKey) }
  }
}
