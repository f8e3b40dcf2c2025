package import LedgerModel
import MerkleLog
package import NIOSSL

/// The certificates of a PEM file, the one that counts first.
package struct CertificateChain: Sendable {
  package let file: String
  let certificates: [NIOSSLCertificate]
  /// Of the first certificate's public key.
  package let spki: SPKIHash
  /// Of the first certificate.
  package let validFrom: LedgerTime
  /// Not valid after this.
  package let validUntil: LedgerTime
  /// When the first of all certificates of the file ends.
  package let firstEnd: LedgerTime

  /// Whether the first names hosts or addresses: by these alone do clients know a server.
  var hasNames: Bool { !certificates[0]._subjectAlternativeNames().isEmpty }

  /// Reads a file.
  ///
  /// - Throws: ``TLSFault``.
  package init(file: String) throws(TLSFault) {
    try self.init(file: file, bytes: try PEMFile.bytes(of: file))
  }

  init(file: String, bytes: [UInt8]) throws(TLSFault) {
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes),
      let first = certificates.first
    else { throw .noCertificate(file: file) }
    guard let spki = try? SPKIHash(of: first) else { throw .keyNotUnderstood(file: file) }
    guard certificates.count <= TLSLimits.certificatesMax else {
      throw .tooLarge(file: file, what: "certificates", max: TLSLimits.certificatesMax)
    }
    self.file = file
    self.certificates = certificates
    self.spki = spki
    validFrom = certificates[0].validity.lowerBound
    validUntil = certificates[0].validity.upperBound
    firstEnd = certificates.map(\.validity.upperBound).min() ?? validUntil
  }

  /// Checks, of a file of authorities, that one of them is good: in a rotation the old one ends
  /// beside the new.
  func checkAnyValid(at time: LedgerTime) throws(TLSFault) {
    guard !certificates.contains(where: { $0.validity.contains(time) }) else { return }
    try checkValid(at: time)
  }

  package func checkValid(at time: LedgerTime) throws(TLSFault) {
    guard validFrom <= time else { throw .notYetValid(file: file, from: validFrom) }
    guard time <= validUntil else { throw .expired(file: file, at: validUntil) }
  }
}

extension SPKIHash {
  /// SHA-256 of a certificate's SubjectPublicKeyInfo, in DER.
  ///
  /// - Throws: What is wrong with its key.
  package init(of certificate: NIOSSLCertificate) throws {
    let key = try certificate.extractPublicKey().toSPKIBytes()
    guard let value = Bytes32(SHA256.hash(key).bytes) else {
      preconditionFailure("a SHA-256 is not 32 bytes")
    }
    self.init(value)
  }
}

extension NIOSSLCertificate {
  /// From when until when it is valid, both included; an instant before 1970 is 1970.
  package var validity: ClosedRange<LedgerTime> {
    func time(_ seconds: Int) -> LedgerTime {
      LedgerTime(microseconds: UInt64(max(0, seconds)) * 1_000_000)
    }
    let from = time(notValidBefore)
    return from...max(from, time(notValidAfter))
  }
}
