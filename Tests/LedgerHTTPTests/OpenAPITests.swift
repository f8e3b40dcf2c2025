import Foundation
import LedgerHTTP
import NIOHTTP1
import Testing

/// Goal: `/openapi.json` is the whole API, and nothing else.
@Suite struct OpenAPITests {
  @Test func describesEveryPath() async throws {
    try await withServer(FakeLedger()) { port in
      let answer = try await send(port, "/openapi.json")
      #expect(answer.status == 200 && answer.type == "application/json")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
      #expect(document["openapi"] as? String == "3.1.0")
      let paths = try #require(document["paths"] as? [String: [String: Any]])
      let orders = ["/v1/submissions", "/v1/submissions/stream"]
      #expect(Set(paths.keys) == Set(Route.allCases.map(\.rawValue) + orders))
      for (path, operations) in paths {
        let isOrder = orders.contains(path) || Route(rawValue: path)?.isPosted ?? false
        #expect(Array(operations.keys) == [isOrder ? "post" : "get"], "\(path)")
        // What is described is served: each path has its answer, and another method has none.
        let target = Self.values.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
        let other = try await send(port, target, method: isOrder ? .GET : .DELETE)
        #expect(other.status == 405, "\(path)")
        #expect(other.fields["allow"] == (isOrder ? "POST" : "GET, HEAD"), "\(path)")
        guard !isOrder else { continue }
        let read = try await send(port, target)
        #expect([200, 403, 404, 503].contains(read.status), "\(path): \(read.status) \(read.text)")
        #expect(!read.text.contains("unknown_path"), "\(path)")
      }
    }
  }

  /// For each parameter of a path.
  private static let values = [
    "account": "acc00000-0000-0000-0000-000000000001",
    "id": "019ca78d-9600-7000-8000-000000000000", "sequence": "0", "level": "0", "index": "000",
    "width": "1", "date": "2026-03-01", "document": String(repeating: "0", count: 64),
  ]
}
