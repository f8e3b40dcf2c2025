package import LedgerCore
package import LedgerModel
package import LedgerWire
package import MerkleLog

/// Encodes entries, and what is kept beside each, one at a time.
///
/// The service's encoder and the replay use the same one, so that a replay must give the same
/// bytes.
package struct EntryWriter: Sendable {
  /// By account slot: a hash over the sequence numbers of its accepted entries.
  ///
  /// - Source: docs/formats/log-entry.md, "Running hash".
  package private(set) var runningHashes: [Digest]

  /// What was read ahead, for nobody.
  private var runningHashTrace: UInt64 = 0
  private static let readAheadMax = 128

  // Used again for each entry, so that writing one allocates nothing.
  private var entryBuffer = ProtobufWriter(capacity: 1_024)
  private var sideBuffer = ProtobufWriter(capacity: 256)

  package init(runningHashes: [Digest] = []) { self.runningHashes = runningHashes }

  /// The bytes of the newest entry, until the next is written.
  package var entry: ArraySlice<UInt8> { entryBuffer.written }

  /// What is kept beside the newest entry, until the next is written.
  package var sideData: ArraySlice<UInt8> { sideBuffer.written }

  /// Encodes an entry that has nothing beside it.
  package mutating func write(_ entry: LogEntry) {
    entryBuffer.removeAll()
    sideBuffer.removeAll()
    entryBuffer.entry(entry)
  }

  /// Encodes the entry of one instruction, whose bytes are `instruction`.
  ///
  /// - Parameters:
  ///   - applied: What became of it, and where.
  ///   - instruction: Its bytes.
  ///   - time: Of its batch.
  ///   - previous: The leaf hash of the entry before.
  package mutating func write(
    _ applied: Applied, of instruction: ArraySlice<UInt8>, at time: LedgerTime,
    after previous: Digest
  ) {
    let sequence = applied.sequence
    entryBuffer.removeAll()
    entryBuffer.instructionEntry(
      sequence: sequence, time: time, previous: previous, instruction: instruction,
      outcome: LoggedOutcome(applied.outcome))
    sideBuffer.removeAll()
    if let effect = applied.debit {
      extendRunningHash(of: effect.slot, with: sequence)
      sideBuffer.effect(effect.posting)
    }
    if let effect = applied.credit {
      extendRunningHash(of: effect.slot, with: sequence)
      sideBuffer.effect(effect.posting)
    }
    for effect in applied.cascade {
      extendRunningHash(of: effect.slot, with: sequence)
      sideBuffer.effect(effect.posting)
    }
    if case .rejected(.limitExceeded(let limit)) = applied.outcome {
      sideBuffer.breach(SideData.Breach(limit))
    }
  }

  /// Reads the running hashes that are about to be extended, for many outcomes in one loop, so that
  /// the memory of many is under way at once: see `LedgerState.locate`.
  ///
  /// - Parameters:
  ///   - applied: What became of a submission's instructions.
  ///   - index: The one that is written next; at most of them nothing is done.
  package mutating func readAhead(_ applied: [Applied], at index: Int) {
    guard index.isMultiple(of: Self.readAheadMax) else { return }
    var trace: UInt64 = 0
    for index in index..<min(index + Self.readAheadMax, applied.count) {
      if let slot = applied[index].debit?.slot, slot < runningHashes.count {
        trace &+= runningHashes[slot].bigEndianWords.0
      }
      if let slot = applied[index].credit?.slot, slot < runningHashes.count {
        trace &+= runningHashes[slot].bigEndianWords.0
      }
    }
    runningHashTrace = trace
  }

  private mutating func extendRunningHash(of slot: Int, with sequence: SequenceNumber) {
    while runningHashes.count <= slot { runningHashes.append(.zero) }
    runningHashes[slot] = SHA256.hash(runningHashes[slot], sequence.value)
  }
}
