import ArgumentParser
import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorageSQLite

struct AuditCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a file that proves one payment, statement, total or fork.",
    discussion: """
      Needs no connection and no ledger: only the trust file, or a C2SP policy whose witnesses must \
      have cosigned. Says in plain words what is proven, and exits with 1 where anything does not \
      hold.

      With --log, the attested inputs of a decision are made again from a copy of the ledger, and \
      compared.

        specie audit check payment.json --trust trust
      """)

  @Argument(help: "A file that `specie audit evidence`, `statement`, `supply` or `compare` wrote.")
  var file: String
  @OptionGroup var trust: TrustOptions
  @Option(
    help: ArgumentHelp(
      "A copy of the ledger, to make again what is attested of a decision.", valueName: "folder"))
  var log: String?
  @Option(
    name: .customLong("attester"),
    help: ArgumentHelp(
      "A key whose attestations you believe beside the log key's: 64 hexadecimal digits, or a key "
        + "file; repeat for more.", valueName: "key"), transform: { try TextArgument.publicKey($0) }
  )
  var attesters: [PublicKey] = []
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let trust = try trust.read()
    let json = try LocalFile.read(
      file, bytesMax: ProofLimits.fileBytesMax)
    do throws(EvidenceFault) {
      switch ProofJSON.format(of: json) {
      case PaymentEvidence.format:
        let evidence = try PaymentEvidence(json: json)
        let checked = try evidence.check(trust, attesters: attesters)
        try compare(evidence, checked)
        output.print(PaymentReport(checked, isMadeAgain: log != nil))
      case AccountStatement.format:
        output.print(StatementReport(try AccountStatement(json: json).check(trust)))
      case TotalProof.format:
        let proof = try TotalProof(json: json)
        output.print(TotalReport(proof, try proof.check(trust)))
      case ForkEvidence.format:
        let (first, second) = try ForkEvidence(json: json).check(trust)
        output.print(ForkReport(first, second, file: nil))
      default:
        throw EvidenceFault(
          .form,
          "`\(file)` is no file that `specie audit evidence`, `statement`, `supply` or `compare` wrote"
        )
      }
    } catch {
      output.print(NotProven(error))
      throw ExitCode(ExitStatus.failed.rawValue)
    }
  }

  private func compare(
    _ evidence: PaymentEvidence, _ checked: CheckedPayment
  ) throws(EvidenceFault) {
    guard let log else { return }
    guard let statement = checked.attestation?.decision else {
      throw EvidenceFault(
        .attestation, "nothing is attested in it that --log could be held against")
    }
    do {
      let folder = try HistoryOptions.open(log)
      defer { try? folder.close() }
      let again = try evidence.decision(
        from: folder.store, progress: { HistoryOptions.show($0, "replaying") })
      HistoryOptions.endProgress()
      guard again == statement else {
        throw EvidenceFault(
          .attestation, "what is attested of the decision is not what replay gives")
      }
    } catch let fault as EvidenceFault {
      throw fault
    } catch {
      throw EvidenceFault(.attestation, "it cannot be made again: \(error)")
    }
  }
}

/// Why a file proves nothing.
struct NotProven: CommandReport {
  let verdict = "failed"
  let kind: String
  let detail: String

  enum CodingKeys: CodingKey { case verdict, kind, detail }

  init(_ fault: EvidenceFault) {
    kind = fault.kind.rawValue
    detail = fault.detail
  }

  var text: String { "NOT PROVEN (\(kind)): \(detail)" }
}
