// The guide of LedgerClient, as a package outside compiles it: without what is ours alone.
// Sources/LedgerClient/LedgerClient.docc shows the parts between `snippet` and `end`, which
// ArchitectureTests holds together, and EndToEndTests runs against a server.

// snippet
public import LedgerClient
public import LedgerModel
public import LedgerWire
import MerkleLog
// end

/// What a bank's program does in the guide.
public struct Guide: Sendable {
  public let bank: Party
  public let key: SigningKey
  public let payer: AccountID
  public let payee: AccountID
  public let currency: CurrencyCode

  public init(
    bank: Party, key: SigningKey, payer: AccountID, payee: AccountID, currency: CurrencyCode
  ) {
    self.bank = bank
    self.key = key
    self.payer = payer
    self.payee = payee
    self.currency = currency
  }

  public func connect(
    to server: String, tls: ClientTLS?, _ trustText: String, _ kept: [UInt8]?,
    keep: @escaping @Sendable ([UInt8]) -> Void
  ) throws -> LedgerClient {
    // snippet
    let client = try LedgerClient(
      baseURL: server, tls: tls, trust: try TrustFile(text: trustText), pinned: kept,
      onNewerCheckpoint: { keep($0.note.encoded) })
    // end
    return client
  }

  /// - Returns: The order, and what became of it.
  public func pay(
    _ client: LedgerClient, print: (Any...) -> Void
  ) async throws -> (Instruction, VerifiedReceipt) {
    // snippet
    let order = Instruction(
      id: .new(),
      operation: .pay(Transfer(payer: payer, payee: payee, amount: 12_50, currency: currency)),
      reference: try ClientReference("invoice 7"))
    let submission = try await client.sign([order], of: bank, with: [key])
    let receipt = try await client.submit(submission)
    for outcome in receipt.instructions {
      print(outcome.id, outcome.outcome, outcome.isProven ? "proven" : "the server's word")
    }
    // end
    return (order, receipt)
  }

  public func ask(
    _ client: LedgerClient, of order: Instruction, print: (Any...) -> Void
  ) async throws {
    // snippet
    switch try await client.status(of: order.id, party: bank) {
    case .executed(let execution):
      let isProven = try await client.prove(execution, of: order)
      print(execution.isAccepted ? "accepted" : "refused", isProven ? "proven" : "by its word")
    case .neverExecuted: print("it may be ordered under a new id")
    case .notYetKnown: print("it may still come; ask again")
    }
    // end
  }

  public func read(_ client: LedgerClient, print: (Any...) -> Void) async throws {
    // snippet
    let account = try await client.account(payer)
    let statement = try await client.statement(of: payer, limit: 10)
    print("\(account.balance) minor units, \(statement.lines.count) lines")
    // end
  }

  /// - Returns: The newest entry that was dealt with.
  public func follow(
    _ client: LedgerClient, after first: SequenceNumber?,
    until isLast: (EventAnswer) async throws -> Bool
  ) async throws -> SequenceNumber? {
    var newest = first
    // snippet
    for try await event in client.events(after: newest, kinds: ["pay", "fund"]) {
      newest = event.sequence
      if try await isLast(event) { break }
    }
    // end
    return newest
  }
}
