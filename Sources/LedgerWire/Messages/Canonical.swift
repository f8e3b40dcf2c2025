import FoundationEssentials
import LedgerModel
import LedgerSchema
package import SwiftProtobuf

/// Decoding of messages that have one encoding only, so that every reader means the same bytes.
package enum Canonical {
  /// Decodes `bytes`.
  ///
  /// - Throws: ``WireError/malformed(message:)``, or ``WireError/nonCanonical(message:)`` unless
  ///   encoding the result, without its unknown fields, gives the same bytes.
  package static func decode<Message: SwiftProtobuf.Message>(
    _ type: Message.Type, from bytes: [UInt8], named name: String
  ) throws(WireError) -> Message {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 8
    guard
      let message = try? Message(
        serializedBytes: bytes, extensions: nil, partial: false, options: options)
    else { throw .malformed(message: name) }
    guard encode(message) == bytes else { throw .nonCanonical(message: name) }
    return message
  }

  /// Encodes a message that has no required fields, and so cannot fail.
  package static func encode(_ message: some SwiftProtobuf.Message) -> [UInt8] {
    do {
      return try message.serializedBytes()
    } catch {
      preconditionFailure("a proto3 message did not encode: \(error)")
    }
  }
}

/// Fields on their way into the model: each is checked once, here.
enum Field {
  static func bytes16(_ data: Data, _ name: String) throws(WireError) -> Bytes16 {
    guard let value = Bytes16(data) else {
      throw .invalidField(name, problem: "it has \(data.count) bytes, and must have 16")
    }
    return value
  }

  static func bytes32(_ data: Data, _ name: String) throws(WireError) -> Bytes32 {
    guard let value = Bytes32(data) else {
      throw .invalidField(name, problem: "it has \(data.count) bytes, and must have 32")
    }
    return value
  }

  static func account(_ data: Data, _ name: String) throws(WireError) -> AccountID {
    AccountID(try bytes16(data, name))
  }

  static func name<N: Name>(_ text: String, _ field: String) throws(WireError) -> N {
    do {
      return try N(text)
    } catch {
      throw .invalidField(field, problem: error.description)
    }
  }

  static func party(_ text: String, _ field: String) throws(WireError) -> Party {
    do {
      return try Party(text)
    } catch {
      throw .invalidField(field, problem: error.description)
    }
  }

  static func reader(_ text: String, _ field: String) throws(WireError) -> Reader {
    do {
      return try Reader(text)
    } catch {
      throw .invalidField(field, problem: error.description)
    }
  }

  static func participant(_ text: String, _ field: String) throws(WireError) -> ParticipantID {
    guard case .participant(let id) = try party(text, field) else {
      throw .invalidField(field, problem: "`\(text)` is a reserved word, no participant")
    }
    return id
  }

  static func currency(_ text: String, _ field: String) throws(WireError) -> CurrencyCode {
    guard let code = CurrencyCode(text) else {
      throw .invalidField(field, problem: "`\(text)` is no currency code: use three of `A-Z`")
    }
    return code
  }

  static func key(
    _ message: Specie_V1_PublicKey, _ field: String
  ) throws(WireError) -> PublicKey {
    guard message.algorithm == .ed25519 else {
      throw .invalidField(field, problem: "its algorithm is not known; use Ed25519")
    }
    return PublicKey(try bytes32(message.bytes, field))
  }

  static func keys(
    _ messages: [Specie_V1_PublicKey], _ field: String, max: Int
  ) throws(WireError) -> [PublicKey] {
    guard !messages.isEmpty else { throw .empty(field) }
    guard messages.count <= max else { throw .tooLarge(field, count: messages.count, max: max) }
    var keys: [PublicKey] = []
    for message in messages { keys.append(try key(message, field)) }
    return keys
  }
}

extension Bytes16 {
  var data: Data { Data(bytes) }
}

extension Bytes32 {
  var data: Data { Data(bytes) }
}

extension PublicKey {
  var message: Specie_V1_PublicKey {
    var message = Specie_V1_PublicKey()
    message.algorithm = .ed25519
    message.bytes = value.data
    return message
  }
}
