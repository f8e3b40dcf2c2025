import HTTPTypes
import Hummingbird
import LedgerModel
import LedgerService
import LedgerWire
import Logging
import MerkleLog

extension APIResponder {
  func health(_ query: inout Query) throws(Problem) -> Response {
    try query.end()
    return .json(JSONWriter.object { $0.string("status", "ok") })
  }

  func readiness(for access: Access, _ query: inout Query) throws(Problem) -> Response {
    try query.end()
    let status = ledger.status()
    if let reason = status.closed { throw .notReady(reason, limits) }
    return .json(
      JSONWriter.object {
        $0.string("status", "ready")
        $0.status(status)
        // What other banks do wrong is not for a bank.
        guard access.seesAllAccounts else { return }
        if let witnessing = status.witnessing { $0.witnessing(witnessing) }
        $0.object("refused_submissions") { writer in
          for (code, count) in refusals.all { writer.integer(code, count) }
        }
      })
  }

  /// The API in OpenAPI 3.1.
  func description(_ query: inout Query) throws(Problem) -> Response {
    try query.end()
    return .json(PackageResources.openapi_json)
  }

  func ledgerInfo(_ query: inout Query) throws(Problem) -> Response {
    try query.end()
    let trust: TrustFile
    do throws(WireError) {
      trust = try TrustFile(ledger: ledger.id, genesis: ledger.genesis)
    } catch {
      logger.error("the genesis has no verifier key", metadata: ["error": "\(error)"])
      throw .internalFault
    }
    return .json(
      JSONWriter.object {
        $0.ledger(ledger.genesis, trust)
        $0.status(ledger.status())
      })
  }

  func access(of caller: Caller, _ query: inout Query) throws(Problem) -> Response {
    try query.end()
    return .json(
      JSONWriter.object {
        if let certificate = caller.certificate {
          $0.string("certificate", certificate.description)
        } else {
          $0.null("certificate")
        }
        if case .certificate(let readers) = caller.access {
          $0.array("readers", readers.map(\.description).sorted()) { $0.stringElement($1) }
        }
      })
  }

  func participants(
    for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    var after: ParticipantID?
    if let text = query.take("after") {
      do throws(NameError) {
        after = try ParticipantID(text)
      } catch {
        throw .invalidParameter("after", error.description)
      }
    }
    let countMax = try pageLimit(&query, standard: limits.pageParticipantsMax)
    try query.end()
    let page = try reading("participant `\(after?.text ?? "")`") { () throws(ReadError) in
      guard countMax <= limits.pageParticipantsMax else {
        throw .outOfRange(name: "limit", max: limits.pageParticipantsMax)
      }
      return try ledger.participants(after: after, countMax: countMax, for: access)
    }
    return .json(
      JSONWriter.object {
        $0.array("participants", page.participants) { writer, reading in
          writer.element { $0.participant(reading) }
        }
        if let next = page.next { $0.string("next", next.text) }
      })
  }

  func certificates(for access: Access, _ query: inout Query) throws(Problem) -> Response {
    try check(access)
    var reader: Reader?
    if let text = query.take("reader") {
      do throws(NameError) {
        reader = try Reader(text)
      } catch {
        throw .invalidParameter("reader", error.description)
      }
    }
    try query.end()
    let readings = try reading("reader `\(reader?.description ?? "")`") { () throws(ReadError) in
      try ledger.certificates(of: reader, for: access)
    }
    return .json(
      JSONWriter.object {
        $0.array("certificates", readings) { writer, reading in
          writer.element { $0.certificate(reading) }
        }
      })
  }

  func supply(for access: Access, _ query: inout Query) throws(Problem) -> Response {
    try check(access)
    try query.end()
    let readings = ledger.supply(for: access)
    return .json(
      JSONWriter.object {
        $0.array("supply", readings) { writer, reading in writer.element { $0.supply(reading) } }
      })
  }

  func checkpoint(_ query: inout Query) throws(Problem) -> Response {
    try query.end()
    let note = try reading("checkpoint") { () throws(ReadError) in try ledger.checkpoint() }
    return .note(note)
  }

