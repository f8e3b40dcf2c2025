import HTTPTypes
import Hummingbird
import LedgerISO20022
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerWire
import MerkleLog

// `POST /v1/iso20022`: messages of ISO 20022, and what they are answered.

extension APIResponder {
  /// Takes a message: makes orders of it that its sender signs, or answers with the report that it
  /// asks for.
  ///
  /// - Returns: Also for a message that is refused, whose answer is an admi.002.
  func message(
    _ request: Request, for access: Access, _ query: inout Query
  ) async throws(Problem) -> Response {
    try check(access)
    let sender = try sender(access, &query)
    try query.end()
    guard let type = request.headers[.contentType], Self.isXML(type) else {
      throw .notXML(request.headers[.contentType])
    }
    let bytes = try await body(of: request, max: ISOLimits.standard.messageBytesMax)
    let now = SystemClock().now
    let message: InboundMessage
    do throws(MessageRefusal) {
      message = try InboundMessage(bytes, in: documents.context(of: sender, at: now))
    } catch {
      return reject(error, to: sender, at: now)
    }
    switch message {
    case .creditTransfers(let transfers):
      return try take(transfers, bytes, from: sender, at: now)
    case .reportRequests(let requests): return try report(requests, to: sender, at: now)
    }
  }

  /// What became of a message's orders: a pacs.002, for its sender and auditors.
  func documentStatus(
    _ name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    try query.end()
    let kept = try documents.document(name, for: access)
    let sender = kept.record.sender
    guard access.isAuditor || access.sees(Reader.participant(sender)) else {
      throw Problem(.notFound, of: "document `\(name)`", limits)
    }
    guard let original = documents.transfers(of: kept) else { throw .documentDeleted }
    let statuses = try reading("document `\(name)`") { () throws(ReadError) in
      try documents.statuses(of: kept.record).map { TransferStatus($0) }
    }
    guard let report = try? StatusReport(of: original, statuses: statuses) else {
      throw .internalFault
    }
    return .xml(report.xml(header(to: sender, at: SystemClock().now)))
  }

  /// A message as it was sent, with its salt.
  func document(
    _ name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    try query.end()
    let kept = try documents.document(name, for: access)
    return .json(
      JSONWriter.object {
        $0.document(kept.record)
        guard let content = kept.content else { return $0.flag("deleted", true) }
        $0.string("salt", Base64.encode(content.salt.bytes))
        $0.string("content", Base64.encode(content.bytes))
      })
  }

  // MARK: - Credit transfers

  private func take(
    _ message: CreditTransferMessage, _ bytes: [UInt8], from sender: ParticipantID,
    at now: LedgerTime
  ) throws(Problem) -> Response {
    guard ledger.genesis.version >= .four else { throw .documentsNotInVersion }
    let salt = Self.random32()
    var hash = SHA256()
    hash.update(salt.bytes)
    hash.update(bytes)
    let horizon = ledger.genesis.parameters.horizonMicroseconds(of: .participant(sender))
    let kept = try documents.keep(
      DocumentRecord(
        digest: DocumentDigest(Bytes32(hash.finalize())), sender: sender,
        reference: ClientReference(unchecked: message.id.text), received: now,
        expiry: now.advanced(byMicroseconds: horizon / 10 * 9),
        orders: message.transfers.map { _ in InstructionID(random: now) }),
      DocumentContent(salt: salt, bytes: bytes))
    guard let content = kept.content, content.bytes == bytes else {
      let path = "/BizMsg/Document/\(message.header.definition.root)/GrpHdr/MsgId"
      return reject(
        MessageRefusal(fault: .messageRepeated(path: path), message: message.header.id),
        to: sender, at: now)
    }
    let record = kept.record
    let instructions = zip(message.transfers, record.orders).map { transfer, id in
      transfer.instruction(id: id, channel: .iso20022, document: record.digest)
    }
    let submission = Submission(
      instructions, of: .participant(sender), on: ledger.id, expiry: record.expiry, signedBy: [])
    return .json(
      JSONWriter.object {
        $0.document(record)
        $0.string("salt", Base64.encode(content.salt.bytes))
        $0.encoded(submission)
      })
  }

  // MARK: - Reports

