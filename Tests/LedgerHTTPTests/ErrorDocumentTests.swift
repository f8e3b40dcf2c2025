import FoundationEssentials
import LedgerModel
import Testing

@Suite struct ErrorDocumentTests {
  /// Goal: docs/errors.md names every code that an answer may have.
  @Test func nameEveryCode() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/errors.md"), encoding: .utf8)
    for code in RejectionCode.allCases {
      #expect(text.contains("| `\(code.rawValue)` | "), "\(code.rawValue)")
    }
    for code in [
      "malformed_http", "incomplete_body", "invalid_parameter", "out_of_range", "unknown_path",
      "not_found", "not_yet_covered", "method_not_allowed", "not_acceptable", "ambiguous",
      "too_large", "uri_too_long", "unsupported_media_type", "headers_too_large", "internal",
      "storage_failed", "not_ready", "malformed", "non_canonical", "invalid_field", "empty",
      "wrong_payload_type", "count_mismatch", "root_mismatch", "duplicate_signer",
      "bad_signature", "party_unknown", "signer_unknown", "signer_not_yet_valid",
      "signer_expired", "signer_suspended", "signer_revoked", "wrong_ledger",
      "statement_expired", "expiry_too_far", "live_ids_full", "overloaded", "clock_unsafe",
      "storage_full", "stopping", "outcome_unreadable", "not_an_entry",
    ] {
      #expect(text.contains("| `\(code)` | "), "\(code)")
    }
  }
}
