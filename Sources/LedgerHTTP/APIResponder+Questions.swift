import Hummingbird
import LedgerModel
import LedgerService

// What would become of an order, and what a wallet may still pay.

extension APIResponder {
  /// Answers what a submission would be answered, marked as a dry run.
  func dryRun(_ request: Request, _ query: inout Query) async throws(Problem) -> Response {
    try query.end()
    let head = try SubmissionRequest(request.head)
    let bytes = try await body(of: request, max: limits.dryRunBytesMax)
    let dryRun: DryRun
    do throws(SubmitError) {
      dryRun = try await ledger.dryRun(head.form == .json ? .json(bytes) : .protobuf(bytes))
    } catch {
      throw Problem(error, limits)
    }
    return .json(JSONWriter.object { $0.dryRun(dryRun) })
  }

  func headroom(
    _ name: String, for access: Access, _ query: inout Query
  ) async throws(Problem) -> Response {
    try check(access)
    let id = try accountID(name)
    try query.end()
    let reading: HeadroomReading
    do throws(ReadError) {
      reading = try await ledger.headroom(of: id, for: access)
    } catch {
      throw problem(error, of: "wallet `\(id)`")
    }
    return .json(JSONWriter.object { $0.headroom(reading) })
  }
}
