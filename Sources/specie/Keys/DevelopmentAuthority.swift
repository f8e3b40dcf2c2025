import Crypto
import Foundation
import SwiftASN1
import X509

/// An authority to try TLS out: whoever has its folder can make any certificate.
struct DevelopmentAuthority {
  /// How long certificates are valid, in days.
  static let days = 90

  private let folder: String
  private let certificate: Certificate
  private let key: Certificate.PrivateKey

  /// What a certificate is for.
  enum Purpose {
    /// A server, under these names and addresses.
    case server([String])
    case client
  }

  /// Opens the authority of a folder, or makes one.
  init(folder: String) throws {
    self.folder = folder
    let (certificatePath, keyPath) = (folder + "/ca.pem", folder + "/ca.key")
    if LocalFile.exists(certificatePath) || LocalFile.exists(keyPath) {
      certificate = try Certificate(
        pemEncoded: try LocalFile.readText(certificatePath, bytesMax: Self.fileBytesMax))
      key = try Certificate.PrivateKey(
        pemEncoded: try LocalFile.readText(keyPath, bytesMax: Self.fileBytesMax))
      return
    }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let key = Self.newKey()
    self.key = key
    certificate = try Self.certificate(
      named: "Specie development authority", of: key, issuer: nil, signedBy: key,
      try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: key.publicKey)
      })
    try Self.write(certificate, key, certificatePath, keyPath)
  }

  /// Makes a certificate and its key, unless they are there.
  ///
  /// - Returns: Whether they are new.
  func make(_ name: String, for purpose: Purpose) throws -> Bool {
    let (certificatePath, keyPath) = (folder + "/\(name).pem", folder + "/\(name).key")
    guard !LocalFile.exists(certificatePath), !LocalFile.exists(keyPath) else { return false }
    let own = Self.newKey()
    let made = try Self.certificate(
      named: name, of: own, issuer: certificate.subject, signedBy: key,
      try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        SubjectKeyIdentifier(hash: own.publicKey)
        AuthorityKeyIdentifier(
          keyIdentifier: SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier)
        switch purpose {
        case .server(let hosts):
          try ExtendedKeyUsage([.serverAuth])
          SubjectAlternativeNames(hosts.map { Self.generalName($0) })
        case .client: try ExtendedKeyUsage([.clientAuth])
        }
      })
    try Self.write(made, own, certificatePath, keyPath)
    return true
  }

  private static let fileBytesMax = 1 << 16

  private static func newKey() -> Certificate.PrivateKey {
    Certificate.PrivateKey(P256.Signing.PrivateKey())
  }

  private static func certificate(
    named name: String, of own: Certificate.PrivateKey, issuer: DistinguishedName?,
    signedBy key: Certificate.PrivateKey, _ extensions: Certificate.Extensions
  ) throws -> Certificate {
    let subject = try DistinguishedName { CommonName(name) }
    // An hour back, for clocks that differ.
    let start = Date().addingTimeInterval(-3_600)
    return try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: own.publicKey,
      notValidBefore: start,
      notValidAfter: start.addingTimeInterval(TimeInterval(days) * 86_400 + 3_600),
      issuer: issuer ?? subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: extensions, issuerPrivateKey: key)
  }

  /// An address where it is one, or else a name.
  private static func generalName(_ host: String) -> GeneralName {
    var four = in_addr()
    var six = in6_addr()
    if unsafe inet_pton(AF_INET, host, &four) == 1 {
      return .ipAddress(
        ASN1OctetString(contentBytes: unsafe withUnsafeBytes(of: four) { unsafe ArraySlice($0) }))
    }
    if unsafe inet_pton(AF_INET6, host, &six) == 1 {
      return .ipAddress(
        ASN1OctetString(contentBytes: unsafe withUnsafeBytes(of: six) { unsafe ArraySlice($0) }))
    }
    return .dnsName(host)
  }

  private static func write(
    _ certificate: Certificate, _ key: Certificate.PrivateKey, _ certificatePath: String,
    _ keyPath: String
  ) throws {
    let text = try certificate.serializeAsPEM().pemString + "\n"
    try LocalFile.create(
      keyPath, Array((try key.serializeAsPEM().pemString + "\n").utf8), mode: 0o600)
    try LocalFile.create(certificatePath, Array(text.utf8), mode: 0o644)
  }
}
