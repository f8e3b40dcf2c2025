import ArgumentParser
import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorageSQLite

struct AuditSupplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "supply",
    abstract: "Compare the money that the log commits to with the money that replay computes.",
    discussion: """
      Replays every order up to the newest commitment to the state under the checkpoint, and adds \
      up what all accounts hold.

      With --holder a bank's total (or the issuer's, `issuer`) is proven in a file that shows nobody \
      else's; with --accounts each of its accounts, too.

        specie audit supply --log copy-of-ledger --trust trust
        specie audit supply --log copy-of-ledger --trust trust --holder icbc --accounts \\
            --out icbc.json
      """)

  @OptionGroup var proof: ProofOptions
  @OptionGroup var secret: SecretOptions
  @Option(
    help: ArgumentHelp(
      "Prove the total of this participant, or of the `issuer`.", valueName: "code"))
  var holder: String?
  @Option(
    help: ArgumentHelp(
      "In this currency (needed where the ledger has several).", valueName: "code"),
    transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode?
  @Flag(help: "Put every account of the holder into the file.") var accounts = false
  @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
  var out: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (holder == nil) == (out == nil) else {
      throw ValidationError("--holder says whose total is proven, and --out in which file")
    }
    guard holder != nil || (!accounts && currency == nil) else {
      throw ValidationError("--accounts and --currency say what of a --holder is proven")
    }
  }

  func run() async throws {
    if let out, LocalFile.exists(out) { throw CommandFault.fileExists(path: out) }
    let trust = try proof.trust.read()
    let folder = try HistoryOptions.open(proof.log)
    defer { try? folder.close() }
    let secret = try SecretFile.find(secret.commitmentSecret, in: proof.log)
    guard let holder, let out else {
      let (supply, _) = try proof.prove(folder, trust) { prover in
        try ProvenSupply.compute(
          by: prover, store: folder.store, secret: secret,
          progress: { HistoryOptions.show($0, "replaying") })
      }
      return output.print(SupplyComparison(supply))
    }
    let name: HolderName =
      holder == "issuer" ? .issuer : .participant(try ParticipantID(holder))
    let (total, prover) = try proof.prove(folder, trust) { prover in
      try TotalProof.make(
        of: name, currency, withAccounts: accounts, by: prover, store: folder.store,
        secret: secret, progress: { HistoryOptions.show($0, "replaying") })
    }
    _ = try total.check(trust)
    output.print(try WrittenProof(total.json, to: out, format: TotalProof.format, by: prover))
  }
}

/// The supply twice: as committed, and as replayed.
struct SupplyComparison: CommandReport {
  struct Currency: Encodable {
    let currency: String
    let issued: String
    let redeemed: String
    let outstanding: String
    /// The sum of all balances but the issuance account's, by replay.
    let held: String
  }

  let commitment: UInt64
  let time: String
  let close: String?
  let checkpointSize: UInt64
  let root: String
  let currencies: [Currency]
  private let lines: [String]

  enum CodingKeys: CodingKey {
    case commitment, time, close, checkpointSize, root, currencies
  }

  init(_ supply: ProvenSupply) {
    let scales = CurrencyScales(supply.genesis)
    commitment = supply.commitment.value
    time = supply.time.description
    close = supply.totals.close?.description
    checkpointSize = supply.checkpointSize
    root = supply.root.hex
    currencies = zip(supply.totals.currencies, supply.held).map { totals, held in
      Currency(
        currency: totals.currency.description,
        issued: scales.plain(totals.issued, totals.currency),
        redeemed: scales.plain(totals.redeemed, totals.currency),
        outstanding: scales.plain(totals.outstanding, totals.currency),
        held: scales.plain(held, totals.currency))
    }
    lines = zip(supply.totals.currencies, supply.held).flatMap { totals, held in
      [
        "\(totals.currency)",
        "  committed  issued \(scales.text(totals.issued, totals.currency)), redeemed "
          + "\(scales.text(totals.redeemed, totals.currency)), outstanding "
          + scales.text(totals.outstanding, totals.currency),
        "  replayed   the same, and all accounts hold \(scales.text(held, totals.currency))",
      ]
    }
  }

  var text: String {
    let at = close.map { "for the close of \($0)" } ?? "of \(time)"
    return
      ([
        "PROVEN: what entry \(DecimalAmount.count(commitment)) commits to, \(at), is what every "
          + "order before it gives,",
        "under a checkpoint over \(DecimalAmount.count(checkpointSize)) entries; "
          + "root \(root)",
      ] + lines).joined(separator: "\n")
  }
}
