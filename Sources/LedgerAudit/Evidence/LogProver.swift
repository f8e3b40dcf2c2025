package import LedgerLog
package import LedgerModel
package import LedgerStorage
import LedgerWire
package import MerkleLog

/// Proves entries of a log under one of its checkpoints.
package struct LogProver {
  package let checkpoint: VerifiedCheckpoint
  /// The newest entry under the checkpoint that commits to the state; `nil` where there is none.
  package let newestCommitment: SequenceNumber?
  private let store: any LedgerStore
  private let tree: MerkleTree

  /// Reads a log up to a checkpoint, and holds the two against each other.
  ///
  /// - Parameters:
  ///   - store: The log, which no one writes to meanwhile.
  ///   - checkpoint: A signed note, such as the newest kept.
  ///   - trust: By whom it must be signed.
  ///   - progress: Called every few thousand entries.
  /// - Throws: ``EvidenceError``.
  /// - Complexity: O(entries): each is hashed.
  package init(
    _ store: any LedgerStore, under checkpoint: [UInt8], trust: AuditTrust,
    progress: (AuditProgress) -> Void = { _ in }
  ) throws(EvidenceError) {
    do {
      self.checkpoint = try trust.open(checkpoint)
    } catch {
      throw .evidence(error)
    }
    self.store = store
    let size = self.checkpoint.checkpoint.size
    do throws(LogFault) {
      (tree, newestCommitment) = try Self.tree(of: store, size: size, progress)
      guard tree.root == self.checkpoint.checkpoint.root else {
        throw LogFault(
          .tree, at: SequenceNumber(size - 1),
          "the checkpoint over \(size) entries has another root than they have",
          expected: self.checkpoint.checkpoint.root, found: tree.root)
      }
    } catch {
      throw .history(.log(error))
    }
  }

  /// Hashes a log's first entries.
  ///
  /// - Parameters:
  ///   - store: The log.
  ///   - size: How many entries; `nil` for all.
  ///   - progress: Called every few thousand entries.
  /// - Returns: The tree over them, and the newest entry that commits to the state.
  /// - Throws: ``LogFault`` where there are not so many.
  /// - Complexity: O(entries).
  package static func tree(
    of store: any LedgerStore, size: UInt64? = nil, _ progress: (AuditProgress) -> Void
  ) throws(LogFault) -> (tree: MerkleTree, newestCommitment: SequenceNumber?) {
    var tree = MerkleTree()
    var entries = EntryReader(store)
    var commitment: SequenceNumber?
    let size = size ?? entries.total
    while tree.size < size {
      guard let next = try entries.next() else {
        throw LogFault(
          .truncated, at: SequenceNumber(tree.size),
          "the log ends here, and the checkpoint is over \(size) entries")
      }
      tree.append(next.leaf)
      if next.commitsToState { commitment = next.sequence }
      if tree.size.isMultiple(of: 16_384) {
        progress(AuditProgress(entriesDone: tree.size, entriesTotal: size))
      }
    }
    progress(AuditProgress(entriesDone: size, entriesTotal: size))
    return (tree, commitment)
  }

  /// Proves some entries.
  ///
  /// - Parameter sequences: Under the checkpoint; entry 0 is added.
  /// - Returns: In order, each once.
  /// - Throws: ``EvidenceError``.
  package func entries(
    _ sequences: [SequenceNumber]
  ) throws(EvidenceError) -> ProvenEntries {
    let size = checkpoint.checkpoint.size
    var proven: [(sequence: SequenceNumber, bytes: [UInt8], path: [Digest])] = []
    for sequence in Set(sequences + [.genesis]).sorted() {
      guard sequence.value < size else { throw .notCovered(sequence, size: size) }
      do {
        guard let entry = try store.entry(at: sequence) else {
          throw EvidenceError.notCovered(sequence, size: size)
        }
        let inclusion = try tree.inclusionProof(index: sequence.value, treeSize: size) {
          tile throws(LogTilesError) in try LogTiles.leaves(ofTile: tile, in: store)
        }
        proven.append((sequence, Array(entry.entry), inclusion.path))
      } catch let error as EvidenceError {
        throw error
      } catch {
        throw .history(.log(LogFault(.storage, at: sequence, "\(error)")))
      }
    }
    return ProvenEntries(checkpoint: checkpoint.note.encoded, proven)
  }
}

extension LinkedEntry {
  fileprivate var commitsToState: Bool {
    guard link?.isOfSystem(stored.bytes) ?? false,
      case .system(.commitment)? = try? LogEntry(canonicalBytes: stored.bytes).body
    else { return false }
    return true
  }
}

/// Why no proof could be made.
package enum EvidenceError: Error, Sendable, CustomStringConvertible {
  case history(HistoryError)
  case evidence(EvidenceFault)
  /// No checkpoint covers it; the newest has that size.
  case notCovered(SequenceNumber, size: UInt64)
  /// The log has no such order.
  case noOrder
  /// The log has no such account under its newest commitment.
  case noAccount(AccountID)
  /// The ledger does not commit to its state, or has not yet.
  case noCommitment
  /// The ledger commits to its state, and the secret is not at hand.
  case noSecret
  /// The ledger has several, and none was named.
  case currencyNeeded([CurrencyCode])
  /// There is no such participant or currency.
  case noHolder(String)

  package var description: String {
    switch self {
    case .history(let error): error.description
    case .evidence(let fault): fault.detail
    case .notCovered(let sequence, let size):
      "no checkpoint covers entry \(sequence) yet; the newest is over \(size) entries"
    case .noOrder: "the log has no such order"
    case .noAccount(let account):
      "the newest commitment to the state, under the newest checkpoint, knows no account `\(account)`"
    case .noCommitment:
      "there is no commitment to the state under the newest checkpoint: nothing is proven by one"
    case .noSecret:
      "the secret of the ledger's commitments is needed; give it with --commitment-secret FILE"
    case .currencyNeeded(let codes):
      "the ledger has several currencies, \(codes.map(\.description).joined(separator: ", ")): name one"
    case .noHolder(let name): "there is no `\(name)` under the newest commitment to the state"
    }
  }
}
