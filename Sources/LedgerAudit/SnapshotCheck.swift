import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

/// Holds a ledger's kept snapshots against the state that replay comes to.
///
/// A ledger opens from them, and so would go on from a state that its log does not give, had
/// whoever has the log key signed one.
struct SnapshotCheck {
  private let keeper: any SnapshotKeeper
  private let secret: CommitmentSecret?
  private let warn: (String) -> Void
  /// What those that replay has not come to cover: the newest first.
  private var sizes: [UInt64]
  private(set) var count: UInt64 = 0

  /// - Parameters:
  ///   - keeper: Has them.
  ///   - secret: Of the ledger's commitments.
  ///   - warn: Told of those that another version of this program wrote.
  /// - Throws: ``LogFault`` where nobody can say what there is.
  init(
    _ keeper: any SnapshotKeeper, secret: CommitmentSecret?, warn: @escaping (String) -> Void
  ) throws(LogFault) {
    self.keeper = keeper
    self.secret = secret
    self.warn = warn
    do throws(StoreError) {
      sizes = try keeper.sizes()
    } catch {
      throw LogFault(.snapshot, at: .genesis, error.description)
    }
  }

  /// How many entries are to be replayed before one is looked at; `nil` for no more.
  var nextSize: UInt64? { sizes.last }

  /// Passes over entries that an earlier audit has replayed: of snapshots among them it is only
  /// seen that the log key has signed them as they are.
  mutating func passOver(_ state: LogReplay) throws(LogFault) {
    while let size = nextSize, size < state.next.value { try read(size, of: state) }
  }

  /// Looks at those over as many entries as were replayed.
  ///
  /// - Parameters:
  ///   - replay: As of those entries.
  ///   - tree: Over them.
  ///   - head: The leaf hash of the last.
  /// - Throws: ``LogFault`` at the last entry that a snapshot covers which is not what they come
  ///   to.
  mutating func check(
    _ replay: LogReplay, tree: @autoclosure () -> MerkleTree, head: @autoclosure () -> Digest
  ) throws(LogFault) {
    while let size = nextSize, size <= replay.next.value {
      guard let kept = try read(size, of: replay) else { continue }
      guard size == replay.next.value else {
        throw Self.fault(size, "it ends within what was decided at once")
      }
      let replayed = Snapshot(
        state: replay.state,
        writer: LogWriter(after: replay.entries, head: head(), tree: tree()))
      guard kept.digest == replayed.digest else {
        throw Self.fault(
          size, "it is not what its entries come to, and yet the log key has signed it")
      }
    }
  }

  /// Ends the check with the log.
  mutating func finish(_ end: LogReplay) throws(LogFault) {
    while let size = nextSize {
      guard try read(size, of: end) != nil else { continue }
      throw LogFault(
        .truncated, at: end.next,
        "the log ends here, and the log key has signed a snapshot over \(size) entries")
    }
  }

  /// Reads the next one; `nil` where it is of another format, which is said.
  @discardableResult
  private mutating func read(_ size: UInt64, of replay: LogReplay) throws(LogFault) -> Snapshot? {
    sizes.removeLast()
    do throws(SnapshotError) {
      let state = replay.state
      let (kept, _) = try Snapshot.read(
        size, from: keeper, of: state.genesis, id: state.id, secret: secret)
      count += 1
      return kept
    } catch {
      guard error.isOfOtherFormat else { throw Self.fault(size, error.description) }
      warn("the snapshot over \(size) entries is not compared: \(error)")
      return nil
    }
  }

  private static func fault(_ size: UInt64, _ problem: String) -> LogFault {
    LogFault(
      .snapshot, at: SequenceNumber(max(size, 1) - 1),
      "the snapshot over \(size) entries: \(problem)")
  }
}
