import LedgerTLS
import NIOSSL

/// Files of a client's TLS, in PEM: TLS 1.3, with the server's name checked.
public struct ClientTLS: Hashable, Sendable {
  /// The authorities to which the server's certificate must lead; `nil` for the system's.
  public let authorities: String?
  /// The client's own chain, by which the server knows who reads, and its key; both or none.
  public let certificate: String?
  public let key: String?

  public init(authorities: String?, certificate: String? = nil, key: String? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
  }

  /// Checks that the files can be read, and that the key is the certificate's.
  ///
  /// - Throws: ``ClientError/tls(_:)``.
  public func check() throws(ClientError) { _ = try Self.configuration(of: self) }

  /// Reads the files; without any, the system's authorities are trusted.
  static func configuration(of tls: ClientTLS?) throws(ClientError) -> TLSConfiguration {
    do throws(TLSFault) {
      return try .client(
        authorities: tls?.authorities, certificate: tls?.certificate, key: tls?.key)
    } catch {
      throw .tls("\(error)")
    }
  }
}
