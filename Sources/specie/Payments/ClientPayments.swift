import LedgerClient
import LedgerModel
import LedgerWire
import PaymentFiles

/// A server's ledger, on which a bank's keys sign payments.
struct ClientPayments: PaymentLedger {
  private static let pause = Duration.milliseconds(500)

  let client: LedgerClient
  let party: Party
  let signers: [SigningKey]
  /// Of the party, by the genesis.
  let horizonMicroseconds: UInt64

  /// Pauses that make up a time.
  static func pauses(in microseconds: UInt64) -> Int {
    Int(microseconds / UInt64(Self.pause / .microseconds(1)))
  }

  var now: LedgerTime { WallClock.now }

  func newID() -> InstructionID { RandomID.instruction() }

  func status(of order: Instruction) async throws -> PaymentStatus {
    switch try await client.status(of: order.id, party: party) {
    case .neverExecuted: return .neverExecuted
    case .notYetKnown: return .notYetKnown
    case .executed(let execution):
      let isProven = try await client.prove(execution, of: order)
      let result: PaymentDecision.Result =
        execution.isAccepted
        ? .accepted
        : .refused(
          code: execution.code ?? "", rule: execution.rule ?? "", pack: execution.pack ?? "",
          message: execution.message ?? "")
      return .executed(
        PaymentDecision(result: result, sequence: execution.firstSequence, isProven: isProven))
    }
  }

  func send(_ orders: [Instruction]) async throws -> [PaymentDecision] {
    let lifetime = min(
      OrderOptions.standardMicroseconds, OrderOptions.part(ofHorizon: horizonMicroseconds))
    let submission = Submission(
      orders, of: party, on: client.trust.ledger,
      expiry: now.advanced(byMicroseconds: lifetime), signedBy: signers)
    return try await client.submit(submission).instructions.map { outcome in
      PaymentDecision(
        result: outcome.refusal.map {
          .refused(
            code: $0.code.rawValue, rule: $0.rule?.text ?? "", pack: $0.pack?.text ?? "",
            message: outcome.message)
        } ?? .accepted,
        sequence: outcome.firstSequence, isProven: outcome.isProven)
    }
  }

  func pause() async throws { try await Task.sleep(for: Self.pause) }
}
