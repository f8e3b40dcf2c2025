package import LedgerCore
import LedgerModel
import LedgerStorage
import LedgerWire
package import MerkleLog

/// A ledger's whole state as of one entry, so that opening it replays only what came after.
///
/// A cache: all of it follows from the log. The ledger's own are signed by the log key, because
/// whoever could write one could otherwise write balances; an auditor's, which stay with him, have
/// a digest. It is bound to its log by the ledger's id and the hash of the last entry it covers.
///
/// - Source: docs/formats/snapshot.md.
package struct Snapshot: Sendable {
  package let state: LedgerState
  package let writer: LogWriter

  package init(state: LedgerState, writer: LogWriter) {
    precondition(
      state.nextSequence == writer.next, "state of \(state.nextSequence), log of \(writer.next)")
    self.state = state
    self.writer = writer
  }

  /// How many entries it covers.
  package var size: UInt64 { writer.next.value }

  /// A digest of all that it says, in however many files it is kept.
  ///
  /// - Complexity: O(accounts + counters + ids + log size / 256).
  package var digest: Digest {
    Self.digest { bytes in
      write(naming: [], to: &bytes)
      _ = state.writeIDs(from: .genesis, to: &bytes)
    }
  }
}

/// A snapshot as its keeper has it.
package struct KeptSnapshot: Hashable, Sendable {
  /// Some of the live ids of participants, in a file that later snapshots name again.
  struct IDs: Hashable, Sendable {
    /// In which they came first.
    let entries: Range<UInt64>
    /// In which the last of them expires.
    let lastSecond: UInt64
    /// Of the file.
    let digest: Bytes32

    var file: SnapshotFile { .ids(entries: entries) }
  }

  /// How many entries it covers.
  package let size: UInt64
  /// In the order of their entries.
  let ids: [IDs]

  var files: [SnapshotFile] { [.state(size: size)] + ids.map(\.file) }
}

extension KeptSnapshot.IDs: CustomStringConvertible {
  var description: String {
    "the ids of entries \(entries.lowerBound) to \(entries.upperBound - 1)"
  }
}

/// What stands at the end of a snapshot, so that nothing before it can be changed unseen.
package enum SnapshotSeal: Sendable {
  /// The log key's signature.
  case signature
  /// The digest itself: for who trusts the place where it is kept.
  case digest

  var byteCount: Int {
    switch self {
    case .signature: 64
    case .digest: 32
    }
  }
}

extension Snapshot {
  static let formatVersion: UInt32 = 6
  static let mark = Array("specie-snapshot\n".utf8)
  /// Files of ids that one state names at most: then all that are live are written anew.
  static let idFilesMax = 1_024

  /// What is signed, as the type of a DSSE payload: the digest of all bytes before the signature.
  private static let payloadType = "application/vnd.specie.snapshot.v2"

  static func message(_ digest: Digest) -> [UInt8] {
    DSSE.preAuthenticationEncoding(type: payloadType, payload: digest.bytes)
  }
}
