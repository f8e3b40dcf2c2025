import FoundationEssentials
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

  /// Reads a file.
  ///
  /// - Throws: ``TLSFault``.
  package init(file: String) throws(TLSFault) {
    try self.init(file: file, bytes: try PEMFile.bytes(of: file))
  }

  init(file: String, bytes: [UInt8]) throws(TLSFault) {
    let certificates: [NIOSSLCertificate]
    let spki: SPKIHash
    do {
      certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
      guard let first = certificates.first else {
        throw TLSFault.noCertificate(file: file, reason: "it is empty")
      }
      spki = try SPKIHash(of: first)
    } catch let fault as TLSFault {
      throw fault
    } catch {
      throw .noCertificate(file: file, reason: "\(error)")
    }
    guard certificates.count <= TLSLimits.certificatesMax else {
      throw .tooLarge(file: file, what: "certificates", max: TLSLimits.certificatesMax)
    }
    self.file = file
    self.certificates = certificates
    self.spki = spki
    validFrom = LedgerTime(secondsSince1970: certificates[0].notValidBefore)
    validUntil = LedgerTime(secondsSince1970: certificates[0].notValidAfter)
    firstEnd =
      certificates.map { LedgerTime(secondsSince1970: $0.notValidAfter) }.min()
      ?? validUntil
  }

  func checkValid(at time: LedgerTime) throws(TLSFault) {
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

extension LedgerTime {
  /// An instant before 1970 is 1970.
  fileprivate init(secondsSince1970 seconds: Int) {
    self.init(microseconds: UInt64(max(0, seconds)) * 1_000_000)
  }
}

/// A file of certificates or of a key.
enum PEMFile {
  static func bytes(of file: String) throws(TLSFault) -> [UInt8] {
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      guard attributes[.size] as? Int ?? 0 <= TLSLimits.fileBytesMax else {
        throw TLSFault.tooLarge(file: file, what: "bytes", max: TLSLimits.fileBytesMax)
      }
      return Array(try Data(contentsOf: URL(filePath: file)))
    } catch let fault as TLSFault {
      throw fault
    } catch let error as CocoaError {
      throw .unreadable(
        file: file,
        reason: error.code == .fileReadNoSuchFile ? "there is no such file" : "\(error.code)")
    } catch {
      throw .unreadable(file: file, reason: "\(error)")
    }
  }
}
