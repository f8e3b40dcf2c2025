public import MerkleLog

/// A server's log as it publishes it: the server's word, of which nothing is believed here.
public struct LogFiles: Sendable {
  private let connection: Connection

  /// - Throws: ``ClientError/invalidURL(_:)`` or ``ClientError/tls(_:)``.
  public init(
    baseURL: String, tls: ClientTLS? = nil, options: ClientOptions = ClientOptions()
  ) throws(ClientError) {
    connection = try Connection(try ServerURL(baseURL), tls: tls, options: options)
  }

  /// The bytes of the newest published checkpoint: a signed note.
  public func checkpoint() async throws(ClientError) -> [UInt8] {
    try await connection.get("/log/checkpoint")
  }

  /// The bytes of a tile.
  ///
  /// - Throws: ``ClientError/refused(_:)`` with code `not_found` where no checkpoint implies it, or
  ///   `entries_for_auditors` where the server hands out no bundles.
  public func tile(_ tile: Tile) async throws(ClientError) -> [UInt8] {
    try await connection.get("/log/\(tile)")
  }
}
