import ArgumentParser
import LedgerModel

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Make and look after key files on this machine.",
    discussion: """
      A key file holds one private Ed25519 key, encrypted under a passphrase (Argon2id). Which keys \
      may act on a ledger is ordered with `specie signer`.

        specie key new alice.key
        specie key show alice.key
      """,
    subcommands: [KeyNewCommand.self, KeyShowCommand.self, KeyPassphraseCommand.self])
}

/// What is public of a key file.
private struct KeyReport: CommandReport {
  let file: String
  let publicKey: String
  let words: String

  enum CodingKeys: CodingKey {
    case file
    case publicKey
  }

  init(_ file: KeyFile, words: String = "") {
    self.file = file.path
    self.publicKey = file.publicKey.description
    self.words = words
  }

  var text: String { words + publicKey }
}

struct KeyNewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Make a key, and write it to a new file.",
    discussion: """
      The file is for its owner alone (0600), and an existing one is never overwritten. Keep a copy \
      apart from the passphrase: nobody can recover either.

        specie key new alice.key
      """)

  @Argument(help: "The file to write.") var file: String
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let key = try KeyFile.create(at: file, passphrases: passphrases)
    output.print(KeyReport(key, words: "wrote \(key.path), public key "))
  }
}

struct KeyShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print the public key of a key file.",
    discussion: "The passphrase is not needed.\n\n  specie key show alice.key")

  @Argument(help: "A key file.") var file: String
  @OptionGroup var output: OutputOptions

  func run() async throws { output.print(KeyReport(try KeyFile(path: file))) }
}

struct KeyPassphraseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passphrase", abstract: "Change the passphrase of a key file.",
    discussion: """
      The old one comes from where all passphrases come from; the new one from the terminal, the next \
      line of --passphrase-fd, or SPECIE_NEW_PASSPHRASE. Copies of the file keep the old one.

        specie key passphrase alice.key
      """)

  @Argument(help: "A key file.") var file: String
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let key = try KeyFile(path: file)
    try key.changePassphrase(passphrases)
    output.print(KeyReport(key, words: "changed the passphrase of \(key.path), public key "))
  }
}
