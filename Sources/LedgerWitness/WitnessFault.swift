package import MerkleLog

/// Why a witness cannot be made, opened or run.
package enum WitnessFault: Error, Hashable, Sendable {
  /// A witness is made where something is already.
  case alreadyExists(path: String)
  case notAWitness(path: String, detail: String)
  /// The key at hand is not the one that the witness was made with.
  case wrongKey(path: String)
  /// One key would sign both as the log and as its witness.
  case keyOfLog(KeyName)
  case keyKnown(KeyName)
  /// The key is not of a log.
  case wrongKeyType(KeyName)
  case tooManyLogs(max: Int)
  case tooManyKeys(Origin, max: Int)
  case clockOutOfRange
  /// The last cosignature of a log is dated after what the clock shows.
  case clockBehind(Origin, seconds: UInt64)
  case failed(detail: String)
  /// Nobody knows whether it was stored: end the process, and open again.
  case unknownOutcome(detail: String)
}

extension WitnessFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .alreadyExists(let path):
      "`\(path)` is not empty; name a new or an empty folder, since a witness that forgets what it "
        + "cosigned would cosign a fork"
    case .notAWitness(let path, let detail):
      "`\(path)` is no witness: \(detail); make one with `specie witness init`"
    case .wrongKey(let path):
      "the key is not that of the witness `\(path)`; give the key file that it was made with"
    case .keyOfLog(let name):
      "the key of log `\(name)` is the witness's own; a log cannot be its own witness"
    case .keyKnown(let name):
      "the key `\(name)` is trusted already, under another name or for another log"
    case .wrongKeyType(let name):
      "the key `\(name)` is not of type 1, and so no log's; take the `log` line of its policy, or "
        + "the key of its trust file"
    case .tooManyLogs(let max): "the witness watches `\(max)` logs, all it may"
    case .tooManyKeys(let origin, let max):
      "log `\(origin)` has `\(max)` trusted keys, all it may"
    case .clockOutOfRange: "the clock shows no time that a cosignature can have; set it right"
    case .clockBehind(let origin, let seconds):
      "the last cosignature of `\(origin)` is dated `\(seconds)` s after what the clock shows; if the "
        + "clock is wrong, set it right; if it was ahead before, this log is cosigned again once that "
        + "time has come, or by a new witness with a new key"
    case .failed(let detail): detail
    case .unknownOutcome(let detail): "the outcome of a write is unknown: \(detail)"
    }
  }
}
