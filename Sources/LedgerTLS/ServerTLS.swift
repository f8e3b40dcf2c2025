package import LedgerModel
import MerkleLog
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
  /// What the files held, by which is known whether they have changed.
  private struct Digests: Hashable, Sendable {
    let certificate: Digest
    let key: Digest
    let clientAuthorities: Digest
  }

  /// What one reading of the files gave.
  private struct Reading: Sendable {
    let digests: Digests
    let context: NIOSSLContext
    let ends: TLSEnds
    /// Counts changes of the authorities of clients.
    let generation: Int
  }

  package let files: ServerTLSFiles
  private let reading: Mutex<Reading>

  /// Reads the files.
  ///
  /// - Parameters:
  ///   - files: Where they are.
  ///   - now: The certificates must be valid then.
  /// - Throws: ``TLSFault``.
  package init(_ files: ServerTLSFiles, at now: LedgerTime) throws(TLSFault) {
    self.files = files
    guard let first = try Self.read(files, after: nil, at: now) else {
      preconditionFailure("the first reading of files is none")
    }
    reading = Mutex(first)
  }

  /// Reads the files again where they have changed; what was read before stays where they do not
  /// hold what a server needs.
  ///
  /// - Returns: Whether they had changed.
  /// - Throws: ``TLSFault``.
  package func refresh(at now: LedgerTime) throws(TLSFault) -> Bool {
    let former = reading.withLock { $0 }
    guard let new = try Self.read(files, after: former, at: now) else { return false }
    reading.withLock { $0 = new }
    return true
  }

  /// When certificates in use end.
  package var ends: TLSEnds { reading.withLock { $0.ends } }

  /// For a new connection, and which authorities of clients those are.
  package var current: (context: NIOSSLContext, generation: Int) {
    reading.withLock { ($0.context, $0.generation) }
  }

  /// Which authorities of clients are known now.
  package var generation: Int { reading.withLock { $0.generation } }

  /// - Returns: `nil` where the files hold what they held.
  private static func read(
    _ files: ServerTLSFiles, after former: Reading?, at now: LedgerTime
  ) throws(TLSFault) -> Reading? {
    let certificate = try PEMFile.bytes(of: files.certificate)
    let key = try PEMFile.bytes(of: files.key)
    let clientAuthorities = try PEMFile.bytes(of: files.clientAuthorities)
    let digests = Digests(
      certificate: SHA256.hash(certificate), key: SHA256.hash(key),
      clientAuthorities: SHA256.hash(clientAuthorities))
    guard digests != former?.digests else { return nil }
    let chain = try CertificateChain(file: files.certificate, bytes: certificate)
    try chain.checkValid(at: now)
    guard chain.hasNames else { throw .nameless(file: files.certificate) }
    let authorities = try CertificateChain(file: files.clientAuthorities, bytes: clientAuthorities)
    try authorities.checkAnyValid(at: now)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.certificates.map { .certificate($0) },
      privateKey: .privateKey(try PEMFile.key(files.key, key)))
    configuration.minimumTLSVersion = .tlsv13
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .certificates(authorities.certificates)
    configuration.applicationProtocols = ["http/1.1"]
    let isNew = former.map { $0.digests.clientAuthorities != digests.clientAuthorities } ?? false
    return Reading(
      digests: digests,
      context: try TLSContext.make(configuration, certificate: files.certificate, key: files.key),
      ends: TLSEnds(certificate: chain.firstEnd, clientAuthorities: authorities.firstEnd),
      generation: (former?.generation ?? 0) + (isNew ? 1 : 0))
  }
}

/// When what a server shows and takes ends.
package struct TLSEnds: Hashable, Sendable {
  /// Of the first in the server's own chain.
  package let certificate: LedgerTime
  /// Of the first authority of clients.
  package let clientAuthorities: LedgerTime
}

/// The making of a context, which is where certificate and key are held against each other.
enum TLSContext {
  static func make(
    _ configuration: TLSConfiguration, certificate: String, key: String
  ) throws(TLSFault) -> NIOSSLContext {
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch NIOSSLError.failedToLoadPrivateKey {
      throw .misfit(certificate: certificate, key: key)
    } catch {
      throw .refused(certificate: certificate, reason: TLSProblem(error).words)
    }
  }
}
