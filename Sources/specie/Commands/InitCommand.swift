import ArgumentParser
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import LedgerWire
import MerkleLog

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Create a ledger: its genesis, signed by every officer.",
    discussion: """
      The genesis fixes the currencies, the officers and how many of them must sign what. Its hash is \
      the ledger's id. The trust file that is printed, and written to DIR/trust, is what auditors and \
      banks pin: hand it over by a way that they trust.

      With the officers' key files at hand:

        specie init ledger --origin ledger.example/cny --currency CNY:2 \\
            --officer alice=alice.key --officer bob=bob.key \\
            --officer carol=carol.key --quorum 2 --log-key log.key

      With keys elsewhere, name officers by public key, and pass a draft around:

        specie init --draft genesis.json --officer alice=<64 hexadecimal digits> ...
        specie sign genesis.json --key alice.key
        specie init ledger --from genesis.json
      """)

  @Argument(help: "The new ledger's folder; it must be missing or empty.") var directory: String?

  @Option(
    help: ArgumentHelp(
      "The log's name for ever: a URL without its scheme, as `ledger.example/cny`.",
      valueName: "name"))
  var origin: String?
  @Option(
    name: .customLong("currency"),
    help: ArgumentHelp(
      "A currency and the decimal digits of its minor unit, as `CNY:2`; repeat for more.",
      valueName: "code:digits"), transform: { try CurrencyScale(argument: $0) })
  var currencies: [CurrencyScale] = []
  @Option(
    name: .customLong("officer"),
    help: ArgumentHelp(
      "An officer and the key file at hand, or for a draft the public key; repeat for each.",
      valueName: "name=key"))
  var officers: [String] = []
  @Option(help: ArgumentHelp("The key file that orders and signs the log.", valueName: "file|key"))
  var logKey: String?

  @Option(help: "How many officers must sign, wherever no other option says so.")
  var quorum: Int?
  @Option(help: "How many officers admit or reinstate a participant.") var quorumParticipants: Int?
  @Option(
    help: "How many officers register, rotate, reinstate or revoke keys; no other quorum is larger."
  )
  var quorumKeys: Int?
  @Option(help: "How many officers issue.") var quorumIssuance: Int?
  @Option(help: "How many officers freeze.") var quorumFreezes: Int?
  @Option(help: "How many officers activate rules.") var quorumRules: Int?

  @Option(
    name: .customLong("recovery"),
    help: ArgumentHelp(
      "A holder of a recovery key, which may replace all officers and nothing else.",
      valueName: "name=public-key"))
  var recovery: [String] = []
  @Option(help: "How many recovery keys replace the officers.") var recoveryQuorum = 0

  @Option(
    help: "How far back ids, and ahead expiries, of participants may lie.",
    transform: { try TextArgument.duration($0) })
  var participantHorizon = Parameters.standard.participantHorizonMicroseconds
  @Option(
    help: "The same for officers, who may sign offline.",
    transform: { try TextArgument.duration($0) })
  var officerHorizon = Parameters.standard.officerHorizonMicroseconds

  @OptionGroup(title: "Commitments to the state") var commitments: CommitmentOptions

  @Option(
    help: ArgumentHelp("Write the genesis to a file for the officers to sign.", valueName: "file"))
  var draft: String?
  @Option(help: ArgumentHelp("Create the ledger of a draft that all signed.", valueName: "file"))
  var from: String?
  @Option(help: ArgumentHelp("Where the trust file goes (default: DIR/trust).", valueName: "file"))
  var trustFile: String?

  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    switch (directory, draft, from) {
    case (nil, nil, _):
      throw ValidationError("name the new ledger's folder, or write a draft with --draft FILE")
    case (_, .some, .some): throw ValidationError("--draft writes a genesis, and --from reads one")
    case (.some, .some, nil):
      throw ValidationError("--draft makes no folder yet; leave `\(directory ?? "")` out")
    default: break
    }
    guard from == nil else { return }
    guard origin != nil, !currencies.isEmpty, !officers.isEmpty, logKey != nil, quorum != nil else {
      throw ValidationError(
        "--origin, --currency, --officer, --log-key and --quorum are needed; `specie help init` has "
          + "an example")
    }
  }

  func run() async throws {
    if let from {
      let json = try LocalFile.read(from, bytesMax: GenesisDraft.fileBytesMax)
      let draft = try GenesisDraft(json: json, path: from)
      return try create(draft, try secret(of: draft.genesis, at: from))
    }
    let secret = commitments.noCommitments ? nil : CommitmentSecret(RandomID.bytes32())
    var genesisDraft = GenesisDraft(try genesis(secret))
    if let draft {
      let path = commitments.secretPath(ofDraft: draft)
      if let secret { try SecretFile.create(path, secret) }
      try LocalFile.create(draft, genesisDraft.json, mode: 0o644)
      return output.print(
        GenesisDraftReport(genesisDraft, file: draft, secretFile: secret == nil ? nil : path))
    }
    for officer in officers {
      let (_, path) = try TextArgument.pair(officer, "NAME=KEYFILE")
      try genesisDraft.sign(with: try KeyFile(path: path).open(passphrases))
    }
    try create(genesisDraft, secret)
  }

  /// The secret that a draft names.
  private func secret(
    of genesis: Genesis, at draft: String
  ) throws(CommandFault) -> CommitmentSecret? {
    guard let schedule = genesis.parameters.commitments else { return nil }
    let path = commitments.secretPath(ofDraft: draft)
    let secret = try SecretFile.read(path)
    guard secret.digest == schedule.secretDigest else {
      throw .fileInvalid(path: path, problem: "it is another secret than the one the genesis names")
    }
    return secret
  }

  private func genesis(_ secret: CommitmentSecret?) throws -> Genesis {
    guard let origin, let quorum, let logKey else {
      preconditionFailure("validation lets only whole command lines pass")
    }
    let ordered = [quorum, quorumParticipants, quorumIssuance, quorumFreezes, quorumRules]
    let largest = ordered.compactMap(\.self).max() ?? quorum
    let genesis = Genesis(
      origin: origin, logKey: try TextArgument.publicKey(logKey),
      currencies: currencies.map {
        Currency(code: $0.code, exponent: $0.exponent, issuanceAccount: RandomID.account())
      },
      officers: try officers.map(Self.officer),
      quorums: Quorums(
        participants: quorumParticipants ?? quorum, keys: quorumKeys ?? largest,
        issuance: quorumIssuance ?? quorum, freezes: quorumFreezes ?? quorum,
        rules: quorumRules ?? quorum, recovery: recoveryQuorum),
      recovery: try recovery.map(Self.officer),
      parameters: Parameters(
        participantHorizonMicroseconds: participantHorizon,
        officerHorizonMicroseconds: officerHorizon, liveIDsMax: Parameters.standard.liveIDsMax,
        commitments: try secret.map { try commitments.schedule($0) }),
      version: .newest, nonce: RandomID.bytes32())
    try genesis.validate()
    return genesis
  }

  private static func officer(_ text: String) throws -> Officer {
    let (name, key) = try TextArgument.pair(text, "NAME=KEY")
    return Officer(name: try OfficerName(name), key: try TextArgument.publicKey(key))
  }

  private func create(_ draft: GenesisDraft, _ secret: CommitmentSecret?) throws {
    guard let directory else { preconditionFailure("validation lets only whole lines pass") }
    guard draft.missing.isEmpty else {
      let names = draft.missing.map { "`\($0.name)`" }.joined(separator: ", ")
      throw CommandFault.invalidArgument(
        "every officer signs the genesis; missing: \(names); they sign with `specie sign`")
    }
    let writer = LogWriter(
      genesis: draft.genesis, bytes: draft.bytes, signatures: draft.orderedSignatures,
      secret: secret, at: WallClock.now)
    var packer = RowPacker(first: .genesis)
    packer.append(entry: Array(writer.entry), sideData: [])
    let ledger = LedgerID(Bytes32(writer.head))
    let trust = try TrustFile(ledger: ledger, genesis: draft.genesis)
    let trustPath = trustFile ?? "\(directory)/trust"
    if let trustFile, LocalFile.exists(trustFile) {
      throw CommandFault.fileExists(path: trustFile)
    }
    try LedgerDirectory.create(
      at: directory, rows: packer.finish(), commitmentSecret: secret?.text
    ).close()
    do {
      try LocalFile.create(trustPath, Array(trust.text.utf8), mode: 0o644)
    } catch {
      StandardError.write("the ledger in \(directory) is made; keep its trust file:\n\(trust.text)")
      throw error
    }
    output.print(
      InitReport(
        directory: directory, ledger: ledger.description, logKey: trust.logKey.vkey,
        trustFile: trustPath, trust: trust.text,
        secretFile: secret.map { _ in SecretFile.path(in: directory) }))
  }
}

