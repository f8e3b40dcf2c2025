import FoundationEssentials
import LedgerWire

/// The JSON of proof files: each content has one file.
///
/// Keys in order, no white space but a line feed at the end, numbers without a point: what RFC 8785
/// calls canonical. So no two readers see two things in one file, and none passes over a field.
package enum ProofJSON {
  private struct Kind: Codable {
    let format: String
  }

  /// What a file says that it is; `nil` where it is no proof file.
  package static func format(of json: [UInt8]) -> String? {
    guard JSONShape(json) != nil else { return nil }
    return (try? JSONDecoder().decode(Kind.self, from: Data(json)))?.format
  }

  static func encode(_ document: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(document) else {
      preconditionFailure("a proof did not encode")
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  /// - Throws: ``EvidenceFault`` of the kind `form`.
  static func decode<Document: Codable>(
    _ type: Document.Type, _ json: [UInt8], format: String, bytesMax: Int
  ) throws(EvidenceFault) -> Document {
    guard json.count <= bytesMax else {
      throw EvidenceFault(.form, "it has \(json.count) bytes, and at most \(bytesMax) are read")
    }
    guard self.format(of: json) == format else {
      throw EvidenceFault(.form, "it is no file of the format `\(format)`")
    }
    let document: Document
    do {
      document = try JSONDecoder().decode(type, from: Data(json))
    } catch {
      throw EvidenceFault(
        .form, "it is no file of the format `\(format)`: \(DecodingProblem(error))")
    }
    guard encode(document) == json else {
      throw EvidenceFault(
        .form, "it is not written as the format `\(format)` writes it, or has other fields")
    }
    return document
  }
}
