import Foundation
import LedgerModel
import LedgerService
import LedgerStorageSQLite
import LedgerWire
import Logging
import ProgramTesting
import Synchronization

/// Measures the engine without the network: what `specie serve` runs behind HTTP, in this process,
/// on the same SQLite store.
final class EngineBench: Sendable {
  private let folder: LedgerDirectory
  private let ledger: Ledger

  /// - Parameters:
  ///   - path: Of a ledger that `specie` has made.
  ///   - logKey: Of that ledger.
  /// - Throws: Where the ledger does not open.
  init(opening path: String, logKey: SigningKey) throws {
    folder = try LedgerDirectory.open(at: path)
    let secret = path + "/" + LedgerDirectory.FileName.commitmentSecret
    ledger = try Ledger.open(
      store: folder.store, index: folder.index, checkpoints: folder.checkpoints,
      snapshots: folder.snapshots, logKey: logKey,
      secret: try CommitmentSecret(text: String(contentsOfFile: secret, encoding: .utf8)),
      environment: ServiceEnvironment(
        clock: SystemClock(), scheduler: ThreadScheduler(),
        fail: { fatalError("the ledger failed: \($0)") }),
      logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
  }

  func stop() async throws {
    await ledger.stop()
    try folder.close()
  }

  var entryCount: UInt64 { ledger.status().size }

  var isIndexed: Bool {
    let status = ledger.status()
    return status.indexedSize == status.size
  }

  /// Sends all submissions.
  ///
  /// - Parameters:
  ///   - submissions: Signed within the last minutes.
  ///   - inFlight: Submissions under way.
  /// - Returns: Seconds until the last is durable and the index has caught up, and for how long of
  ///   them it only caught up.
  /// - Throws: ``ProgramError`` where one is refused.
  func run(
    _ submissions: [Submission], inFlight: Int = 12
  ) throws -> (seconds: Double, indexLag: Double) {
    let slots = DispatchSemaphore(value: inFlight)
    let failure = Mutex<SubmitError?>(nil)
    let start = ContinuousClock.now
    for submission in submissions {
      slots.wait()
      ledger.submit([
        Delivery(from: ConnectionID(0), .read(submission)) { result in
          if case .failure(let error) = result { failure.withLock { $0 = error } }
          slots.signal()
        }
      ])
    }
    for _ in 0..<inFlight { slots.wait() }
    let durable = secondsPassed(since: start)
    while !isIndexed { usleep(1_000) }
    let elapsed = secondsPassed(since: start)
    for _ in 0..<inFlight { slots.signal() }
    if let error = failure.withLock({ $0 }) { throw ProgramError("refused: \(error)") }
    return (elapsed, elapsed - durable)
  }
}