/// What a new ledger is known by.
private struct InitReport: CommandReport {
  let directory: String
  let ledger: String
  let logKey: String
  let trustFile: String
  let trust: String
  let secretFile: String?

  enum CodingKeys: CodingKey {
    case directory
    case ledger
    case logKey
    case trustFile
    case secretFile
  }

  var text: String {
    let secret = secretFile.map {
      "\nwrote the secret of its commitments \($0); hand it to auditors alone"
    }
    return """
      created ledger \(ledger) in \(directory)\(secret ?? "")
      wrote the trust file \(trustFile); hand it to banks and auditors:

      \(trust.dropLast())
      """
  }
}

/// A genesis that waits for signatures.
struct GenesisDraftReport: CommandReport {
  let file: String
  let signed: [String]
  let missing: [String]
  let secretFile: String?
  private let words: [String]

  enum CodingKeys: CodingKey {
    case file
    case signed
    case missing
    case secretFile
  }

  init(_ draft: GenesisDraft, file: String, secretFile: String? = nil) {
    self.file = file
    self.secretFile = secretFile
    missing = draft.missing.map(\.name.text)
    signed = draft.genesis.officers.map(\.name.text).filter {
      !draft.missing.map(\.name.text).contains($0)
    }
    words = draft.genesis.words
  }

  var text: String {
    let next =
      missing.isEmpty
      ? "all officers signed; create it with `specie init DIR --from \(file)`"
      : "to sign: \(missing.joined(separator: ", "))"
    let secret = secretFile.map {
      "secret of its commitments in \($0): it is needed to create the ledger"
    }
    return (words + [secret].compactMap(\.self) + ["draft in \(file); \(next)"])
      .joined(separator: "\n")
  }
}
