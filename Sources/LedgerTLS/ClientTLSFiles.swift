package import NIOSSL

/// Files of a client's TLS, in PEM.
package struct ClientTLSFiles: Hashable, Sendable {
  /// The authorities to which the server's certificate must lead; `nil` for the system's.
  package let authorities: String?
  /// The chain that the client shows, and its key; `nil` to show none.
  package let certificate: String?
  package let key: String?

  package init(authorities: String?, certificate: String?, key: String?) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
  }

  /// Reads the files.
  ///
  /// - Returns: TLS 1.3, with the server's name checked.
  /// - Throws: ``TLSFault``.
  package func configuration() throws(TLSFault) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv13
    if let authorities {
      configuration.trustRoots = .certificates(
        try CertificateChain(file: authorities).certificates)
    }
    guard let certificate, let key else { return configuration }
    let chain = try CertificateChain(file: certificate)
    configuration.certificateChain = chain.certificates.map { .certificate($0) }
    configuration.privateKey = .privateKey(try PEMFile.key(key, try PEMFile.bytes(of: key)))
    // A connection would say so too, and not until it is made.
    _ = try TLSContext.make(configuration, certificate: certificate, key: key)
    return configuration
  }
}
