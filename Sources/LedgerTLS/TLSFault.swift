package import LedgerModel

/// Why certificates and keys are not used.
package enum TLSFault: Error, Hashable, Sendable {
  case unreadable(file: String, reason: String)
  case tooLarge(file: String, what: String, max: Int)
  case noCertificate(file: String, reason: String)
  case noKey(file: String, reason: String)
  case notYetValid(file: String, from: LedgerTime)
  case expired(file: String, at: LedgerTime)
  /// Each was read, and they do not go together.
  case misfit(certificate: String, key: String, reason: String)
}

extension TLSFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "cannot read `\(file)`: \(reason)"
    case .tooLarge(let file, let what, let max): "`\(file)` has more than \(max) \(what)"
    case .noCertificate(let file, let reason):
      "`\(file)` holds no certificates in PEM (\(reason)); it must have `-----BEGIN CERTIFICATE-----`"
    case .noKey(let file, let reason):
      "`\(file)` holds no private key in PEM without a passphrase (\(reason))"
    case .notYetValid(let file, let from):
      "the certificate in `\(file)` is not valid before \(from)"
    case .expired(let file, let end):
      "the certificate in `\(file)` ended at \(end); put a renewed one in its place"
    case .misfit(let certificate, let key, let reason):
      "the key in `\(key)` is not that of the certificate in `\(certificate)` (\(reason))"
    }
  }
}
