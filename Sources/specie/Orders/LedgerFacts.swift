import LedgerClient
import LedgerModel
import LedgerWire

/// What an order needs to know of the ledger, asked when it is first needed, and once.
///
/// An order that needs nothing is drafted without a server.
actor LedgerFacts {
  private struct Holder: Hashable {
    let participant: ParticipantID
    let currency: CurrencyCode
  }

  let trust: TrustFile
  private let given: [CurrencyScale]
  private let server: String
  private let tls: ClientTLS
  private let checkpoints: CheckpointFile
  private let options: ClientOptions
  private var connection: LedgerConnection?
  private var settlementAccounts: [Holder: AccountID] = [:]
  /// The genesis, where the ledger was reached already.
  private(set) var knownGenesis: Genesis?

  /// - Parameters:
  ///   - ledger: Which one, and where.
  ///   - given: Digits of currencies, believed as long as no server is reached.
  ///   - options: Times and depths.
  /// - Throws: ``CommandFault`` where no trust file is named, or it is none.
  init(
    _ ledger: LedgerOptions, given: [CurrencyScale], options: ClientOptions = ClientOptions()
  ) throws {
    trust = try ledger.trustFile()
    self.given = given
    self.options = options
    server = ledger.serverURL
    tls = try ledger.tls.files()
    checkpoints = try ledger.checkpointFile()
  }

  /// The exponents that are known, so far.
  var knownScales: CurrencyScales {
    knownGenesis.map { CurrencyScales($0) } ?? CurrencyScales(given)
  }

  /// The connection; the first reads the genesis, and holds what was given against it.
  func connected() async throws -> LedgerConnection {
    if let connection { return connection }
    let new = try LedgerConnection(
      server: server, tls: tls, trust: trust, checkpoints: checkpoints, options: options)
    let genesis = try await new.genesis()
    let scales = CurrencyScales(genesis)
    for one in given {
      let exponent = try scales.scale(one.code).exponent
      guard exponent == one.exponent else {
        throw CommandFault.invalidArgument(
          "--currency-digits gives \(one.code) \(one.exponent) digits, and the ledger's genesis "
            + "\(exponent); an amount would mean another sum")
      }
    }
    knownGenesis = genesis
    connection = new
    return new
  }

  /// The genesis that the trust file pins.
  func genesis() async throws -> Genesis {
    _ = try await connected()
    guard let knownGenesis else { preconditionFailure("a connection comes with its genesis") }
    return knownGenesis
  }

  /// The exponents: those of the genesis, or those given where no server was reached.
  func scales() async throws -> CurrencyScales {
    if knownGenesis == nil, given.isEmpty { _ = try await connected() }
    return knownScales
  }

  /// Reads an amount of a currency exactly.
  func minorUnits(_ text: String, _ code: CurrencyCode) async throws -> UInt64 {
    try DecimalAmount.minorUnits(text, of: try await scales().scale(code))
  }

  /// Reads a cap, which unlike what an order moves may be zero.
  func minorUnitsOrZero(_ text: String, _ code: CurrencyCode) async throws -> UInt64 {
    let isZero = text.contains("0") && text.allSatisfy { $0 == "0" || $0 == "." }
    return isZero ? 0 : try await minorUnits(text, code)
  }

  /// The participant's settlement account, proven by the entry of its admission.
  func settlementAccount(
    of participant: ParticipantID, _ code: CurrencyCode
  ) async throws -> AccountID {
    let holder = Holder(participant: participant, currency: code)
    if let known = settlementAccounts[holder] { return known }
    let account = try await connected().settlementAccount(of: participant, in: code)
    settlementAccounts[holder] = account
    return account
  }
}
