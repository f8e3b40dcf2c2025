package import LedgerModel

/// Why certificates and keys are not used.
package enum TLSFault: Error, Hashable, Sendable {
  case unreadable(file: String, reason: String)
  case tooLarge(file: String, what: String, max: Int)
  case noCertificate(file: String)
  case keyNotUnderstood(file: String)
  case noKey(file: String)
  case notYetValid(file: String, from: LedgerTime)
  case expired(file: String, at: LedgerTime)
  /// No client would know whose it is.
  case nameless(file: String)
  /// Each was read, and the key is not the certificate's.
  case misfit(certificate: String, key: String)
  /// Each was read, and TLS takes them not.
  case refused(certificate: String, reason: String)
}

extension TLSFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "cannot read `\(file)`: \(reason)"
    case .tooLarge(let file, let what, let max): "`\(file)` has more than \(max) \(what)"
    case .noCertificate(let file):
      "`\(file)` holds no certificate in PEM, which begins with `-----BEGIN CERTIFICATE-----`; "
        + "`openssl x509 -inform der` makes it of DER"
    case .keyNotUnderstood(let file):
      "the certificate in `\(file)` has a key of a kind that is not taken; use ECDSA on P-256 or "
        + "P-384, or RSA"
    case .noKey(let file):
      "`\(file)` holds no private key in PEM without a passphrase, which begins with "
        + "`-----BEGIN PRIVATE KEY-----`"
    case .notYetValid(let file, let from):
      "the certificate in `\(file)` is not valid before \(from)"
    case .expired(let file, let end):
      "the certificate in `\(file)` ended at \(end); put a renewed one in its place"
    case .nameless(let file):
      "the certificate in `\(file)` names no host or address as subjectAltName, so that no client "
        + "would take it"
    case .misfit(let certificate, let key):
      "the key in `\(key)` is not that of the certificate in `\(certificate)`"
    case .refused(let certificate, let reason):
      "the certificate in `\(certificate)` is not taken: \(reason)"
    }
  }
}
