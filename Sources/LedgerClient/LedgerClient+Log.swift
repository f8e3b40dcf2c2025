public import MerkleLog

extension LedgerClient {
  /// The newest checkpoint as the log publishes it, signed by the log, and not older than any seen
  /// before the request.
  ///
  /// - Throws: ``ClientError/untrusted(_:)`` for a false signature, an older or a forked log.
  public func logCheckpoint() async throws(ClientError) -> VerifiedCheckpoint {
    let floor = newestCheckpoint
    return try open(try await connection.get("/log/checkpoint"), floor: floor)
  }

  /// The bytes of a tile: the server's word, for whoever holds them against a checkpoint.
  ///
  /// - Throws: ``ClientError/refused(_:)`` with code `not_found` where no checkpoint implies it, or
  ///   `entries_for_auditors` where the server hands out no bundles.
  public func tile(_ tile: Tile) async throws(ClientError) -> [UInt8] {
    try await connection.get("/log/\(tile)")
  }
}