  private func report(
    _ message: ReportRequestMessage, to sender: ParticipantID, at now: LedgerTime
  ) throws(Problem) -> Response {
    let header = header(to: sender, at: now)
    do throws(ReportFailure) {
      guard message.requests.count == 1 else {
        throw .fault(.limitPassed(.transactions, max: 1, path: ReportMaker<Ledger>.path + "[2]"))
      }
      let maker = ReportMaker(ledger: ledger, documents: documents, limits: limits, owner: sender)
      let report = try maker.report(message.requests[0], id: header.id, at: now)
      do throws(ISOFault) {
        return .xml(try report.xml(header))
      } catch {
        throw .fault(error)
      }
    } catch {
      switch error {
      case .fault(let fault):
        return reject(
          MessageRefusal(fault: fault, message: message.header.id), to: sender, at: now)
      case .reading(let error): throw problem(error, of: "account of that name")
      }
    }
  }

  // MARK: - What they have in common

  /// For which participant a message is sent: the one for which the certificate reads, or the one
  /// of those that `party` names.
  private func sender(
    _ access: Access, _ query: inout Query
  ) throws(Problem) -> ParticipantID {
    if let text = query.take("party") {
      let id: ParticipantID
      do throws(NameError) {
        id = try ParticipantID(text)
      } catch {
        throw .invalidParameter("party", error.description)
      }
      guard access.sees(Reader.participant(id)) else {
        throw problem(.anotherParty(.participant(id)), of: "message")
      }
      return id
    }
    let own = access.participants
    guard let only = own.first else {
      throw .invalidParameter("party", "say for which participant the message is sent")
    }
    guard own.count == 1 else {
      throw problem(.partyNeeded(own.map(\.text).sorted()), of: "message")
    }
    return only
  }

  private func reject(
    _ refusal: MessageRefusal, to sender: ParticipantID, at now: LedgerTime
  ) -> Response {
    .xml(MessageReject(refusal).xml(header(to: sender, at: now)), status: .unprocessableContent)
  }

  private func header(to recipient: ParticipantID, at now: LedgerTime) -> OutboundHeader {
    let id = Hexadecimal.encode(InstructionID(random: now).value.bytes)
    return OutboundHeader(
      recipient: recipient, id: MessageReference(unchecked: id), created: now)
  }

  private static func random32() -> Bytes32 {
    Bytes32(
      words: (
        .random(in: .min ... .max), .random(in: .min ... .max), .random(in: .min ... .max),
        .random(in: .min ... .max)
      ))
  }

  /// Whether a media type is XML, in UTF-8 where it says in what.
  private static func isXML(_ mediaType: String) -> Bool {
    let parts = mediaType.lowercased().split(separator: ";").map { part in
      part.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
    }
    guard let name = parts.first, ["application/xml", "text/xml"].contains(name) else {
      return false
    }
    return parts.dropFirst().allSatisfy { $0 == "charset=utf-8" }
  }
}

extension Channel {
  /// Of orders that were made from messages of ISO 20022, for rules.
  fileprivate static let iso20022 = Channel(unchecked: "iso20022")
}

extension TransferStatus {
  /// What a status says to whoever sent the message; nothing that it may not know.
  fileprivate init(_ status: InstructionStatus) {
    switch status {
    case .notYetKnown: self = .pending
    case .neverExecuted: self = .refused(code: "never_executed")
    case .executed(_, let receipt, let time):
      switch receipt.outcome {
      case .accepted, .remarked: self = .settled(receipt.firstSequence, at: time)
      case .rejected(let code, let rule, _):
        self = .rejected(code, rule: rule, receipt.firstSequence)
      case .duplicate: preconditionFailure("a receipt has the outcome of the first copy")
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func document(_ record: DocumentRecord) {
    string("document", record.digest.description)
    string("sender", record.sender.text)
    string("reference", record.reference.text)
    time("received", record.received)
    array("ids", record.orders) { $0.stringElement($1.description) }
  }
}

extension Response {
  /// A message of ISO 20022; each answer is one of its own.
  fileprivate static func xml(
    _ bytes: [UInt8], status: HTTPResponse.Status = .ok
  ) -> Response {
    Response(
      status: status,
      headers: [.contentType: "application/xml; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
