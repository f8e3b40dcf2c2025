import Foundation
import LedgerHTTP
import LedgerModel
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
        let methods = Route(rawValue: path)?.methods ?? ["POST"]
        let described = operations.keys.map { $0.uppercased() }
        #expect(Set(described) == Set(methods).subtracting(["HEAD"]), "\(path)")
        // What is described is served: each path has its answer, and another method has none.
        let target = Self.values.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
        let other = try await send(port, target, method: .PATCH)
        #expect(other.status == 405, "\(path)")
        #expect(other.fields["allow"] == methods.joined(separator: ", "), "\(path)")
        guard methods.contains("GET") else { continue }
        let read = try await send(port, target)
        #expect([200, 403, 404, 503].contains(read.status), "\(path): \(read.status) \(read.text)")
        #expect(!read.text.contains("unknown_path"), "\(path)")
      }
    }
  }

  /// Goal: a webhook can be of each order that there is, and of no other.
  @Test func namesEachOrder() async throws {
    try await withServer(FakeLedger()) { port in
      let answer = try await send(port, "/openapi.json")
      let document = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
      let schemas = (document?["components"] as? [String: Any])?["schemas"] as? [String: Any]
      let items = (schemas?["Kinds"] as? [String: Any])?["items"] as? [String: Any]
      #expect(items?["enum"] as? [String] == LedgerModel.Operation.names)
    }
  }

  /// For each parameter of a path.
  private static let values = [
    "account": "acc00000-0000-0000-0000-000000000001",
    "id": "019ca78d-9600-7000-8000-000000000000", "sequence": "0", "level": "0", "index": "000",
    "width": "1", "date": "2026-03-01", "document": String(repeating: "0", count: 64),
    "webhook": "first",
  ]
}
