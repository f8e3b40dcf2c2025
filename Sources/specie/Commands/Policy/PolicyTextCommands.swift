import ArgumentParser
import LedgerModel
import PolicyFiles

struct PolicyFormatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Lay policy files out in the one layout.",
    discussion: """
      Rewrites each file in place where its layout differs; comments and order stay, and so does \
      what compiles. With --check nothing is written, and it exits with 1 where a file differs.

        specie policy fmt policy/cn-ecny.yaml
      """)

  @Argument(help: "Policy files.") var files: [String]
  @Flag(help: "Only tell which files differ.") var check = false
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let differing: [String]
    let text: String

    enum CodingKeys: CodingKey { case differing }
  }

  func run() async throws {
    var differing: [String] = []
    for file in files {
      let old = try LocalFile.readText(file, bytesMax: PolicyFileLimits.fileBytesMax)
      let new: String
      do throws(PolicyFileErrors) {
        new = try PolicyFormat.format(old, file: file)
      } catch {
        StandardError.write(error.description)
        throw ExitStatus.failed.code
      }
      guard new != old else { continue }
      differing.append(file)
      if !check {
        let mode = LocalFile.permissions(file) ?? 0o644
        try LocalFile.replace(file, Array(new.utf8), mode: mode)
      }
    }
    let verb = check ? "is not in the one layout" : "laid out"
    output.print(
      Report(
        differing: differing,
        text: differing.isEmpty
          ? "all in the one layout"
          : differing.map { check ? "\($0): \(verb)" : "\(verb) \($0)" }
            .joined(separator: "\n")))
    if check, !differing.isEmpty { throw ExitStatus.failed.code }
  }
}

struct PolicyTableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table", abstract: "Print the schedule back from the compiled rules.",
    discussion: """
      To be held against the official one: what is printed comes from what would be signed, not \
      from the text of the file.

        specie policy table policy/cn-ecny.yaml
      """)

  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var exponent: ExponentOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let table: PolicyTable

    var text: String { "\(table)" }
  }

  func run() async throws {
    let compiled = try policy.compile(exponent: exponent.exponent, acceptUnverified: true)
    output.print(Report(table: PolicyTable(compiled)))
  }
}

struct PolicyDiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Tell what two policy files differ in, and which way.",
    discussion: """
      Each change is tighter, looser, or either, with a payment whose outcome differs: found by \
      running both sets on the ledger's engine. It also tells which limits keep what was used.

        specie policy diff policy/cn-ecny-2020.yaml policy/cn-ecny.yaml
      """)

  @Argument(help: "The policy file before.") var before: String
  @Argument(help: "The policy file after.") var after: String
  @OptionGroup var exponent: ExponentOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let diff: PolicyDiff

    var text: String { "\(diff)" }
  }

  func run() async throws {
    let compiled = try [before, after].map { file in
      try PolicyFileOptions.compile(
        file, exponent: exponent.exponent, acceptUnverified: true)
    }
    output.print(Report(diff: try PolicyDiff(from: compiled[0], to: compiled[1])))
  }
}
