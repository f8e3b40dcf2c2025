import LedgerModel
import LedgerWire

/// What an order needs to know of the ledger, asked when it is first needed.
///
/// An order that needs nothing is drafted without a server.
actor LedgerFacts {
  let trust: TrustFile
  private let given: [CurrencyScale]
  private let server: String
  private var connection: LedgerConnection?
  private var genesis: Genesis?

  init(trust: TrustFile, given: [CurrencyScale], server: String) {
    self.trust = trust
    self.given = given
    self.server = server
  }

  /// The genesis, where it was asked for already.
  var knownGenesis: Genesis? { genesis }

  /// The exponents that are known, so far.
  var knownScales: [CurrencyScale] {
    given.isEmpty ? genesis.map { CurrencyScales($0).scales } ?? [] : given
  }

  func connected() throws -> LedgerConnection {
    if let connection { return connection }
    let new = try LedgerConnection(server: server, trust: trust)
    connection = new
    return new
  }

  /// The exponents: those given, or those of the genesis that the trust file pins.
  func scales() async throws -> CurrencyScales {
    if !given.isEmpty { return CurrencyScales(given) }
    if let genesis { return CurrencyScales(genesis) }
    let read = try await connected().genesis()
    genesis = read
    return CurrencyScales(read)
  }

  /// Reads an amount of a currency exactly.
  func minorUnits(_ text: String, _ code: CurrencyCode) async throws -> UInt64 {
    try DecimalAmount.minorUnits(text, of: try await scales().scale(code))
  }

  /// The participant's settlement account, as the server says: whoever signs sees its id.
  func settlementAccount(
    of participant: ParticipantID, _ code: CurrencyCode
  ) async throws -> AccountID {
    try await connected().settlementAccount(of: participant, in: code)
  }
}
