import ArgumentParser
import LedgerModel
import PolicyFiles

struct PolicyTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run a policy file's own examples against the ledger's engine.",
    discussion: """
      Unverified figures are tested like all others. Exits with 1 where an example fails, where \
      there is none, and with --strict where no example touches an edge.

        specie policy test policy/cn-ecny.yaml
      """)

  @OptionGroup var policy: PolicyFileOptions
  @Flag(help: "Exit with 1 where no example touches an edge (W10).") var strict = false
  @OptionGroup var exponent: ExponentOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    struct Example: Encodable {
      let name: String
      let passed: Bool
      let failures: [String]
    }

    let examples: [Example]
    let payments: Int
    let passed: Bool
    let gaps: [DiagnosticReport]
    let text: String

    enum CodingKeys: CodingKey {
      case examples
      case payments
      case passed
      case gaps
    }
  }

  func run() async throws {
    let compiled = try policy.compile(exponent: exponent.exponent, acceptUnverified: true)
    guard !compiled.examples.isEmpty else {
      throw CommandFault.fileInvalid(
        path: policy.file, problem: "it has no examples; write some under `tests`")
    }
    let report = PolicyTests.run(compiled)
    output.print(
      Report(
        examples: report.results.map {
          .init(name: $0.name, passed: $0.isPassed, failures: report.failures(of: $0))
        },
        payments: report.stepCount, passed: report.isPassed,
        gaps: report.gaps.map(DiagnosticReport.init),
        text: ([report.description] + report.gaps.map(\.description)).joined(separator: "\n")))
    if !report.isPassed || (strict && !report.gaps.isEmpty) { throw ExitStatus.failed.code }
  }
}
