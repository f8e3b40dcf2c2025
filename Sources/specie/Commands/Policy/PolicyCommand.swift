import ArgumentParser
import LedgerModel
import PolicyFiles

struct PolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Write, rehearse and activate the rules on what may be paid.",
    discussion: """
      A policy file says in YAML what wallets and banks may do; docs/formats/policy-file.md has \
      every field, and policy/README.md teaches writing one.

        specie policy check policy/cn-ecny.yaml --accept-unverified
        specie policy test policy/cn-ecny.yaml
        specie policy backtest policy/cn-ecny.yaml --accept-unverified --log copy-of-ledger
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Write",
        subcommands: [
          PolicyCheckCommand.self, PolicyFormatCommand.self, PolicyTestCommand.self,
          PolicyTableCommand.self, PolicyDiffCommand.self,
        ]),
      CommandGroup(
        name: "Rehearse",
        subcommands: [PolicyBacktestCommand.self, PolicyExplainCommand.self]),
      CommandGroup(
        name: "Put in force",
        subcommands: [
          PolicyShadowCommand.self, PolicyScheduleCommand.self, PolicyActivateCommand.self,
          PolicyRollbackCommand.self,
        ]),
    ])
}

/// A policy file, and how it is read.
struct PolicyFileOptions: ParsableArguments {
  @Argument(help: "A policy file.") var file: String

  @Flag(help: "Let figures pass that the file itself lists as unverified.")
  var acceptUnverified = false

  func bytes() throws -> [UInt8] { try Self.bytes(file) }

  /// Reads a file, or of one that is too long enough for the compiler to say so.
  static func bytes(_ file: String) throws(CommandFault) -> [UInt8] {
    try LocalFile.readStart(file, bytes: PolicyFileLimits.fileBytesMax + 1)
  }

  /// Compiles the file; its errors end the command with their places.
  func compile(exponent: Int, acceptUnverified: Bool? = nil) throws -> CompiledPolicy {
    try Self.compile(
      file, exponent: exponent, acceptUnverified: acceptUnverified ?? self.acceptUnverified)
  }

  /// Compiles a file; its errors end the command with their places.
  static func compile(
    _ file: String, exponent: Int, acceptUnverified: Bool
  ) throws -> CompiledPolicy {
    let bytes = try bytes(file)
    do throws(PolicyFileErrors) {
      return try PolicyCompiler.compile(
        bytes: bytes, file: file, exponent: exponent, acceptUnverified: acceptUnverified)
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

extension PolicyFileOptions {
  /// Compiles the file with the digits that one of a ledger's currencies has: the one it names.
  func compile(
    among scales: [CurrencyScale], acceptUnverified: Bool? = nil
  ) throws -> CompiledPolicy {
    let bytes = try bytes()
    for scale in scales {
      let compiled = try? PolicyCompiler.compile(
        bytes: bytes, file: file, exponent: scale.exponent, acceptUnverified: true)
      guard compiled?.ruleSet.currency == scale.code else { continue }
      return try compile(exponent: scale.exponent, acceptUnverified: acceptUnverified)
    }
    // Either it has errors, which compiling tells, or its currency is not of this ledger.
    let compiled = try compile(exponent: scales[0].exponent, acceptUnverified: true)
    throw CommandFault.currencyUnknown(
      code: compiled.ruleSet.currency.description, known: scales.map { "`\($0.code)`" })
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
