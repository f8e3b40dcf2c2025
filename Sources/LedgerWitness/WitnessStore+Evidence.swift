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
  /// The body of the request.
  package let request: [UInt8]
}

extension WitnessStore {
  /// Keeps a refused request, once for each checkpoint; the least telling make room.
  ///
  /// - Parameters:
  ///   - request: Signed by the log.
  ///   - log: The record that it was held against.
  ///   - error: Why it was refused.
  ///   - timestampSeconds: Now.
  /// - Returns: `false` where there is no room left.
  /// - Throws: A failure of the medium.
  func keep(
    _ request: AddCheckpointRequest, of log: WatchedLog, refusedFor error: AddCheckpointError,
    timestampSeconds: UInt64
  ) async throws(WitnessFault) -> Bool {
    let isDecisive = request.isDecisive(against: log.tree, error)
    let body = Data(request.encoded)
    let arguments: StatementArguments = [
      Int64(clamping: timestampSeconds), isDecisive, error.description, Int64(log.tree.size),
      Data(log.tree.root.bytes), Data(request.note.text), body, Data(log.origin.utf8),
    ]
    let origin = Data(log.origin.utf8)
    let limits = limits
    do {
      return try await queue.write { database in
        try database.execute(
          sql: """
            INSERT INTO evidence (log, time, decisive, reason, size, root, text, request)
            SELECT number, ?, ?, ?, ?, ?, ?, ? FROM logs WHERE origin = ?
            ON CONFLICT (log, text) DO UPDATE SET
              time = excluded.time, decisive = excluded.decisive, reason = excluded.reason,
              size = excluded.size, root = excluded.root, request = excluded.request
            WHERE excluded.decisive > decisive
            """, arguments: arguments)
        while try Self.isOver(limits, origin, database) {
          // What proves nothing goes first, the oldest of it; of what does, the newest, so that
          // whoever floods the store cannot push out the first proof.
          try database.execute(
            sql: """
              DELETE FROM evidence WHERE number = (
                SELECT e.number FROM evidence e JOIN logs l ON l.number = e.log WHERE l.origin = ?
                ORDER BY decisive, CASE decisive WHEN 0 THEN e.number ELSE -e.number END LIMIT 1)
              """, arguments: [origin])
        }
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
        SELECT count(*), coalesce(sum(length(request) + length(text)), 0)
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
            SELECT origin, e.time, decisive, reason, e.size, e.root, request
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
            request: [UInt8](row[6] as Data))
        }
      }
    }
  }
}

extension AddCheckpointRequest {
  /// Whether the log signed a tree that the one cosigned shows to be another.
  fileprivate func isDecisive(against tree: WitnessedTree, _ error: AddCheckpointError) -> Bool {
    if size == tree.size, tree.size > 0 { return root != tree.root }
    if case .inconsistent(.wrongEmptyRoot) = error { return true }
    return false
  }
}
