import HTTPTypes
import Hummingbird
import LedgerService
import MerkleLog

/// Who is handed bundles of entries without TLS: they hold pseudonyms, amounts and bank names.
///
/// Under TLS it is auditors, by their certificates.
package enum EntryAccess: Sendable {
  /// Nobody.
  case refused
  /// Whoever reaches the server.
  case open
}

// The log in its public form: C2SP tlog-tiles, under `/log/`.

extension APIResponder {
  func logCheckpoint(_ query: inout Query) throws(Problem) -> Response {
    try query.end()
    let note = try reading("checkpoint") { () throws(ReadError) in
      try ledger.publishedCheckpoint()
    }
    var response = Response.note(note)
    response.headers[.accessControlAllowOrigin] = "*"
    return response
  }

  /// Serves a tile that the newest checkpoint implies, or that an earlier one has implied.
  ///
  /// - Source: C2SP tlog-tiles, "Parameters" and "Partial Tiles": what is served never changes.
  func logTile(
    _ path: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try query.end()
    let tile: Tile
    do throws(TileError) {
      tile = try Tile(path: path)
    } catch {
      throw .invalidParameter("path", error.description)
    }
    var headers: HTTPFields = [.contentType: "application/octet-stream"]
    switch tile.content {
    case .entries:
      guard access.isAuditor, tls != nil || entryAccess == .open else { throw .entriesForAuditors }
      headers[.cacheControl] = "private, max-age=604800, immutable"
    case .hashes:
      headers[.cacheControl] = "public, max-age=604800, immutable"
      headers[.accessControlAllowOrigin] = "*"
    }
    let bytes = try reading("`\(tile)` under the newest checkpoint") { () throws(ReadError) in
      try ledger.tile(tile)
    }
    return Response(
      status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
