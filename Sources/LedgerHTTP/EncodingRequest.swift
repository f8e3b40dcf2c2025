import FoundationEssentials
import LedgerModel
import LedgerWire

/// Orders in words, to be encoded for their signer: JSON with decimals.
///
/// For whoever explores with `curl`. What is signed is the bytes that come back, and a signer that
/// does not trust the server decodes them first.
///
/// - Source: docs/api.md.
struct EncodingRequest: Decodable {
  let party: String
  /// RFC 3339; `nil` for a part of the party's horizon.
  let expires: String?
  let instructions: [[String: String]]

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case party
    case expires
    case instructions
  }

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let all = try decoder.container(keyedBy: Key.self)
    let known = CodingKeys.allCases.map(\.rawValue)
    if let unknown = all.allKeys.first(where: { !known.contains($0.stringValue) }) {
      throw DecodingError.dataCorruptedError(
        forKey: unknown, in: all, debugDescription: "there is no such member")
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    party = try values.decode(String.self, forKey: .party)
    expires = try values.decodeIfPresent(String.self, forKey: .expires)
    instructions = try values.decode([[String: String]].self, forKey: .instructions)
  }

  /// Reads a body.
  ///
  /// - Throws: A problem where it is no such JSON.
  init(_ bytes: [UInt8]) throws(Problem) {
    guard JSONShape(bytes) != nil,
      let request = try? JSONDecoder().decode(EncodingRequest.self, from: Data(bytes))
    else {
      throw .invalidParameter(
        "body",
        "write {\"party\": …, \"instructions\": [{\"operation\": …}]} as docs/api.md says, with every "
          + "value a string")
    }
    self = request
  }
}

/// One order in words: its members, each taken once; what is left over is refused.
struct OrderMembers {
  private var values: [String: String]
  private let place: String
  private let currencies: [Currency]

  init(_ values: [String: String], at index: Int, currencies: [Currency]) {
    self.values = values
    place = "instructions[\(index)]"
    self.currencies = currencies
  }

  /// Reads the order.
  ///
  /// - Parameter fallback: Its id where it names none.
  /// - Returns: The order, whether the ledger would take it or not.
  /// - Throws: A problem that names the member.
  mutating func instruction(orElse fallback: InstructionID) throws(Problem) -> Instruction {
    let id = try optional("id") { Bytes16(uuidText: $0).flatMap { InstructionID($0) } }
    let purpose: Purpose? = try name("purpose")
    let channel: Channel? = try name("channel")
    let reference: ClientReference? = try name("reference")
    let operation = try operation()
    if let left = values.keys.min() {
      throw .invalidParameter("\(place).\(left)", "`\(operation.name)` has no such member")
    }
    return Instruction(
      id: id ?? fallback, operation: operation, purpose: purpose ?? Purpose(unchecked: ""),
      channel: channel ?? Channel(unchecked: ""),
      reference: reference ?? ClientReference(unchecked: ""))
  }

  private mutating func operation() throws(Problem) -> LedgerModel.Operation {
    let name = try required("operation") { $0 }
    switch name {
    case "pay": return .pay(try transfer())
    case "settle": return .settle(try transfer())
    case "fund": return .fund(try transfer())
    case "cash-out": return .cashOut(try transfer())
    case "redeem":
      let (amount, currency) = try money()
      return .redeem(
        Redeem(
          payer: try account("payer"), amount: amount, currency: currency,
          rtgsReference: try requiredName("rtgs_reference")))
    case "open-wallet":
      return .openWallet(
        OpenWallet(
          wallet: try account("wallet"),
          owner: try required("owner") { Bytes16(uuidText: $0).map { OwnerID($0) } },
          currency: try currency().code, tier: try requiredName("tier")))
    case "set-wallet-tier":
      return .setWalletTier(try account("wallet"), try requiredName("tier"))
    case "close-wallet": return .closeWallet(try account("wallet"))
    default:
      throw .invalidParameter(
        "\(place).operation",
        "`\(name)` is not encoded here; it takes pay, settle, fund, cash-out, redeem, open-wallet, "
          + "set-wallet-tier and close-wallet, and `specie` orders the others")
    }
  }

  private mutating func transfer() throws(Problem) -> Transfer {
    let (amount, currency) = try money()
    return Transfer(
      payer: try account("payer"), payee: try account("payee"), amount: amount,
      currency: currency)
  }

  private mutating func money() throws(Problem) -> (amount: UInt64, currency: CurrencyCode) {
    let currency = try currency()
    let text = try required("amount") { $0 }
    do throws(DecimalFault) {
      let amount = try Amount(decimal: text, exponent: currency.exponent)
      return (UInt64(amount.minorUnits), currency.code)
    } catch {
      throw .invalidParameter(
        "\(place).amount",
        "`\(text)` is no decimal of 1 to 10^18 minor units with \(currency.exponent) digits after its "
          + "point at most")
    }
  }

  private mutating func currency() throws(Problem) -> Currency {
    let known = currencies
    return try required("currency") { text in known.first { $0.code.description == text } }
  }

  private mutating func account(_ key: String) throws(Problem) -> AccountID {
    try required(key) { Bytes16(uuidText: $0).map { AccountID($0) } }
  }

  private mutating func requiredName<Value: Name>(_ key: String) throws(Problem) -> Value {
    try required(key) { try? Value($0) }
  }

  private mutating func name<Value: Name>(_ key: String) throws(Problem) -> Value? {
    try optional(key) { try? Value($0) }
  }

  private mutating func required<Value>(
    _ key: String, _ read: (String) -> Value?
  ) throws(Problem) -> Value {
    guard let value = try optional(key, read) else {
      throw .invalidParameter("\(place).\(key)", "it is missing")
    }
    return value
  }

  private mutating func optional<Value>(
    _ key: String, _ read: (String) -> Value?
  ) throws(Problem) -> Value? {
    guard let text = values.removeValue(forKey: key) else { return nil }
    guard let value = read(text) else {
      throw .invalidParameter("\(place).\(key)", "`\(text)` is not what it may be")
    }
    return value
  }
}
