internal import Foundation
internal import GRDB
package import MerkleLog

/// A request that a log signed, and that was refused.
package struct WitnessEvidence: Hashable, Sendable {
  package let origin: Origin
  /// When it came, in POSIX seconds.
  package let timestampSeconds: UInt64
  /// Whether the log's signature stands on a tree that is not the one cosigned.
  package let isDecisive: Bool
  package let reason: String
  /// What the witness had cosigned then.
  package let tree: WitnessedTree
  /// The note of that, with the log's signature and ours; `nil` where nothing was cosigned, or an
  /// older version kept it.
  package let cosigned: [UInt8]?
  /// The body of the request.
  package let request: [UInt8]
}

/// How much a refused request says of the log that signed its checkpoint.
enum EvidenceWeight: Int, Comparable, Sendable {
  /// It was asked from another size than was cosigned.
  case conflict = 0
  /// The proof does not hold: whoever sent it may have made it so.
  case unproven = 1
  /// The log's signature stands on a tree that is not the one cosigned.
  case decisive = 2

  static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

  /// Weighs a refused request; `nil` where it says nothing at all.
  init?(
    _ request: AddCheckpointRequest, against tree: WitnessedTree, _ error: AddCheckpointError
  ) {
    if request.size == tree.size, tree.size > 0, request.root != tree.root {
      self = .decisive
      return
    }
    switch error {
    case .inconsistent: self = .unproven
    case .conflict, .tooLong, .malformedOldSize, .malformedHash, .tooManyHashes,
      .malformedCheckpoint, .unknownLog, .notSigned, .oldSizeAboveNew:
      // An older checkpoint is one that anybody may have kept.
      guard request.size > tree.size else { return nil }
      self = .conflict
    }
  }
}

extension WitnessStore {
  /// Keeps a refused request, once for each checkpoint; the least telling make room.
  ///
  /// - Parameters:
  ///   - request: Signed by the log.
  ///   - log: The record that it was held against.
  ///   - weight: What it says.
  ///   - error: Why it was refused.
  ///   - timestampSeconds: Now.
  /// - Returns: `false` where there is no room left.
  /// - Throws: A failure of the medium.
  func keep(
    _ request: AddCheckpointRequest, of log: WatchedLog, _ weight: EvidenceWeight,
    refusedFor error: AddCheckpointError, timestampSeconds: UInt64
  ) async throws(WitnessFault) -> Bool {
    let body = Data(request.encoded)
    let arguments: StatementArguments = [
      Int64(clamping: timestampSeconds), weight == .decisive, weight.rawValue, error.description,
      Int64(log.tree.size), Data(log.tree.root.bytes), log.note.map { Data($0) },
      Data(request.note.text), body, Data(log.origin.utf8),
    ]
    let origin = Data(log.origin.utf8)
    let limits = limits
    do {
      return try await queue.write { database in
        try database.execute(
          sql: """
            INSERT INTO evidence
              (log, time, decisive, weight, reason, size, root, cosigned, text, request)
            SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM logs WHERE origin = ?
            ON CONFLICT (log, text) DO UPDATE SET
              time = excluded.time, decisive = excluded.decisive, weight = excluded.weight,
              reason = excluded.reason, size = excluded.size, root = excluded.root,
              cosigned = excluded.cosigned, request = excluded.request
            WHERE excluded.weight > weight OR excluded.weight = 2
            """, arguments: arguments)
        while try Self.isOver(limits, origin, database) {
          // What proves nothing goes first, the oldest of it; of what does, the newest, so that
          // whoever floods the store cannot push out the first proof.
          try database.execute(
            sql: """
              DELETE FROM evidence WHERE number = (
                SELECT e.number FROM evidence e JOIN logs l ON l.number = e.log WHERE l.origin = ?
                ORDER BY weight, CASE decisive WHEN 0 THEN e.number ELSE -e.number END LIMIT 1)
              """, arguments: [origin])
        }
        try database.execute(
          sql: """
            DELETE FROM evidence WHERE number IN (
              SELECT e.number FROM evidence e JOIN logs l ON l.number = e.log
              WHERE l.origin = ? AND weight = 0 ORDER BY e.number DESC LIMIT -1 OFFSET ?)
            """, arguments: [origin, limits.conflictEvidenceMax])
        return try Bool.fetchOne(
          database,
          sql: """
            SELECT count(*) > 0 FROM evidence e JOIN logs l ON l.number = e.log
            WHERE l.origin = ? AND text = ?
            """, arguments: [origin, Data(request.note.text)]) ?? false
      }
    } catch {
      throw Self.fault(committing: error, path: path)
    }
  }

  private static func isOver(
    _ limits: WitnessLimits, _ origin: Data, _ database: Database
  ) throws -> Bool {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT count(*),
          coalesce(sum(length(request) + length(text) + coalesce(length(cosigned), 0)), 0)
        FROM evidence e JOIN logs l ON l.number = e.log WHERE l.origin = ?
        """, arguments: [origin])
    let count: Int = row?[0] ?? 0
    let bytes: Int = row?[1] ?? 0
    return count > limits.evidenceMax || bytes > limits.evidenceBytesMax
  }

  /// Returns what is kept, the oldest first.
  package func evidence() throws(WitnessFault) -> [WitnessEvidence] {
    try Self.mapped(path) {
      try queue.read { database in
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT origin, e.time, decisive, reason, e.size, e.root, request, cosigned
            FROM evidence e JOIN logs l ON l.number = e.log ORDER BY e.number
            """)
        return try rows.map { row in
          guard let text = String(validating: row[0] as Data, as: UTF8.self) else {
            throw WitnessFault.failed(detail: "the record of a log is damaged")
          }
          return WitnessEvidence(
            origin: try Origin(text), timestampSeconds: UInt64(clamping: row[1] as Int64),
            isDecisive: row[2], reason: row[3],
            tree: WitnessedTree(
              size: UInt64(clamping: row[4] as Int64), root: try Digest([UInt8](row[5] as Data))),
            cosigned: (row[7] as Data?).map { [UInt8]($0) }, request: [UInt8](row[6] as Data))
        }
      }
    }
  }
}
