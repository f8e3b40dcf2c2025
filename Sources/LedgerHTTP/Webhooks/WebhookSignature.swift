import LedgerModel
import LedgerWire
import MerkleLog

/// The log's signature over a delivery, in HTTP's own form.
///
///     "@method": POST
///     "@target-uri": https://bank.example/hook
///     "content-type": application/json
///     "content-digest": sha-256=:<base64>:
///     "@signature-params": ("@method" "@target-uri" "content-type" "content-digest");created=…;…
///
/// A note begins with its key's name, which has no white space, and here the first line has some;
/// what DSSE signs begins with `DSSEv1`. So nothing that the log's key signs elsewhere is ever
/// these bytes, and nothing signed here is a checkpoint or a snapshot.
///
/// - Source: RFC 9421, 2.5 and 3.3.6 (Ed25519); RFC 9530, 2 (Content-Digest).
struct WebhookSignature {
  static let contentType = "application/json"
  /// What the signature is for (RFC 9421, 2.3).
  static let tag = "specie-webhook"
  private static let label = "specie"
  private static let components = #"("@method" "@target-uri" "content-type" "content-digest")"#

  let key: SigningKey
  /// The key's id as C2SP signed-note has it: it stands in the trust file's `log` line.
  let keyID: String

  /// The fields of a delivery, its content type among them.
  ///
  /// - Parameters:
  ///   - body: Its bytes.
  ///   - url: Where it is sent.
  ///   - created: When, in seconds since 1970.
  /// - Returns: Names and values, to be sent as they are.
  func fields(of body: [UInt8], to url: WebhookURL, created: Int64) -> [(String, String)] {
    let digest = "sha-256=:\(Base64.encode(SHA256.hash(body).bytes)):"
    let parameters =
      Self.components
      + ";created=\(created);keyid=\"\(keyID)\";alg=\"ed25519\";tag=\"\(Self.tag)\""
    let base = [
      #""@method": POST"#, #""@target-uri": \#(url.text)"#,
      #""content-type": \#(Self.contentType)"#, #""content-digest": \#(digest)"#,
      #""@signature-params": \#(parameters)"#,
    ].joined(separator: "\n")
    return [
      ("content-type", Self.contentType), ("content-digest", digest),
      ("signature-input", "\(Self.label)=\(parameters)"),
      ("signature", "\(Self.label)=:\(Base64.encode(key.sign(Array(base.utf8)))):"),
    ]
  }
}
