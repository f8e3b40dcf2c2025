import FoundationEssentials
import LedgerModel
import LedgerWire
import MerkleLog

/// What is wrong with a line.
struct LineProblem: Error {
  let words: String

  init(_ words: String) { self.words = words }
}

/// The first line of a journal: which payments it is of.
struct JournalHead: Codable {
  static let format = "specie-payments-v1"

  let format: String
  let fileSHA256: String
  let ledger: String
  let party: String
  let currency: String
  let channel: String

  enum CodingKeys: String, CodingKey, CaseIterable {
    case format
    case fileSHA256 = "file_sha256"
    case ledger
    case party
    case currency
    case channel
  }

  init(_ file: PaymentFile, _ ledger: LedgerID, _ party: Party) {
    format = Self.format
    fileSHA256 = Hexadecimal.encode(file.digest.bytes)
    self.ledger = ledger.description
    self.party = party.description
    currency = file.currency.code.description
    channel = file.channel.text
  }

  /// Holds a line against it, member by member.
  func check(_ bytes: [UInt8]) throws(PaymentJournalFault) {
    guard let found = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else {
      throw .line(number: 1, problem: "it does not say which payments it is of")
    }
    for key in CodingKeys.allCases where found[key] != self[key] {
      throw .otherPayments(member: key.rawValue, found: found[key], wanted: self[key])
    }
  }

  private subscript(key: CodingKeys) -> String {
    switch key {
    case .format: format
    case .fileSHA256: fileSHA256
    case .ledger: ledger
    case .party: party
    case .currency: currency
    case .channel: channel
    }
  }
}

/// Any other line: an order that was issued for a row, or what an id came to.
struct JournalLine: Codable {
  // An order.
  var row: Int?
  var id: String?
  /// Its canonical bytes, in base64.
  var order: String?
  // An outcome.
  var decided: String?
  var outcome: String?
  var sequence: UInt64?
  var proven: Bool?
  // Of a refusal, all of them.
  var code: String?
  var rule: String?
  var pack: String?
  var message: String?

  init(row: Int, _ instruction: Instruction) {
    self.row = row
    id = instruction.id.description
    order = Base64.encode(instruction.canonicalBytes)
  }

  init(_ id: InstructionID, _ decision: PaymentDecision) {
    decided = id.description
    sequence = decision.sequence.value
    proven = decision.isProven
    switch decision.result {
    case .accepted: outcome = "accepted"
    case .refused(let code, let rule, let pack, let message):
      outcome = "rejected"
      (self.code, self.rule, self.pack, self.message) = (code, rule, pack, message)
    }
  }

  /// The order, where ``row`` is there.
  func issuedOrder() throws(LineProblem) -> Instruction {
    guard let order, let bytes = Base64.decode(Array(order.utf8)),
      let instruction = try? Instruction(canonicalBytes: bytes)
    else { throw LineProblem("it has no order") }
    guard id == instruction.id.description else {
      throw LineProblem("its order has another id than it says")
    }
    return instruction
  }

  /// The outcome, where ``row`` is not there.
  func decision() throws(LineProblem) -> (InstructionID, PaymentDecision) {
    guard let decided, let id = Bytes16(uuidText: decided).flatMap({ InstructionID($0) }) else {
      throw LineProblem("it is neither an order nor an outcome")
    }
    guard let sequence, let proven else { throw LineProblem("its outcome is not whole") }
    let result: PaymentDecision.Result
    switch outcome {
    case "accepted": result = .accepted
    case "rejected":
      guard let code, let rule, let pack else { throw LineProblem("its refusal is not whole") }
      result = .refused(code: code, rule: rule, pack: pack, message: message ?? "")
    default: throw LineProblem("`\(outcome ?? "")` is no outcome")
    }
    return (
      id,
      PaymentDecision(result: result, sequence: SequenceNumber(sequence), isProven: proven)
    )
  }
}

/// Lines of JSON, one object each.
enum JournalText {
  static let lineFeed = UInt8(ascii: "\n")

  static func line(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("a journal's line did not encode")
    }
    return [UInt8](data) + [lineFeed]
  }

  static func lines(_ lines: [JournalLine]) -> [UInt8] {
    var bytes: [UInt8] = []
    for one in lines { bytes += line(one) }
    return bytes
  }

  static func read(_ bytes: [UInt8]) throws(LineProblem) -> JournalLine {
    guard let line = try? JSONDecoder().decode(JournalLine.self, from: Data(bytes)) else {
      throw LineProblem("it is no JSON object of the right members")
    }
    return line
  }
}
