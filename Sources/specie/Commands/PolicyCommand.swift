import ArgumentParser
import LedgerModel
import PolicyFiles

struct PolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Check, test and activate the rules on what wallets may do.",
    discussion: """
      A policy file says in YAML what wallets may do; docs/formats/policy-file.md has every field.

        specie policy check policy/cn-ecny.yaml --accept-unverified
        specie policy test policy/cn-ecny.yaml
      """,
    subcommands: [
      PolicyCheckCommand.self, PolicyTestCommand.self, PolicyShowCommand.self,
      PolicyActivateCommand.self,
    ])
}

/// A policy file, and how it is read.
struct PolicyFileOptions: ParsableArguments {
  @Argument(help: "A policy file.") var file: String

  @Flag(help: "Let figures pass that the file itself lists as unverified.")
  var acceptUnverified = false

  func bytes() throws -> [UInt8] {
    try LocalFile.read(file, bytesMax: PolicyFileLimits.fileBytesMax)
  }

  /// Compiles the file; its errors end the command with their places.
  func compile(exponent: Int, acceptUnverified: Bool? = nil) throws -> CompiledPolicy {
    let bytes = try bytes()
    do {
      return try PolicyCompiler.compile(
        bytes: bytes, file: file, exponent: exponent,
        acceptUnverified: acceptUnverified ?? self.acceptUnverified)
    } catch {
      for diagnostic in (error.errors + error.warnings) {
        StandardError.write(diagnostic.description)
      }
      StandardError.write(
        "\(file): \(DecimalAmount.count(error.errors.count, "error")); nothing was compiled")
      throw ExitStatus.failed.code
    }
  }
}

/// How many decimal digits amounts of a file may have, where no ledger is asked.
struct ExponentOptions: ParsableArguments {
  @Option(help: "Decimal digits of the currency's minor unit on the ledger that is meant.")
  var exponent = 2

  func validate() throws {
    guard 0...Limits.currencyExponentMax ~= exponent else {
      throw ValidationError("--exponent is 0 to \(Limits.currencyExponentMax)")
    }
  }
}

/// One error or warning, for programs.
private struct DiagnosticReport: Encodable {
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
    abstract: "Tell every error and warning of a policy file, with its place.",
    discussion: "  specie policy check policy/cn-ecny.yaml --accept-unverified")

  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var exponent: ExponentOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let sound = true
    let pack: String
    let version: Int
    let mode: String
    let sourceSha256: String
    let warnings: [DiagnosticReport]
    let text: String

    enum CodingKeys: CodingKey {
      case sound
      case pack
      case version
      case mode
      case sourceSha256
      case warnings
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
    let warnings = compiled.warnings.map(\.description)
    let set = compiled.ruleSet
    let conclusion =
      "\(policy.file): sound; \(set.rules.count) rules for \(set.tiers.count) tiers, mode "
      + "\(compiled.mode.rawValue), \(DecimalAmount.count(warnings.count, "warning"))"
    output.print(
      Report(
        pack: set.pack.text, version: set.version, mode: compiled.mode.rawValue,
        sourceSha256: set.sourceDigest.hex, warnings: compiled.warnings.map(DiagnosticReport.init),
        text: (warnings + [conclusion]).joined(separator: "\n")))
  }
}

struct PolicyTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run a policy file's own examples against the ledger's engine.",
    discussion: """
      Unverified figures are tested like all others. Exits with 1 where an example fails.

        specie policy test policy/cn-ecny.yaml
      """)

  @OptionGroup var policy: PolicyFileOptions
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
    let report = PolicyTests.run(compiled)
    output.print(
      Report(
        examples: report.results.map {
          .init(name: $0.name, passed: $0.isPassed, failures: report.failures(of: $0))
        },
        payments: report.stepCount, passed: report.isPassed,
        gaps: report.gaps.map(DiagnosticReport.init),
        text: ([report.description] + report.gaps.map(\.description)).joined(separator: "\n")))
    if !report.isPassed { throw ExitStatus.failed.code }
  }
}

struct PolicyShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List the compiled rules of a policy file, and what they cost.",
    discussion: "  specie policy show policy/cn-ecny.yaml")

  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var exponent: ExponentOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    struct Row: Encodable {
      let rule: String
      let measure: String
      let window: String
      /// By tier.
      let maxima: [String: String]
    }

    let pack: String
    let version: Int
    let currency: String
    let rules: [Row]
    let sourceSha256: String
    let text: String

    enum CodingKeys: CodingKey {
      case pack
      case version
      case currency
      case rules
      case sourceSha256
    }
  }

  func run() async throws {
    let compiled = try policy.compile(exponent: exponent.exponent, acceptUnverified: true)
    let listing = PolicyListing(compiled.ruleSet, exponent: exponent.exponent)
    output.print(
      Report(
        pack: listing.pack.text, version: listing.version,
        currency: listing.currency.description,
        rules: listing.rows.map { row in
          .init(
            rule: row.rule.text, measure: row.measure, window: row.window,
            maxima: Dictionary(
              zip(listing.tiers.map(\.text), row.maxima), uniquingKeysWith: { first, _ in first }))
        },
        sourceSha256: listing.sourceDigest.hex, text: listing.description))
  }
}

struct PolicyActivateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate", abstract: "Put the rules of a policy file in force.",
    discussion: """
      What officers sign is the compiled rule set; the file goes along as evidence. Needs the quorum \
      of officers for rules. The file's examples must pass, and its mode must be `enforce`.

        specie policy activate policy/cn-ecny.yaml --accept-unverified \\
            --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    let bytes = try policy.bytes()
    try await order.order(as: .issuer) { facts in
      let exponent = try await exponent(facts)
      let compiled = try policy.compile(exponent: exponent)
      guard compiled.mode == .enforce else {
        throw CommandFault.fileInvalid(
          path: policy.file, problem: "its mode is `draft`; only `mode: enforce` can be activated")
      }
      let report = PolicyTests.run(compiled)
      guard report.isPassed else {
        StandardError.write(report.description)
        throw CommandFault.fileInvalid(
          path: policy.file, problem: "its own examples fail; nothing was sent")
      }
      return .activateRuleSet(ActivateRuleSet(ruleSet: compiled.ruleSet, source: bytes))
    }
  }

  /// The exponent of the currency that the file names: each of the ledger's currencies is tried.
  private func exponent(_ facts: LedgerFacts) async throws -> Int {
    let scales = try await facts.scales().scales
    let bytes = try policy.bytes()
    for scale in scales {
      let compiled = try? PolicyCompiler.compile(
        bytes: bytes, file: policy.file, exponent: scale.exponent, acceptUnverified: true)
      if compiled?.ruleSet.currency == scale.code { return scale.exponent }
    }
    // Either it has errors, which compiling tells, or its currency is not of this ledger.
    let compiled = try policy.compile(exponent: scales[0].exponent, acceptUnverified: true)
    throw CommandFault.currencyUnknown(
      code: compiled.ruleSet.currency.description, known: scales.map { "`\($0.code)`" })
  }
}
