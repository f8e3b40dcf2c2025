package import LedgerModel
package import NIOSSL
import Synchronization

/// Files of a server's TLS, in PEM.
package struct ServerTLSFiles: Hashable, Sendable {
  /// Its chain, the server's own certificate first.
  package let certificate: String
  /// The private key of that certificate.
  package let key: String
  /// The authorities to which clients' certificates must lead.
  package let clientAuthorities: String

  package init(certificate: String, key: String, clientAuthorities: String) {
    self.certificate = certificate
    self.key = key
    self.clientAuthorities = clientAuthorities
  }
}

/// The TLS of a server as its files have it: new connections get what was read last.
///
/// TLS 1.3 alone, and no connection without a client certificate.
package final class ServerTLS: Sendable {
  /// What one reading of the files gave.
  private struct Reading: Sendable {
    let bytes: [[UInt8]]
    let context: NIOSSLContext
    let ends: TLSEnds
  }

  package let files: ServerTLSFiles
  private let reading: Mutex<Reading>

  /// Reads the files.
  ///
  /// - Parameters:
  ///   - files: Where they are.
  ///   - now: The certificate must be valid then.
  /// - Throws: ``TLSFault``.
  package init(_ files: ServerTLSFiles, at now: LedgerTime) throws(TLSFault) {
    self.files = files
    reading = Mutex(try Self.read(files, try Self.bytes(of: files), at: now))
  }

  /// Reads the files again where they have changed; what was read before stays where they do not
  /// hold what a server needs.
  ///
  /// - Returns: Whether they had changed.
  /// - Throws: ``TLSFault``.
  package func refresh(at now: LedgerTime) throws(TLSFault) -> Bool {
    let bytes = try Self.bytes(of: files)
    guard bytes != reading.withLock({ $0.bytes }) else { return false }
    let new = try Self.read(files, bytes, at: now)
    reading.withLock { $0 = new }
    return true
  }

  /// When certificates in use end.
  package var ends: TLSEnds { reading.withLock { $0.ends } }

  /// For a new connection.
  package var context: NIOSSLContext { reading.withLock { $0.context } }

  private static func bytes(of files: ServerTLSFiles) throws(TLSFault) -> [[UInt8]] {
    [
      try PEMFile.bytes(of: files.certificate), try PEMFile.bytes(of: files.key),
      try PEMFile.bytes(of: files.clientAuthorities),
    ]
  }

  private static func read(
    _ files: ServerTLSFiles, _ bytes: [[UInt8]], at now: LedgerTime
  ) throws(TLSFault) -> Reading {
    let chain = try CertificateChain(file: files.certificate, bytes: bytes[0])
    try chain.checkValid(at: now)
    let authorities = try CertificateChain(file: files.clientAuthorities, bytes: bytes[2])
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.certificates.map { .certificate($0) },
      privateKey: .privateKey(try key(files.key, bytes[1])))
    configuration.minimumTLSVersion = .tlsv13
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .certificates(authorities.certificates)
    configuration.applicationProtocols = ["http/1.1"]
    do {
      return Reading(
        bytes: bytes, context: try NIOSSLContext(configuration: configuration),
        ends: TLSEnds(certificate: chain.firstEnd, clientAuthorities: authorities.firstEnd))
    } catch {
      throw .misfit(certificate: files.certificate, key: files.key, reason: "\(error)")
    }
  }

  static func key(_ file: String, _ bytes: [UInt8]) throws(TLSFault) -> NIOSSLPrivateKey {
    do {
      return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
    } catch {
      throw .noKey(file: file, reason: "\(error)")
    }
  }
}

/// When what a server shows and takes ends.
package struct TLSEnds: Hashable, Sendable {
  /// Of the first in the server's own chain.
  package let certificate: LedgerTime
  /// Of the first authority of clients.
  package let clientAuthorities: LedgerTime
}
