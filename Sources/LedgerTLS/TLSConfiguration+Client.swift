package import NIOSSL

extension TLSConfiguration {
  /// Reads a client's files, in PEM.
  ///
  /// - Parameters:
  ///   - authorities: To which the server's certificate must lead; `nil` for the system's.
  ///   - certificate: The chain that the client shows; `nil`, as `key`, to show none.
  ///   - key: The private key of its first certificate.
  /// - Returns: TLS 1.3, with the server's name checked.
  /// - Throws: ``TLSFault``.
  package static func client(
    authorities: String?, certificate: String?, key: String?
  ) throws(TLSFault) -> TLSConfiguration {
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
