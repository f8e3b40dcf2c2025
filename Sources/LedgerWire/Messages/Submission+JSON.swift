import FoundationEssentials
import LedgerModel
import MerkleLog

/// People's form of a submission: the DSSE JSON envelope, and the instructions in base64.
private struct SubmissionDocument: Codable {
  struct Envelope: Codable {
    struct Signature: Codable {
      var keyid: String?
      var sig: String
    }

    var payload: String
    var payloadType: String
    var signatures: [Signature]
  }

  var envelope: Envelope
  var instructions: [String]
}

extension Submission {
  /// Reads the JSON body of `POST /v1/submissions`, which is also the form of a draft file.
  ///
  /// Both base64 alphabets are taken, as DSSE demands, padded.
  ///
  /// - Throws: ``WireError/tooLarge(_:count:max:)``, ``WireError/malformed(message:)`` or
  ///   ``WireError/invalidField(_:problem:)``.
  public init(json bytes: [UInt8]) throws(WireError) {
    try Self.checkSize(bytes)
    guard let shape = JSONShape(bytes) else {
      throw .malformed(message: "submission in JSON: it nests too deep")
    }
    guard shape.valuesMax <= WireLimits.submissionValuesMax else {
      throw .tooLarge(
        "values in a submission's JSON", count: shape.valuesMax,
        max: WireLimits.submissionValuesMax)
    }
    guard
      let document = try? JSONDecoder().decode(SubmissionDocument.self, from: Data(bytes))
    else { throw .malformed(message: "submission in JSON: see docs/formats/submission.md") }
    try Self.checkPayloadType(document.envelope.payloadType)
    var signatures: [Signature] = []
    for signature in document.envelope.signatures {
      signatures.append(
        Signature(
          signature: try Self.decode(signature.sig, "signatures.sig"),
          keyID: signature.keyid ?? ""))
    }
    var instructions: [[UInt8]] = []
    instructions.reserveCapacity(document.instructions.count)
    for text in document.instructions {
      instructions.append(try Self.decode(text, "instructions"))
    }
    self.init(
      statementBytes: try Self.decode(document.envelope.payload, "payload"),
      payloadType: document.envelope.payloadType, signatures: signatures,
      instructions: InstructionBytes(instructions))
  }

  /// The JSON form.
  public var json: [UInt8] {
    let document = SubmissionDocument(
      envelope: SubmissionDocument.Envelope(
        payload: Base64.encode(statementBytes), payloadType: payloadType,
        signatures: signatures.map {
          SubmissionDocument.Envelope.Signature(
            keyid: $0.keyID, sig: Base64.encode($0.signature))
        }),
      instructions: instructions.map { Base64.encode(Array($0)) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(document) else {
      preconditionFailure("a submission did not encode")
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  private static func decode(_ text: String, _ field: String) throws(WireError) -> [UInt8] {
    let standard = text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: byte
      }
    }
    guard let bytes = Base64.decode(standard) else {
      throw .invalidField(field, problem: "it is not padded base64 (RFC 4648, section 4 or 5)")
    }
    return bytes
  }
}

/// How deep a JSON text nests, and how much it holds, told without building anything.
package struct JSONShape {
  private static let depthMax = 16

  /// At least as many values as there are in it.
  package private(set) var valuesMax = 1

  /// Creates the shape, or `nil` where the text nests too deep.
  package init?(_ bytes: [UInt8]) {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in bytes {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        valuesMax += 1
        if depth > Self.depthMax { return nil }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ","): valuesMax += 1
      default: break
      }
    }
  }
}
