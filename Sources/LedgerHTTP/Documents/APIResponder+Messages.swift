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
      let today = documents.businessDate(at: now)
      message = try InboundMessage(bytes, in: documents.context(of: sender, on: today))
    } catch {
      // Of a message that was taken the day before, what was ordered must not be denied.
      guard case .notToday(_, let day, _) = error.fault, let day = CivilDate(day),
        let known = try documents.known(bytes, from: sender, on: day)
      else { return reject(error, to: sender, at: now) }
      message = .creditTransfers(known)
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
    guard kept.content != nil else { throw .documentDeleted }
    guard let original = documents.transfers(of: kept) else { throw .internalFault }
    let statuses = try reading("document `\(name)`") { () throws(ReadError) in
      try documents.outcomes(of: original, kept.record)
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
    return .asOfNow(
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
    let kept = try documents.keep(message, bytes, from: sender, at: now)
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
    return .asOfNow(
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
      // It throws for none.
      _ = try reading("participant `\(id)`") { () throws(ReadError) in
        try ledger.participants(after: id, countMax: 1, for: access)
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
