import ArgumentParser
import LedgerModel
import PolicyFiles

/// One error or warning, for programs.
struct DiagnosticReport: Encodable {
  let file: String
  let line: Int
  let column: Int
  let code: String
  let message: String

  init(_ diagnostic: Diagnostic) {
    file = diagnostic.file
    line = diagnostic.position.line
    column = diagnostic.position.column
    code = diagnostic.problem.code
    message = "\(diagnostic.problem)"
  }
}

struct PolicyCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tell every error and warning of a policy file, with its place, and its cost.",
    discussion: """
      Exits with 1 where there is an error, and with --strict where there is a warning. Given the \
      version before, it tells gaps between them and what is looser; given the scheme's rules, \
      where a participant's allow more.

        specie policy check policy/cn-ecny.yaml --accept-unverified \\
            --previous policy/cn-ecny-2020.yaml
      """)

  @OptionGroup var policy: PolicyFileOptions
  @Option(help: ArgumentHelp("The version that this one supersedes.", valueName: "file"))
  var previous: String?
  @Option(
    help: ArgumentHelp("Rules that this file's may not be looser than.", valueName: "file"))
  var scheme: String?
  @Flag(help: "Exit with 1 where there is a warning.") var strict = false
  @OptionGroup var exponent: ExponentOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let sound = true
    let pack: String
    let version: Int
    let mode: String
    let sourceSha256: String
    /// Of what officers sign.
    let ruleSetBytes: Int
    let warnings: [DiagnosticReport]
    /// Of rules, and of counters that are added to, in one payment of each operation at most.
    let work: [Work]
    let bytesPerWalletMax: Int
    let text: String

    struct Work: Encodable {
      let operation: String
      let checks: Int
      let counters: Int
    }

    enum CodingKeys: CodingKey {
      case sound
      case pack
      case version
      case mode
      case sourceSha256
      case ruleSetBytes
      case warnings
      case work
      case bytesPerWalletMax
    }
  }

  /// What is wrong, for programs: what stands in a text on standard error otherwise.
  private struct Faults: Encodable {
    let file: String
    let sound = false
    let errors: [DiagnosticReport]
    let warnings: [DiagnosticReport]
  }

  private func compile() throws -> CompiledPolicy {
    guard output.json else { return try policy.compile(exponent: exponent.exponent) }
    let bytes = try policy.bytes()
    do throws(PolicyFileErrors) {
      return try PolicyCompiler.compile(
        bytes: bytes, file: policy.file, exponent: exponent.exponent,
        acceptUnverified: policy.acceptUnverified)
    } catch {
      StandardOutput.write(
        JSONText.encode(
          Faults(
            file: policy.file, errors: error.errors.map(DiagnosticReport.init),
            warnings: error.warnings.map(DiagnosticReport.init))))
      throw ExitStatus.failed.code
    }
  }

  func run() async throws {
    let compiled = try compile()
    let found = try compiled.warnings + diagnosticsAgainstOthers(compiled)
    let errors = found.filter { !$0.problem.isWarning }
    guard errors.isEmpty else {
      if output.json {
        StandardOutput.write(
          JSONText.encode(
            Faults(
              file: policy.file, errors: errors.map(DiagnosticReport.init),
              warnings: found.filter(\.problem.isWarning).map(DiagnosticReport.init))))
      } else {
        for diagnostic in found { StandardError.write(diagnostic.description) }
      }
      throw ExitStatus.failed.code
    }
    let warnings = found.map(\.description)
    let cost = PolicyCost(compiled.ruleSet)
    let set = compiled.ruleSet
    let conclusion =
      "\(policy.file): sound; \(DecimalAmount.count(set.rules.count, "rule")) for "
      + "\(DecimalAmount.count(set.tiers.count, "tier")), mode \(compiled.mode.rawValue), "
      + "\(DecimalAmount.count(warnings.count, "warning")), "
      + "\(DecimalAmount.count(compiled.byteCount)) of "
      + "\(DecimalAmount.count(Limits.ruleSetBytesMax)) bytes"
    output.print(
      Report(
        pack: set.pack.text, version: set.version, mode: compiled.mode.rawValue,
        sourceSha256: set.sourceDigest.hex, ruleSetBytes: compiled.byteCount,
        warnings: found.map(DiagnosticReport.init),
        work: cost.work.map {
          .init(operation: $0.operation.name, checks: $0.checks, counters: $0.counters)
        },
        bytesPerWalletMax: cost.bytesPerWalletMax,
        text: (warnings + [conclusion, "\(cost)"]).joined(separator: "\n")))
    if strict, !found.isEmpty { throw ExitStatus.failed.code }
  }

  /// What only another file shows.
  private func diagnosticsAgainstOthers(_ compiled: CompiledPolicy) throws -> [Diagnostic] {
    let checks = PolicyChecks(compiled)
    func other(_ path: String) throws -> CompiledPolicy {
      try PolicyFileOptions.compile(path, exponent: exponent.exponent, acceptUnverified: true)
    }
    return try (previous.map { checks.against(previous: try other($0)) } ?? [])
      + (scheme.map { checks.against(scheme: try other($0)) } ?? [])
  }
}
