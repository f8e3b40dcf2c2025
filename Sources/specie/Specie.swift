import ArgumentParser
import Foundation
import LedgerClient
import LedgerModel

/// The one executable: every command of the ledger's operator, the banks and the auditors.
@main
struct Specie: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "specie",
    abstract: "A ledger for central bank money.",
    discussion: """
      A central bank creates a ledger, issues money on it and sets the rules; banks hold and move \
      it; auditors prove offline that nothing else happened.

      A ledger in five commands:

        specie key new log.key
        specie key new alice.key
        specie init ledger --origin ledger.example/cny --currency CNY:2 \\
            --officer alice=alice.key --quorum 1 --log-key log.key
        specie serve ledger --log-key log.key
        specie audit verify ledger --trust ledger/trust

      Every command has help with an example: `specie help init`.

      Exit codes: 0 done; 1 failed; 2 the command line was wrong; 3 the log is consistent, but its \
      origin or its end is unproven; 4 the ledger refused an order.
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Set up and run",
        subcommands: [
          KeyCommand.self, InitCommand.self, ServeCommand.self, DoctorCommand.self, TLSCommand.self,
          VersionCommand.self,
        ]),
      CommandGroup(
        name: "Central bank",
        subcommands: [
          ParticipantCommand.self, IssueCommand.self, PolicyCommand.self, FreezeCommand.self,
          UnfreezeCommand.self, OfficersCommand.self, ClockCommand.self,
        ]),
      CommandGroup(
        name: "Bank",
        subcommands: [
          WalletCommand.self, FundCommand.self, PayCommand.self, CashOutCommand.self,
          SettleCommand.self, RedeemCommand.self, BankCommand.self, BatchCommand.self,
          ISO20022Command.self,
        ]),
      CommandGroup(
        name: "Central bank and bank",
        subcommands: [SignerCommand.self, CertificateCommand.self, WebhookCommand.self]),
      CommandGroup(
        name: "Sign offline",
        subcommands: [ShowCommand.self, SignCommand.self, SubmitCommand.self]),
      CommandGroup(
        name: "Read",
        subcommands: [
          AccountCommand.self, StatementCommand.self, SupplyCommand.self, StatusCommand.self,
          EventsCommand.self, CheckpointCommand.self, ProofCommand.self,
        ]),
      CommandGroup(name: "Audit", subcommands: [AuditCommand.self, WitnessCommand.self]),
    ])

  /// Runs one command, and turns what it throws into a message and an exit code.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let code as ExitCode {
      Foundation.exit(code.rawValue)
    } catch let fault as CommandFault where fault.isUsage {
      StandardError.write("Error: \(fault)")
      Foundation.exit(ExitStatus.usage.rawValue)
    } catch {
      let code = exitCode(for: error)
      guard code != .validationFailure else {
        StandardError.write(fullMessage(for: error))
        Foundation.exit(ExitStatus.usage.rawValue)
      }
      guard code != .success else { return StandardOutput.write(fullMessage(for: error)) }
      guard code == .failure else { exit(withError: error) }
      // A server's words are part of some messages, and of no more than one line.
      StandardError.write(
        error is ClientError ? "Error: \("\(error)".shown)" : fullMessage(for: error))
      Foundation.exit(code.rawValue)
    }
  }
}

/// What the process answers to whoever called it.
enum ExitStatus: Int32 {
  case failed = 1
  case usage = 2
  case originUnproven = 3
  case refused = 4
  /// Done by the server's word: the certificate may not read what would prove it.
  case unproven = 5

  var code: ExitCode { ExitCode(rawValue) }
}

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  /// Of this release.
  static let number = "0.1.0"

  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let version: String
    let stateMachine: UInt32

    var text: String { "specie \(version), state machine \(stateMachine)" }
  }

  func run() throws {
    output.print(Report(version: Self.number, stateMachine: StateMachineVersion.newest.value))
  }
}
