/// Why a handshake failed, in words for whoever has to mend it.
///
/// The libraries say it in names of their own, which are looked for in what they print: their types
/// carry no more.
package struct TLSProblem: Hashable, Sendable {
  package let words: String

  package init(_ error: any Error) {
    let text = "\(error)"
    words =
      Self.words(for: text)
      ?? "the two ends did not agree (\(text.prefix(while: { $0 != "[" && $0 != "(" })))"
  }

  /// `nil` for an error that is not about TLS.
  package init?(clientError error: any Error) {
    guard let words = Self.words(for: "\(error)") else { return nil }
    self.words = words
  }

  private static func words(for text: String) -> String? {
    known.first { text.contains($0.token) }?.words
  }

  private static let known: [(token: String, words: String)] = [
    (
      "failedToValidateHostname",
      "the certificate shown is not for that name or address; it must name it as a subjectAltName"
    ),
    ("CERTIFICATE_REQUIRED", "a client certificate is wanted, and none was shown"),
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "no client certificate was shown"),
    ("CERTIFICATE_EXPIRED", "the certificate shown has ended; renew it"),
    ("UNKNOWN_CA", "the certificate shown leads to no authority that the other end knows"),
    ("UNSUPPORTED_CERTIFICATE", "the certificate shown is not for this use"),
    ("BAD_CERTIFICATE", "the certificate shown is not understood"),
    (
      "NO_COMMON_SIGNATURE_ALGORITHMS",
      "the certificate's key is of a kind that is not taken; use ECDSA on P-256 or P-384, or RSA"
    ),
    (
      "CERTIFICATE_VERIFY_FAILED",
      "the certificate shown has ended, is not for this use, or leads to no authority that is known "
        + "here"
    ),
    ("WRONG_VERSION_NUMBER", "the other end speaks no TLS"),
    ("HTTP_REQUEST", "the other end speaks HTTP without TLS"),
    ("UNSUPPORTED_PROTOCOL", "the other end speaks no TLS 1.3"),
    ("PROTOCOL_VERSION", "the other end speaks no TLS 1.3"),
    ("failedToLoadPrivateKey", "the private key is not that of the certificate"),
  ]
}
