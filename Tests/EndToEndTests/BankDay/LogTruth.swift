import Foundation
import LedgerModel
import LedgerWire
import MerkleLog
import Testing

/// What happened, by an exported log alone, which an audit has verified: accounts are added up from
/// the orders that it says were accepted.
struct LogTruth {
  /// An order's one decision.
  struct Decided {
    let sequence: SequenceNumber
    let party: Party
    let order: Instruction
    let outcome: LoggedOutcome
  }

  /// One change of an account.
  struct Line: Hashable {
    let sequence: SequenceNumber
    let id: InstructionID
    let change: Int64
    let balance: Int64
  }

  /// In the order of the log, without copies.
  private(set) var decided: [Decided] = []
  private(set) var indexByID: [InstructionID: Int] = [:]
  /// Entries that are copies, and the entries that decided them.
  private(set) var copies: [SequenceNumber: SequenceNumber] = [:]
  private(set) var lines: [AccountID: [Line]] = [:]
  /// The participant of each settlement account and wallet.
  private(set) var owners: [AccountID: Party] = [:]
  private(set) var issued: Int64 = 0
  private(set) var redeemed: Int64 = 0

  init(export folder: String) throws {
    var party = Party.issuer
    for bytes in try Self.entries(folder) {
      let entry = try LogEntry(canonicalBytes: bytes)
      switch entry.body {
      case .submission(let statement, _):
        party = try Statement(canonicalBytes: statement).party
      case .instruction(_, .duplicate(let first)): copies[entry.sequence] = first
      case .instruction(let order, let outcome):
        let order = try Instruction(canonicalBytes: order)
        take(Decided(sequence: entry.sequence, party: party, order: order, outcome: outcome))
      case .genesis, .system: break
      }
    }
  }

  func balance(_ account: AccountID) -> Int64 { lines[account]?.last?.balance ?? 0 }

  func accounts(of party: Party) -> Set<AccountID> {
    Set(owners.filter { $0.value == party }.keys)
  }

  /// The orders about money that a participant hears of.
  func concerning(_ party: Party) -> [Decided] {
    let own = accounts(of: party)
    return decided.filter { one in
      guard let movement = one.order.operation.movement else { return false }
      let named = [movement.payer, movement.payee].compactMap { $0 }
      return one.party == party || (one.outcome.isAccepted && named.contains { own.contains($0) })
    }
  }

  private mutating func take(_ one: Decided) {
    #expect(indexByID[one.order.id] == nil, "order \(one.order.id) is decided twice")
    indexByID[one.order.id] = decided.count
    decided.append(one)
    guard one.outcome.isAccepted else { return }
    switch one.order.operation {
    case .admitParticipant(let order):
      for account in order.settlementAccounts {
        owners[account.account] = .participant(order.participant)
      }
    case .openWallet(let order): owners[order.wallet] = one.party
    case .issue(let order): issued += Int64(order.amount)
    case .redeem(let order): redeemed += Int64(order.amount)
    default: break
    }
    guard let movement = one.order.operation.movement else { return }
    let amount = Int64(movement.amount)
    for (account, change) in [(movement.payer, -amount), (movement.payee, amount)] {
      guard let account else { continue }
      let line = Line(
        sequence: one.sequence, id: one.order.id, change: change,
        balance: balance(account) + change)
      #expect(line.balance >= 0)
      lines[account, default: []].append(line)
    }
  }

  /// Every entry, from the bundles of C2SP tlog-tiles.
  private static func entries(_ folder: String) throws -> [[UInt8]] {
    let note = try String(contentsOfFile: folder + "/checkpoint", encoding: .utf8)
    let size = try #require(note.split(separator: "\n").dropFirst().first.flatMap { Int($0) })
    #expect(size < 1_000 * Tile.widthMax)
    return try stride(from: 0, to: size, by: Tile.widthMax).flatMap { start in
      let count = min(Tile.widthMax, size - start)
      let digits = String(start / Tile.widthMax)
      let name = String(repeating: "0", count: 3 - digits.count) + digits
      let path =
        "\(folder)/tile/entries/\(name)" + (count < Tile.widthMax ? ".p/\(count)" : "")
      let bundle = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      return try EntryBundle.decode(bundle, count: count).map { Array($0) }
    }
  }
}
