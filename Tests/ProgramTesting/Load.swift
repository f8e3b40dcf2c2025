import Foundation
package import LedgerModel
package import LedgerWire

/// Orders signed beforehand, so that the run measures the server.
package struct Load {
  private static let currency = CurrencyCode("CNY")

  package let ledger: LedgerID
  private let officers: [SigningKey]
  private let bank: SigningKey
  package let party: Party
  private let settlement = AccountID(Load.randomBytes16())
  package let wallets: [AccountID]

  /// - Parameters:
  ///   - ledger: Which one the orders are for.
  ///   - officers: As many as the quorums ask for.
  ///   - walletCount: At least 2.
  ///   - bankSeed: Of the bank's key; a new one by default.
  /// - Throws: ``NameError`` where the bank's code is none.
  package init(
    ledger: LedgerID, officers: [SigningKey], walletCount: Int,
    bankSeed: [UInt8] = RandomBytes.make(32)
  ) throws {
    bank = SigningKey(seed: bankSeed)
    self.ledger = ledger
    self.officers = officers
    party = .participant(try ParticipantID("bench-bank"))
    wallets = (0..<walletCount).map { _ in AccountID(Self.randomBytes16()) }
  }

  /// Admits the bank, issues, opens all wallets and funds them.
  package func preparation() throws -> [Submission] {
    guard let currency = Self.currency, case .participant(let id) = party else {
      throw ProgramError("the load has no currency or party")
    }
    var submissions = [
      submission(
        [
          .admitParticipant(
            AdmitParticipant(
              participant: id, name: try ParticipantName("Bench Bank"), keys: [bank.publicKey],
              settlementAccounts: [
                NewSettlementAccount(account: settlement, currency: currency)
              ])),
          .issue(
            Issue(
              payee: settlement, amount: 100_000_000_000_000, currency: currency,
              rtgsReference: try RTGSReference("BENCH-1"))),
        ], of: .issuer, signedBy: officers)
    ]
    let tier = try Tier("wl1")
    for chunk in stride(from: 0, to: wallets.count, by: 1_000) {
      let part = wallets[chunk..<min(chunk + 1_000, wallets.count)]
      submissions.append(
        submission(
          part.map {
            .openWallet(
              OpenWallet(
                wallet: $0, owner: OwnerID(Self.randomBytes16()), currency: currency, tier: tier))
          }, of: party, signedBy: [bank]))
      submissions.append(
        submission(
          part.map {
            .fund(
              Transfer(payer: settlement, payee: $0, amount: 1_000_000_000, currency: currency))
          }, of: party, signedBy: [bank]))
    }
    return submissions
  }

  /// Payments between random wallets, `batch` to a submission.
  package func payments(submissions count: Int, batch: Int) throws -> [Submission] {
    guard let currency = Self.currency else { throw ProgramError("the load has no currency") }
    return (0..<count).map { _ in
      let operations = (0..<batch).map { _ -> LedgerModel.Operation in
        let payer = Int.random(in: 0..<wallets.count)
        let payee = (payer + Int.random(in: 1..<wallets.count)) % wallets.count
        return .pay(
          Transfer(
            payer: wallets[payer], payee: wallets[payee], amount: UInt64.random(in: 1...10_000),
            currency: currency))
      }
      return submission(operations, of: party, signedBy: [bank])
    }
  }

  private func submission(
    _ operations: [LedgerModel.Operation], of party: Party, signedBy keys: [SigningKey]
  ) -> Submission {
    let now = UInt64(Date().timeIntervalSince1970 * 1_000)
    return Submission(
      operations.map { operation in
        Instruction(
          id: InstructionID(
            milliseconds: now, random: (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max))),
          operation: operation)
      }, of: party, on: ledger, expiry: LedgerTime(microseconds: (now + 540_000) * 1_000),
      signedBy: keys)
  }

  private static func randomBytes16() -> Bytes16 {
    Bytes16(high: .random(in: 1...UInt64.max), low: .random(in: 1...UInt64.max))
  }
}
