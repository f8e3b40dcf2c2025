import ArgumentParser
import LedgerModel
import PolicyFiles

struct PolicyFormatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Lay policy files out in the one layout.",
    discussion: """
      Rewrites each file in place where its layout differs: fields in the order of the document, \
      each in one form. Comments stay, and so does what compiles. With --check nothing is written, and it exits with 1 where a file differs. A \
      file that cannot be laid out is told, and stays as it is; the others are laid out.

        specie policy fmt policy/cn-ecny.yaml
      """)

  @Argument(help: "Policy files.") var files: [String]
  @Flag(help: "Only tell which files differ.") var check = false
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let differing: [String]
    /// Files that could not be laid out.
    let failed: [String]
    let isCheck: Bool

    enum CodingKeys: CodingKey { case differing, failed }

    var text: String {
      var lines = differing.map { isCheck ? "\($0): is not in the one layout" : "laid out \($0)" }
      lines += failed.map { "\($0): cannot be laid out" }
      return lines.isEmpty ? "all in the one layout" : lines.joined(separator: "\n")
    }
  }

  func run() async throws {
    var differing: [String] = []
    var failed: [String] = []
    for file in files {
      do {
        if try differs(file) { differing.append(file) }
      } catch {
        StandardError.write("\(error)")
        failed.append(file)
      }
    }
    output.print(Report(differing: differing, failed: failed, isCheck: check))
    if !failed.isEmpty || (check && !differing.isEmpty) { throw ExitStatus.failed.code }
  }

  /// Lays a file out, unless it is only to be checked.
  private func differs(_ file: String) throws -> Bool {
    let old = try PolicyFileOptions.bytes(file)
    let new = Array(try PolicyFormat.format(old, file: file).utf8)
    guard new != old else { return false }
    if !check { try LocalFile.replace(file, new, mode: LocalFile.permissions(file) ?? 0o644) }
    return true
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
