import ArgumentParser
import LedgerModel
import LedgerWire
import PolicyFiles

/// When a new ledger commits to its state, and where the secret of that is.
struct CommitmentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The zone in which each date closes: an IANA name, as `Asia/Shanghai`.", valueName: "zone"))
  var timeZone = "UTC"
  @Option(
    help: ArgumentHelp(
      "When each date closes: the state is committed to then.", valueName: "hh:mm"),
    transform: { try TextArgument.timeOfDay($0) })
  var close = 86_400
  @Option(
    help: "How often the state is committed to besides, while there are entries.",
    transform: { try TextArgument.duration($0) })
  var commitEvery: UInt64 = 3_600_000_000
  @Flag(help: "Never commit to the state: then no bank can prove its balance without the log.")
  var noCommitments = false
  @Option(
    help: ArgumentHelp(
      "Where the commitments' secret is written for a draft, and read from for --from (default: "
        + "the draft's name with `.secret`).", valueName: "file"))
  var commitmentSecret: String?

  func validate() throws {
    guard noCommitments, commitmentSecret != nil else { return }
    throw ValidationError("--no-commitments needs no --commitment-secret")
  }

  /// The schedule under a secret.
  func schedule(_ secret: CommitmentSecret) throws -> CommitmentSchedule {
    CommitmentSchedule(
      zone: try ZoneDatabase.system.zone(named: timeZone), closeSeconds: close,
      intervalMicroseconds: commitEvery, secretDigest: secret.digest)
  }

  /// Where the secret of a draft is.
  func secretPath(ofDraft draft: String) -> String { commitmentSecret ?? draft + ".secret" }
}
