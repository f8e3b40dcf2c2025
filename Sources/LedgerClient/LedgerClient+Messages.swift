import FoundationEssentials
public import LedgerModel
import LedgerWire
import MerkleLog

/// What a message of ISO 20022 is answered.
public enum MessageAnswer: Hashable, Sendable {
  /// Orders were made of it, which its sender looks at and signs.
  case orders(OrderedMessage)
  /// The report that it asked for, another message.
  case report([UInt8])
  /// It is refused, whole: an admi.002.
  case rejected([UInt8])
}

/// Orders that the server made of a message.
///
/// That they are of this ledger and party, and name the message as what they were made from, is
/// checked; that they say what the message says is for whoever signs them to see.
public struct OrderedMessage: Hashable, Sendable {
  public let document: DocumentDigest
  /// When the server took the message.
  public let received: LedgerTime
  /// Until when the orders can be sequenced.
  public let expiry: LedgerTime
  /// In the order of the message's transactions.
  public let orders: [Instruction]
}

extension LedgerClient {
  private static let messagesPath = "/v1/iso20022"

  /// Sends a message of ISO 20022; the same bytes again have the same answer.
  ///
  /// - Parameters:
  ///   - message: With its envelope.
  ///   - sender: The participant for which it is sent.
  /// - Returns: What it is answered; nothing is ordered by it.
  /// - Throws: ``ClientError/untrusted(_:)`` where the orders are not made of these bytes.
  public func send(
    message: [UInt8], for sender: ParticipantID
  ) async throws(ClientError) -> MessageAnswer {
    let path = Self.messagesPath + "?party=\(sender)"
    let answer = try await connection.postXML(path, message)
    guard answer.isJSON else {
      return answer.isRefused ? .rejected(answer.bytes) : .report(answer.bytes)
    }
    do {
      let found = try JSONDecoder().decode(OrderedMessageAnswer.self, from: Data(answer.bytes))
      return .orders(try found.orders(of: message, from: .participant(sender), on: trust.ledger))
    } catch let error as ClientError {
      throw error
    } catch {
      throw .malformedAnswer(path: path, reason: "\(error)")
    }
  }

  /// What became of a message's orders: a pacs.002.
  public func status(of document: DocumentDigest) async throws(ClientError) -> [UInt8] {
    try await connection.get("/v1/documents/\(document)/status")
  }
}

private struct OrderedMessageAnswer: Decodable {
  let document: Bytes32
  let salt: [UInt8]
  let received: LedgerTime
  let statement: Statement
  let orders: [Instruction]

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: AnswerKey.self)
    func base64(_ text: String) throws -> [UInt8] {
      guard let bytes = Base64.decode(Array(text.utf8)) else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(codingPath: [], debugDescription: "a member is no base64"))
      }
      return bytes
    }
    document = try values.bytes32("document")
    salt = try base64(try values.decode(String.self, forKey: "salt"))
    received = try values.time("received")
    statement = try Statement(
      canonicalBytes: try base64(try values.decode(String.self, forKey: "payload")))
    let submission = try values.nestedContainer(keyedBy: AnswerKey.self, forKey: "submission")
    orders = try submission.decode([String].self, forKey: "instructions").map {
      try Instruction(canonicalBytes: try base64($0))
    }
  }

  func orders(
    of message: [UInt8], from party: Party, on ledger: LedgerID
  ) throws(ClientError) -> OrderedMessage {
    var hash = SHA256()
    hash.update(salt)
    hash.update(message)
    guard salt.count == 32, Bytes32(hash.finalize()) == document, statement.ledger == ledger,
      statement.party == party, orders.allSatisfy({ $0.document?.value == document })
    else { throw .untrusted(.message(DocumentDigest(document))) }
    return OrderedMessage(
      document: DocumentDigest(document), received: received, expiry: statement.expiry,
      orders: orders)
  }
}
