import LedgerModel
import LedgerTLS
import LedgerWire
import SwiftASN1
import X509

/// A certificate as it is named on the command line.
struct CertificateArgument {
  let spki: SPKIHash
  /// The PEM file; `nil` where the hash was given.
  private let file: String?

  /// Reads 64 hexadecimal digits, or the first certificate of a PEM file.
  init(_ text: String) throws {
    if let value = Bytes32(hex: text) {
      spki = SPKIHash(value)
      file = nil
      return
    }
    guard LocalFile.exists(text) else {
      throw CommandFault.invalidArgument(
        "`\(text)` is neither a PEM file nor the SHA-256 of a certificate's SubjectPublicKeyInfo in "
          + "64 lower-case hexadecimal digits")
    }
    spki = try CertificateChain(file: text).spki
    file = text
  }

  /// Refuses a certificate that no client can show: an authority's, or one for servers alone.
  ///
  /// Of a hash it cannot be told.
  ///
  /// - Source: RFC 5280, 4.2.1.9 and 4.2.1.12.
  func checkIsForClients() throws {
    guard let file else { return }
    let certificate: Certificate
    let isAuthority: Bool
    let usage: ExtendedKeyUsage?
    do {
      certificate = try Certificate(
        pemEncoded: LocalFile.readText(file, bytesMax: TLSLimits.fileBytesMax))
      if case .isCertificateAuthority? = try certificate.extensions.basicConstraints {
        isAuthority = true
      } else {
        isAuthority = false
      }
      usage = try certificate.extensions.extendedKeyUsage
    } catch {
      throw CommandFault.fileInvalid(path: file, problem: "its certificate is not understood")
    }
    guard !isAuthority else {
      throw CommandFault.fileInvalid(
        path: file,
        problem: "the certificate is an authority's, which no client shows; register the client's "
          + "own, which stands first in its file")
    }
    guard usage.map({ $0.contains(.clientAuth) || $0.contains(.any) }) ?? true else {
      throw CommandFault.fileInvalid(
        path: file,
        problem: "the certificate is not for clients (extended key usage clientAuth), so that the "
          + "server would not take it")
    }
  }
}
