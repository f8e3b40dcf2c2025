import Foundation
package import LedgerModel
package import LedgerWire

/// Orders signed beforehand, so that the run measures the server.
package struct Load: Sendable {
  private static let currency = CurrencyCode("CNY")

  /// What the payments of a load have in common.
  package enum Kind: String, Sendable, CaseIterable {
    /// Between random wallets.
    case spread
    /// From random wallets to one.
    case hot
    /// Each more than a limit allows.
    case refused
  }

  package let ledger: LedgerID
  private let officers: [SigningKey]
  private let bank: SigningKey
  package let party: Party
  private let settlement = AccountID(Load.randomBytes16())
  package let wallets: [AccountID]
  /// Of a tier without a limit on what it may hold.
  private let hotWallet = AccountID(Load.randomBytes16())
  private let tier: String
  private let expirySeconds: UInt64

  /// - Parameters:
  ///   - ledger: Which one the orders are for.
  ///   - officers: As many as the quorums ask for.
  ///   - walletCount: At least 2.
  ///   - tier: Of the wallets.
  ///   - bankSeed: Of the bank's key; a new one by default.
  ///   - expirySeconds: Until statements expire; within the ledger's horizon.
  /// - Throws: ``NameError`` where the bank's code is none.
  package init(
    ledger: LedgerID, officers: [SigningKey], walletCount: Int, tier: String = "wl1",
    bankSeed: [UInt8] = RandomBytes.make(32), expirySeconds: UInt64 = 540
  ) throws {
    self.expirySeconds = expirySeconds
    bank = SigningKey(seed: bankSeed)
    self.ledger = ledger
    self.officers = officers
    self.tier = tier
    party = .participant(try ParticipantID("bench-bank"))
    wallets = (0..<walletCount).map { _ in AccountID(Self.randomBytes16()) }
  }

  private static let chunk = 5_000

  /// Admits the bank, issues, opens all wallets and funds them; signed as they are asked for.
  package func preparation() throws -> some Sequence<Submission> {
    guard let currency = Self.currency, case .participant(let id) = party else {
      throw ProgramError("the load has no currency or party")
    }
    let admission: [LedgerModel.Operation] = [
      .admitParticipant(
        AdmitParticipant(
          participant: id, name: try ParticipantName("Bench Bank"), keys: [bank.publicKey],
          settlementAccounts: [NewSettlementAccount(account: settlement, currency: currency)])),
      .issue(
        Issue(
          payee: settlement, amount: 100_000_000_000_000_000, currency: currency,
          rtgsReference: try RTGSReference("BENCH-1"))),
    ]
    let chunks = (wallets.count + Self.chunk - 1) / Self.chunk
    return (0..<2 + 2 * chunks).lazy.map { step in
      switch step {
      case 0: return submission(admission, of: .issuer, signedBy: officers)
      case 1:
        return submission([open(hotWallet, tier: "wl1", currency)], of: party, signedBy: [bank])
      default:
        let start = (step - 2) / 2 * Self.chunk
        let part = wallets[start..<min(start + Self.chunk, wallets.count)]
        let operations = part.map { wallet -> LedgerModel.Operation in
          step.isMultiple(of: 2)
            ? open(wallet, tier: tier, currency)
            : .fund(
              Transfer(payer: settlement, payee: wallet, amount: 10_000_000, currency: currency))
        }
        return submission(operations, of: party, signedBy: [bank])
      }
    }
  }

  private func open(
    _ wallet: AccountID, tier: String, _ currency: CurrencyCode
  ) -> LedgerModel.Operation {
    .openWallet(
      OpenWallet(
        wallet: wallet, owner: OwnerID(Self.randomBytes16()), currency: currency,
        tier: Tier(unchecked: tier)))
  }

  /// Payments, `batch` to a submission.
  package func payments(
    submissions count: Int, batch: Int, kind: Kind = .spread
  ) throws -> [Submission] {
    guard let currency = Self.currency else { throw ProgramError("the load has no currency") }
    var random = FastRandom()
    return (0..<count).map { _ in
      let operations = (0..<batch).map { _ -> LedgerModel.Operation in
        let payer = Int.random(in: 0..<wallets.count, using: &random)
        let payee = (payer + Int.random(in: 1..<wallets.count, using: &random)) % wallets.count
        return .pay(
          Transfer(
            payer: wallets[payer], payee: kind == .hot ? hotWallet : wallets[payee],
            amount: kind == .refused ? 5_000_001 : UInt64.random(in: 1...100, using: &random),
            currency: currency))
      }
      return submission(operations, of: party, signedBy: [bank])
    }
  }

  private func submission(
    _ operations: [LedgerModel.Operation], of party: Party, signedBy keys: [SigningKey]
  ) -> Submission {
    let now = UInt64(Date().timeIntervalSince1970 * 1_000)
    var random = FastRandom()
    return Submission(
      operations.map { operation in
        Instruction(
          id: InstructionID(milliseconds: now, random: (random.next(), random.next())),
          operation: operation)
      }, of: party, on: ledger,
      expiry: LedgerTime(microseconds: (now + expirySeconds * 1_000) * 1_000),
      signedBy: keys)
  }

  private static func randomBytes16() -> Bytes16 {
    Bytes16(high: .random(in: 1...UInt64.max), low: .random(in: 1...UInt64.max))
  }
}

/// SplitMix64 from a random seed: the system's own costs more than the server does for a payment.
private struct FastRandom: RandomNumberGenerator {
  private var state = UInt64.random(in: 0...UInt64.max)

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
