import LedgerModel
package import LedgerWire
package import MerkleLog

/// Decides what a witness cosigns, and remembers it before it says so.
package final class Witness: Sendable {
  /// What a log is answered.
  package enum Answer: Hashable, Sendable {
    /// The witness's signature line.
    case cosigned(line: String)
    case refused(AddCheckpointError)
  }

  /// One decision, for the log of the witness.
  package struct Outcome: Hashable, Sendable {
    package let answer: Answer
    /// As far as it was read.
    package let request: AddCheckpointRequest?
    /// Whether the request is now kept as evidence.
    package var isKept = false
    /// Whether the log's signature stands on a tree that is not the one cosigned.
    package var isDecisive = false
  }

  package let store: WitnessStore
  private let key: SigningKey
  private let wallSeconds: @Sendable () -> UInt64
  private let beforeReplacing: @Sendable (AddCheckpointRequest) async -> Void

  /// Creates a witness over its memory.
  ///
  /// - Parameters:
  ///   - store: Its memory.
  ///   - key: The private half of the key that the memory names.
  ///   - wallSeconds: POSIX seconds, by the wall clock.
  ///   - beforeReplacing: Called between the checks and the write, for tests of races.
  /// - Throws: ``WitnessFault/wrongKey(path:)``.
  package init(
    store: WitnessStore, key: SigningKey, wallSeconds: @escaping @Sendable () -> UInt64,
    beforeReplacing: @escaping @Sendable (AddCheckpointRequest) async -> Void = { _ in }
  ) throws(WitnessFault) {
    guard key.publicKey.value.bytes == store.key.publicKey else {
      throw .wrongKey(path: store.path)
    }
    self.store = store
    self.key = key
    self.wallSeconds = wallSeconds
    self.beforeReplacing = beforeReplacing
  }

  /// Answers a request to cosign.
  ///
  /// - Parameter body: Of the request.
  /// - Returns: The answer; where it cosigns, that is durable.
  /// - Throws: ``WitnessFault``, where there is no answer, and nothing was cosigned.
  package func addCheckpoint(_ body: [UInt8]) async throws(WitnessFault) -> Outcome {
    let request: AddCheckpointRequest
    do {
      request = try AddCheckpointRequest(body)
    } catch {
      return Outcome(answer: .refused(error), request: nil)
    }
    guard let log = try await store.log(request.origin) else {
      return Outcome(
        answer: .refused(.unknownLog(request.origin)), request: request)
    }
    do {
      try request.checkSignature(keys: log.keys) {
        Ed25519.isValid($2, on: $1, publicKey: $0)
      }
    } catch {
      return Outcome(answer: .refused(error), request: request)
    }
    return try await cosign(request, log)
  }

  /// Cosigns what extends the record, however often that changes meanwhile.
  private func cosign(
    _ request: AddCheckpointRequest, _ first: WatchedLog
  ) async throws(WitnessFault) -> Outcome {
    var log = first
    for _ in 0..<store.limits.attemptsMax {
      let checkpoint: Checkpoint
      do {
        checkpoint = try request.checkpoint(after: log.tree)
      } catch {
        return try await refuse(request, log, error)
      }
      // A clock that was set back makes no cosignature older than one before.
      let clock = wallSeconds()
      let now = max(clock, log.timestampSeconds)
      guard now - clock <= store.limits.clockBehindSecondsMax else {
        throw .clockBehind(log.origin, seconds: now - clock)
      }
      guard now <= UInt64(Int64.max) else { throw .clockOutOfRange }
      let signature = NoteSignature(
        cosigning: request.note.text, by: store.key, timestampSeconds: now
      ) { key.sign($0) }
      let note = try cosignedNote(request, log, signature)
      await beforeReplacing(request)
      if try await store.replace(
        log, by: checkpoint, timestampSeconds: now, note: note.encoded)
      {
        return Outcome(
          answer: .cosigned(line: signature.line), request: request)
      }
      guard let now = try await store.log(request.origin) else {
        throw .failed(detail: "log `\(request.origin)` went away")
      }
      log = now
    }
    throw .failed(detail: "the record of `\(request.origin)` changes too fast; ask again")
  }

  /// The note as the monitoring path shows it: the log's signatures, and ours.
  private func cosignedNote(
    _ request: AddCheckpointRequest, _ log: WatchedLog, _ signature: NoteSignature
  ) throws(WitnessFault) -> Note {
    let logs = request.note.signatures.filter { line in
      log.keys.contains { $0.name == line.name && $0.id == line.keyID }
    }
    do {
      return try Note(text: request.note.text, signatures: logs + [signature])
    } catch {
      throw .failed(detail: "the cosigned note is none: \(error)")
    }
  }

  private func refuse(
    _ request: AddCheckpointRequest, _ log: WatchedLog, _ error: AddCheckpointError
  ) async throws(WitnessFault) -> Outcome {
    // The checkpoint that was cosigned last, asked for from an old size, is evidence of nothing.
    let isKnown = WitnessedTree(size: request.size, root: request.root) == log.tree
    var outcome = Outcome(answer: .refused(error), request: request)
    switch error {
    case .conflict, .inconsistent:
      guard !isKnown, let weight = EvidenceWeight(request, against: log.tree, error) else { break }
      outcome.isDecisive = weight == .decisive
      outcome.isKept = try await store.keep(
        request, of: log, weight, refusedFor: error, timestampSeconds: wallSeconds())
    case .tooLong, .malformedOldSize, .malformedHash, .tooManyHashes, .malformedCheckpoint,
      .unknownLog, .notSigned, .oldSizeAboveNew:
      break
    }
    return outcome
  }

  /// Returns the last checkpoint cosigned of the log whose origin has that hash.
  func latest(ofHash hash: String) async throws(WitnessFault) -> [UInt8]? {
    try await store.note(ofHash: hash)
  }
}
