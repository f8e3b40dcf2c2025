import ArgumentParser
import LedgerAudit
import LedgerWire

/// How an audit's report is handed on.
struct ReportOptions: ParsableArguments {
  @Flag(name: .long, help: "Print the report as JSON.") var json = false
  @Option(
    help: ArgumentHelp(
      "Write the report as one page, with the supply over time, volumes and refusals, that needs "
        + "nothing else.", valueName: "file"))
  var html: String?
  @Option(
    help: ArgumentHelp(
      "Write the JSON report as a DSSE statement, signed by the auditor's --key.", valueName: "file"
    ))
  var signed: String?
  @Option(help: ArgumentHelp("The auditor's key file.", valueName: "file")) var key: String?
  @OptionGroup var passphrases: PassphraseOptions

  static let payloadType = "application/vnd.specie.audit-report.v1+json"

  func validate() throws {
    guard (signed == nil) == (key == nil) else {
      throw ValidationError("--signed says where the signed report goes, and --key who signs it")
    }
  }

  /// Looks, before the work begins, whether its result can be kept.
  func checkFiles() throws {
    for file in [html, signed].compactMap(\.self) where LocalFile.exists(file) {
      throw CommandFault.fileExists(path: file)
    }
    if let key { _ = try KeyFile(path: key) }
  }

  /// Prints the report, and writes the files that were asked for.
  func write(_ report: AuditReport) throws {
    if let html { try LocalFile.create(html, Array(report.html.utf8), mode: 0o600) }
    if let signed, let key {
      let envelope = SignedEnvelope(
        report.json, type: Self.payloadType, signedBy: try KeyFile(path: key).open(passphrases))
      try LocalFile.create(signed, Array(JSONText.envelope(envelope).utf8), mode: 0o600)
    }
    let text = json ? String(decoding: report.json, as: UTF8.self) : report.text.shownLines
    StandardOutput.write(text.last == "\n" ? String(text.dropLast()) : text)
  }
}
