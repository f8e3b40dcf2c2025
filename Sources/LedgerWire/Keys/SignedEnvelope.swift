package import LedgerModel
import FoundationEssentials
import MerkleLog

/// A payload and who signed it, as JSON that any DSSE library reads.
///
/// - Source: DSSE v1.0.2, envelope.md and protocol.md.
package struct SignedEnvelope: Codable, Hashable, Sendable {
  package struct Signature: Codable, Hashable, Sendable {
    /// The key's 32 bytes in hexadecimal digits: a hint, and trusted for nothing.
    package let keyid: String
    /// Base64.
    package let sig: String
  }

  /// Base64.
  package let payload: String
  package let payloadType: String
  package let signatures: [Signature]

  /// Signs a payload.
  package init(_ payload: [UInt8], type: String, signedBy key: SigningKey) {
    self.payload = Base64.encode(payload)
    payloadType = type
    let message = DSSE.preAuthenticationEncoding(type: type, payload: payload)
    signatures = [
      Signature(keyid: key.publicKey.value.hex, sig: Base64.encode(key.sign(message)))
    ]
  }

  /// Returns exactly the bytes that were signed, once a key has.
  ///
  /// - Parameters:
  ///   - type: What the payload must be.
  ///   - key: Whose signature must be there and hold; others are not looked at.
  /// - Returns: `nil` where that does not hold.
  package func payload(ofType type: String, signedBy key: PublicKey) -> [UInt8]? {
    guard payloadType == type, let payload = Base64.decode(Array(payload.utf8)) else { return nil }
    let message = DSSE.preAuthenticationEncoding(type: type, payload: payload)
    let isSigned = signatures.prefix(Limits.signaturesPerStatementMax).contains { signature in
      guard let bytes = Base64.decode(Array(signature.sig.utf8)) else { return false }
      return Ed25519.isValid(bytes, on: message, by: key)
    }
    return isSigned ? payload : nil
  }

  /// Who the envelope says has signed it alone; `nil` where it names no key, or has signatures by
  /// several.
  package var onlySigner: PublicKey? {
    guard signatures.count == 1 else { return nil }
    return Bytes32(hex: signatures[0].keyid).map { PublicKey($0) }
  }
}