  func proof(
    _ name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try query.end()
    let sequence = try number(name, "sequence")
    // Whoever begins needs the genesis, which a trust file pins.
    if sequence != .genesis { try check(access) }
    let proof = try reading("entry \(sequence)") { () throws(ReadError) in
      try ledger.proof(of: sequence, for: access)
    }
    return .json(
      JSONWriter.object {
        $0.integer("sequence", sequence.value)
        $0.string("entry", Base64.encode(proof.entry))
        $0.string("proof", String(decoding: proof.proof, as: UTF8.self))
        if !proof.effects.isEmpty {
          $0.array("effects", proof.effects) { writer, effect in
            writer.element { $0.effect(effect) }
          }
        }
      })
  }

  func instruction(
    _ name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    guard let id = Bytes16(uuidText: name).flatMap({ InstructionID($0) }) else {
      throw .invalidParameter("id", "`\(name)` is no UUIDv7 in lower case")
    }
    var party: Party?
    if let text = query.take("party") {
      do throws(NameError) {
        party = try Party(text)
      } catch {
        throw .invalidParameter("party", error.description)
      }
    }
    try query.end()
    let status = try reading("instruction `\(id)`") { () throws(ReadError) in
      try ledger.status(of: id, party: party, for: access)
    }
    return .json(
      JSONWriter.object {
        $0.string("id", id.description)
        $0.instructionStatus(status)
      })
  }

  func account(
    _ name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    let id = try accountID(name)
    try query.end()
    let reading = try reading("account `\(id)`") { () throws(ReadError) in
      try ledger.account(id, for: access)
    }
    return .json(JSONWriter.object { $0.account(reading) })
  }

  /// Refuses a certificate that reads nothing: whatever it asks for, it hears the same.
  func check(_ access: Access) throws(Problem) {
    guard access.isReader else { throw .certificateReadsNothing }
  }

  /// How much of a page is asked for.
  func pageLimit(_ query: inout Query, standard: Int) throws(Problem) -> Int {
    guard let text = query.take("limit") else { return standard }
    let value = try number(text, "limit").value
    guard value > 0, let limit = Int(exactly: value) else {
      throw .invalidParameter("limit", "ask for 1 or more")
    }
    return limit
  }

  /// Turns a reading's refusal into a problem, and tells the log of a failing store.
  func reading<Value>(
    _ noun: String, _ read: () throws(ReadError) -> Value
  ) throws(Problem) -> Value {
    do throws(ReadError) {
      return try read()
    } catch {
      throw problem(error, of: noun)
    }
  }

  /// The problem that tells why there is no answer; the log is told of a failing store.
  func problem(_ error: ReadError, of noun: String) -> Problem {
    if case .storage(let detail) = error {
      logger.error("the store failed a reading", metadata: ["of": "\(noun)", "why": "\(detail)"])
    }
    return Problem(error, of: noun, limits)
  }

  func accountID(
    _ name: String, _ parameter: String = "account"
  ) throws(Problem) -> AccountID {
    guard let value = Bytes16(uuidText: name) else {
      throw .invalidParameter(
        parameter, "`\(name)` is not 8-4-4-4-12 hexadecimal digits in lower case")
    }
    return AccountID(value)
  }

  func number(
    _ text: some StringProtocol, _ name: String
  ) throws(Problem) -> SequenceNumber {
    let digits = text.utf8
    guard 1...19 ~= digits.count,
      digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      digits.count == 1 || digits.first != UInt8(ascii: "0"), let value = UInt64(text)
    else {
      throw .invalidParameter(name, "`\(text)` is no decimal number without leading zeros")
    }
    return SequenceNumber(value)
  }
}

extension Response {
  /// A signed note, of which the next may be another.
  static func note(_ bytes: [UInt8]) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store",
        .eTag: EntityTag.of(bytes),
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// A reading, which a caller may keep for itself and ask whether it still holds.
  static func json(_ bytes: [UInt8]) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "application/json", .cacheControl: "private, no-cache",
        .eTag: EntityTag.of(bytes),
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
