import FoundationEssentials
import LedgerWire

/// The JSON of proof files: keys in order, numbers above 2^53 as texts.
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
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(document) else {
      preconditionFailure("a proof did not encode")
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  /// - Throws: ``EvidenceFault`` of the kind `form`.
  static func decode<Document: Codable>(
    _ type: Document.Type, _ json: [UInt8], format: String
  ) throws(EvidenceFault) -> Document {
    guard self.format(of: json) == format else {
      throw EvidenceFault(.form, "it is no file of the format `\(format)`")
    }
    let document: Document
    let isWhole: Bool
    do {
      document = try JSONDecoder().decode(type, from: Data(json))
      // What the format does not have would be passed over, and read as if it were checked.
      let given = try JSONDecoder().decode(JSONValue.self, from: Data(json))
      let known = try JSONDecoder().decode(JSONValue.self, from: Data(encode(document)))
      isWhole = given == known
    } catch {
      throw EvidenceFault(.form, "it is no file of the format `\(format)`: \(error)")
    }
    guard isWhole else {
      throw EvidenceFault(.form, "it has fields that the format `\(format)` has not")
    }
    return document
  }
}

/// Any JSON, to be compared.
private enum JSONValue: Decodable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}
