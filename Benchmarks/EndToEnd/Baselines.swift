import Foundation
import LedgerModel
import LedgerWire
import MerkleLog
import ProgramTesting

/// What this machine can do at most, measured in the same run as what the ledger does.
struct Baselines {
  var verificationsPerSecond = 0.0
  var verificationsPerSecondTwoCores = 0.0
  /// CPU time of one verification while both cores verify.
  ///
  /// Where they share a physical core, that is more than of one alone; a busy server's CPU time is
  /// measured under the same condition.
  var busyVerificationSeconds = 0.0
  var hashesPerSecond = 0.0
  var syncsPerSecond = 0.0
  /// The median of a 4 KiB append with its fdatasync.
  var syncSeconds = 0.0
  var appendBytesPerSecond = 0.0

  /// Measures each for about a second.
  static func measure(in folder: String) throws -> Baselines {
    var baselines = Baselines()
    // The first ones find a core that is not yet at its speed.
    baselines.verificationsPerSecond = (0..<5).map { _ in verifications(threads: 1) }.max() ?? 0
    let cpu = ownCPUSeconds()
    baselines.verificationsPerSecondTwoCores = verifications(threads: 2)
    baselines.busyVerificationSeconds = (ownCPUSeconds() - cpu) / Double(2 * verificationsPerThread)
    baselines.hashesPerSecond = rate { count in
      let bytes = [UInt8](repeating: 7, count: 160)
      var last = Digest.zero
      for _ in 0..<count { last = TreeHash.leaf(bytes) }
      precondition(last != .zero)
    }
    let path = folder + "/baseline"
    let syncs = try appends(of: 4_096, to: path)
    baselines.syncsPerSecond = Double(syncs.count) / syncs.reduce(0, +)
    baselines.syncSeconds = syncs.sorted()[syncs.count / 2]
    let appends = try appends(of: 1_600_000, to: path)
    baselines.appendBytesPerSecond = Double(appends.count * 1_600_000) / appends.reduce(0, +)
    try FileManager.default.removeItem(atPath: path)
    return baselines
  }

  private static let verificationsPerThread = 16_000

  private static func verifications(threads: Int) -> Double {
    let key = SigningKey.generate()
    let message = [UInt8](repeating: 1, count: 160)
    let signature = key.sign(message)
    let publicKey = key.publicKey
    let perThread = verificationsPerThread
    let start = ContinuousClock.now
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      for _ in 0..<perThread {
        precondition(Ed25519.isValid(signature, on: message, by: publicKey))
      }
    }
    return Double(threads * perThread) / secondsPassed(since: start)
  }

  private static func rate(_ body: (Int) -> Void) -> Double {
    let count = 2_000_000
    let start = ContinuousClock.now
    body(count)
    return Double(count) / secondsPassed(since: start)
  }

  /// Appends for a second.
  ///
  /// - Returns: How long each append took with its fdatasync, in seconds.
  private static func appends(of byteCount: Int, to path: String) throws -> [Double] {
    let file = open(path, O_CREAT | O_WRONLY | O_APPEND | O_TRUNC, 0o600)
    guard file >= 0 else { throw ProgramError("cannot write `\(path)`") }
    defer { close(file) }
    let bytes = [UInt8](repeating: 3, count: byteCount)
    let start = ContinuousClock.now
    var durations: [Double] = []
    while secondsPassed(since: start) < 1 {
      let begun = ContinuousClock.now
      guard write(file, bytes, byteCount) == byteCount, fdatasync(file) == 0 else {
        throw ProgramError("cannot write `\(path)`")
      }
      durations.append(secondsPassed(since: begun))
    }
    return durations
  }
}

/// CPU time of this process, in user and system mode.
private func ownCPUSeconds() -> Double {
  var usage = rusage()
  getrusage(RUSAGE_SELF.rawValue, &usage)
  return [usage.ru_utime, usage.ru_stime].reduce(0) {
    $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
  }
}

func secondsPassed(since start: ContinuousClock.Instant) -> Double {
  let duration = ContinuousClock.now - start
  return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}
