import LedgerHTTP
import LedgerModel
import LedgerService
import MerkleLog
import NIOHTTP1
import Testing

/// The log in its public form, over HTTP.
@Suite struct LogTests {
  /// A ledger whose log has that many entries after the genesis.
  private static func ledger(entries: Int) -> FakeLedger {
    let ledger = FakeLedger()
    ledger.change { script in
      while script.entries.count < entries {
        script.entries.append(Array("entry \(script.entries.count)".utf8))
      }
    }
    return ledger
  }

  /// Goal: whoever has the checkpoint can fetch all that it implies, byte for byte.
  ///
  /// Method: every tile of a log just over a boundary, and each tile's bytes from the entries.
  @Test func servesWhatTheCheckpointImplies() async throws {
    let ledger = Self.ledger(entries: 300)
    try await withServer(ledger, entryAccess: .open) { port in
      let note = try await send(port, "/log/checkpoint")
      #expect(note.status == 200)
      #expect(note.type == "text/plain; charset=utf-8")
      #expect(note.fields["cache-control"] == "no-store")
      #expect(note.fields["access-control-allow-origin"] == "*")
      #expect(note.body == (try ledger.checkpoint()))
      let tiles = Tile.tilesAdded(from: 0, to: 300)
      #expect(tiles.count == 5)
      for tile in tiles {
        let answer = try await send(port, "/log/\(tile)")
        let isEntries = tile.content == .entries
        #expect(answer.status == 200, "\(tile)")
        #expect(answer.type == "application/octet-stream")
        #expect(
          answer.fields["cache-control"]
            == "\(isEntries ? "private" : "public"), max-age=604800, immutable")
        #expect(answer.fields["access-control-allow-origin"] == (isEntries ? nil : "*"))
        #expect(answer.body == (try ledger.tile(tile)), "\(tile)")
        let head = try await send(port, "/log/\(tile)", method: .HEAD)
        #expect(head.status == 200)
        #expect(head.body == [])
      }
    }
  }

  /// Goal: a reader of an earlier checkpoint still finds its partial tiles.
  @Test func servesNarrowerTiles() async throws {
    let ledger = Self.ledger(entries: 300)
    try await withServer(ledger) { port in
      let complete = try await send(port, "/log/tile/0/000")
      let narrow = try await send(port, "/log/tile/0/000.p/255")
      #expect(narrow.body == Array(complete.body.prefix(255 * 32)))
      let last = try await send(port, "/log/tile/0/001.p/1")
      #expect(last.body.count == 32)
    }
  }

  /// Goal: bundles of entries are nobody's by default.
  @Test func refusesBundles() async throws {
    let ledger = Self.ledger(entries: 300)
    try await withServer(ledger) { port in
      for path in ["000", "001.p/44", "999"] {
        let answer = try await send(port, "/log/tile/entries/\(path)")
        #expect(answer.status == 403)
        #expect(answer.text.contains(#""code":"entries_for_auditors""#))
        #expect(answer.fields["cache-control"] == "no-store")
        #expect(answer.fields["access-control-allow-origin"] == nil)
      }
    }
  }

  @Test func refusesWhatIsNotThere() async throws {
    let ledger = Self.ledger(entries: 300)
    let refused: [(path: String, status: UInt, code: String)] = [
      ("/log", 404, "unknown_path"), ("/log/", 404, "unknown_path"),
      ("/log/checkpoints", 404, "unknown_path"), ("/log/checkpoint/1", 404, "unknown_path"),
      ("/log/tiles/0/000", 404, "unknown_path"), ("/tile/0/000", 404, "unknown_path"),
      ("/log/tile", 400, "invalid_parameter"), ("/log/tile/0/", 400, "invalid_parameter"),
      ("/log/tile/0/0", 400, "invalid_parameter"), ("/log/tile/00/000", 400, "invalid_parameter"),
      ("/log/tile/0/000/", 400, "invalid_parameter"),
      ("/log/tile/0/000.p/0", 400, "invalid_parameter"),
      ("/log/tile/0/000.p/256", 400, "invalid_parameter"),
      ("/log/tile/0/%30%30%30", 400, "invalid_parameter"),
      ("/log/tile/64/000", 400, "invalid_parameter"),
      ("/log/tile/0/000?x=1", 400, "invalid_parameter"),
      ("/log/checkpoint?x=1", 400, "invalid_parameter"),
      ("/log/tile/0/001", 404, "not_found"), ("/log/tile/0/001.p/45", 404, "not_found"),
      ("/log/tile/0/002.p/1", 404, "not_found"), ("/log/tile/1/000.p/2", 404, "not_found"),
      ("/log/tile/1/001", 404, "not_found"), ("/log/tile/2/000.p/1", 404, "not_found"),
      ("/log/tile/63/000", 404, "not_found"),
      ("/log/tile/0/x009/x223/x372/x036/x854/x775/807", 404, "not_found"),
      ("/log/tile/entries/001.p/45", 404, "not_found"),
    ]
    try await withServer(ledger, entryAccess: .open) { port in
      for (path, status, code) in refused {
        let answer = try await send(port, path)
        #expect(answer.status == status, "\(path)")
        #expect(answer.text.contains("\"code\":\"\(code)\""), "\(path): \(answer.text)")
        #expect(answer.fields["cache-control"] == "no-store", "\(path)")
      }
      let posted = try await send(port, "/log/tile/0/000", method: .POST)
      #expect(posted.status == 405)
    }
  }
}
