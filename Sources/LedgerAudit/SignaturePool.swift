import Foundation
import LedgerLog
import LedgerModel
import LedgerWire
import MerkleLog

/// One signature to be checked, on any thread.
enum SignatureCheckJob: Sendable {
  case submission(SignatureJob)
  case checkpoint(Note, at: SequenceNumber, origin: Origin, key: VerifierKey)

  /// What is wrong, or `nil` where the signature holds.
  func run() -> LogFault? {
    switch self {
    case .submission(let job): return job.isValid ? nil : job.fault
    case .checkpoint(let note, let sequence, let origin, let key):
      do {
        _ = try Checkpoint.open(
          note, origin: origin, logKey: key,
          check: { publicKey, message, signature in
            Ed25519.isValid(signature, on: message, publicKey: publicKey)
          })
        return nil
      } catch {
        return LogFault(.checkpoint, at: sequence, error.description)
      }
    }
  }
}

/// Threads that check signatures beside the replay.
///
/// One thread adds, in log order, and waits where the threads cannot keep up: what is held is
/// bounded. Whatever the threads' timing, the fault kept is the first in log order.
final class SignaturePool: @unchecked Sendable {
  // @unchecked: everything mutable is touched under `condition` alone.

  /// Chunks that wait, a thread; with 64 signatures a chunk, about 100 KiB each.
  private static let waitingChunksPerThread = 8
  static let jobsPerChunk = 64

  private struct Chunk {
    let ordinal: Int
    let jobs: [SignatureCheckJob]
  }

  private let condition = NSCondition()
  private let waitingMax: Int
  private var waiting: [Chunk] = []
  private var added = 0
  private var running: Int
  private var isFinished = false
  private var first: (ordinal: Int, fault: LogFault)?

  init(threads: Int) {
    precondition(threads >= 1, "\(threads) threads check nothing")
    running = threads
    waitingMax = threads * Self.waitingChunksPerThread
    for _ in 0..<threads {
      let thread = Thread { [self] in work() }
      thread.name = "audit-signatures"
      thread.start()
    }
  }

  /// Hands over jobs, which follow in log order on all added before.
  ///
  /// - Returns: Whether all is well so far.
  func add(_ jobs: [SignatureCheckJob]) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while waiting.count >= waitingMax, first == nil { condition.wait() }
    guard first == nil else { return false }
    waiting.append(Chunk(ordinal: added, jobs: jobs))
    added += 1
    condition.broadcast()
    return true
  }

  /// Waits for all jobs, ends the threads, and returns the first fault in log order.
  func finish() -> LogFault? {
    condition.lock()
    defer { condition.unlock() }
    isFinished = true
    condition.broadcast()
    while running > 0 { condition.wait() }
    return first?.fault
  }

  private func work() {
    while let chunk = take() {
      guard let fault = chunk.jobs.lazy.compactMap({ $0.run() }).first else { continue }
      condition.lock()
      if first.map({ chunk.ordinal < $0.ordinal }) ?? true { first = (chunk.ordinal, fault) }
      condition.broadcast()
      condition.unlock()
    }
    condition.lock()
    running -= 1
    condition.broadcast()
    condition.unlock()
  }

  /// Takes the next chunk; chunks after a fault need no check, those before it do.
  private func take() -> Chunk? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let first { waiting.removeAll { $0.ordinal > first.ordinal } }
      if !waiting.isEmpty {
        let chunk = waiting.removeFirst()
        condition.broadcast()
        return chunk
      }
      if isFinished { return nil }
      condition.wait()
    }
  }
}
