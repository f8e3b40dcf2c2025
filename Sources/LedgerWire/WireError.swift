public import LedgerModel

/// Why bytes were refused at the door: unlogged, counted, and nothing changed.
public enum WireError: Error, Hashable, Sendable {
  /// The bytes do not decode.
  case malformed(message: String)
  /// The bytes decode, but are not the one encoding of what they decode to.
  case nonCanonical(message: String)
  /// A field is missing, or outside what its type admits.
  case invalidField(String, problem: String)
  case empty(String)
  case tooLarge(String, count: Int, max: Int)
  case wrongPayloadType(found: String, wanted: String)
  case countMismatch(stated: Int, found: Int)
  case rootMismatch(stated: Bytes32, found: Bytes32)
  case badSignature(index: Int)
  case duplicateSigner(PublicKey)
  case unknownSigner(index: Int)
  case refused(SubmissionRefusal)

  /// The stable wire name.
  public var code: String {
    switch self {
    case .malformed: "malformed"
    case .nonCanonical: "non_canonical"
    case .invalidField: "invalid_field"
    case .empty: "empty"
    case .tooLarge: "too_large"
    case .wrongPayloadType: "wrong_payload_type"
    case .countMismatch: "count_mismatch"
    case .rootMismatch: "root_mismatch"
    case .badSignature: "bad_signature"
    case .duplicateSigner: "duplicate_signer"
    case .unknownSigner: "signer_unknown"
    case .refused(let refusal): refusal.code
    }
  }
}

extension WireError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformed(let message): "the bytes are no \(message); send its protobuf encoding"
    case .nonCanonical(let message):
      "the \(message) is not in its canonical encoding: fields in order of number, none unknown, "
        + "defaults left out, shortest varints"
    case .invalidField(let field, let problem): "field `\(field)`: \(problem)"
    case .empty(let noun): "there is no \(noun); give at least one"
    case .tooLarge(let noun, let count, let max): "`\(count)` \(noun); at most `\(max)`"
    case .wrongPayloadType(let found, let wanted):
      "payload type `\(found)`; it must be `\(wanted)`"
    case .countMismatch(let stated, let found):
      "the statement says `\(stated)` instructions, `\(found)` came"
    case .rootMismatch(let stated, let found):
      "the statement's root is `\(stated.hex)`, the instructions' is `\(found.hex)`"
    case .badSignature(let index):
      "signature \(index) is not valid for any key of the party; sign DSSE's pre-authentication "
        + "encoding of the statement"
    case .duplicateSigner(let key): "key `\(key)` signed twice; each key counts once"
    case .unknownSigner(let index):
      "signature \(index) is by a key that is not registered for the party"
    case .refused(let refusal): refusal.description
    }
  }
}
