package import LedgerCore
package import LedgerModel
package import LedgerWire
package import MerkleLog

/// Encodes entries, and what is kept beside each, one at a time.
///
/// The service's encoder and the replay use the same one, so that a replay must give the same
/// bytes.
package struct EntryWriter: Sendable {
  /// What was posted to each account.
  package private(set) var accounts: StateTree

  /// What was read ahead, for nobody.
  private var accountTrace: UInt64 = 0
  private static let readAheadMax = 128

  // Used again for each entry, so that writing one allocates nothing.
  private var entryBuffer = ProtobufWriter(capacity: 1_024)
  private var sideBuffer = ProtobufWriter(capacity: 256)

  package init(_ accounts: StateTree) { self.accounts = accounts }

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
    for change in applied.changes { accounts.take(change) }
    if let effect = applied.debit { write(effect, at: sequence) }
    if let effect = applied.credit { write(effect, at: sequence) }
    for effect in applied.cascade { write(effect, at: sequence) }
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
      if let slot = applied[index].debit?.slot { trace &+= accounts.trace(of: slot) }
      if let slot = applied[index].credit?.slot { trace &+= accounts.trace(of: slot) }
    }
    accountTrace = trace
  }

  /// As ``StateTree/hashAhead(_:)``.
  mutating func hashAhead(_ count: Int) { accounts.hashAhead(count) }

  /// Encodes the entry that commits to the state as of the entry before.
  ///
  /// - Parameters:
  ///   - totals: What it says in clear.
  ///   - sequence: Its own.
  ///   - time: Of its batch.
  ///   - previous: The leaf hash of the entry before.
  ///   - logged: The root that the log has, which is taken where the secret is not at hand.
  package mutating func write(
    _ totals: StateTotals, at sequence: SequenceNumber, _ time: LedgerTime,
    after previous: Digest, logged: Bytes32? = nil
  ) {
    guard let root = accounts.commit(at: sequence).map({ Bytes32($0) }) ?? logged else {
      preconditionFailure("entry \(sequence) commits to the state without the secret")
    }
    write(
      LogEntry(
        sequence: sequence, time: time, previous: previous,
        body: .system(.commitment(StateCommitment(totals: totals, root: root)))))
  }

  private mutating func write(_ effect: AccountEffect, at sequence: SequenceNumber) {
    accounts.post(effect, at: sequence)
    sideBuffer.effect(effect.posting)
  }
}
