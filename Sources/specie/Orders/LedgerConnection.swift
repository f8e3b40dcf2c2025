import LedgerClient
import LedgerModel
import LedgerWire
import MerkleLog

/// The ledger over HTTP, with what commands ask beyond ``LedgerClient``.
struct LedgerConnection: Sendable {
  let client: LedgerClient

  init(server: String, trust: TrustFile, options: ClientOptions = ClientOptions()) throws {
    client = try LedgerClient(baseURL: server, trust: trust, options: options)
  }

  /// Entry 0, whose hash the trust file pins: no word of the server is taken for it.
  func genesis() async throws -> Genesis {
    let entry = try await entry(.genesis)
    let ledger = LedgerID(Bytes32(TreeHash.leaf(entry.bytes)))
    guard ledger == client.trust.ledger, case .genesis(let bytes, _) = entry.entry.body else {
      throw ClientError.untrusted(.otherLedger(found: ledger, pinned: client.trust.ledger))
    }
    return try Genesis(canonicalBytes: bytes)
  }

  /// One proven entry, waiting for the checkpoint that covers it.
  func entry(_ sequence: SequenceNumber) async throws -> VerifiedEntry {
    do {
      return try await client.entry(sequence)
    } catch ClientError.refused(let problem) where problem.code == "not_yet_covered" {
      _ = try await client.checkpoint(covering: sequence)
      return try await client.entry(sequence)
    }
  }

  /// The participant's settlement account, by the server's word.
  func settlementAccount(
    of participant: ParticipantID, in code: CurrencyCode
  ) async throws -> AccountID {
    let participants = try await client.participants()
    guard let found = participants.first(where: { $0.participant == participant }) else {
      let known = participants.map { "`\($0.participant)`" }.joined(separator: ", ")
      throw CommandFault.invalidArgument(
        "there is no bank `\(participant)`"
          + (known.isEmpty ? "; none is admitted yet" : "; there are \(known)"))
    }
    guard let account = found.settlementAccounts.first(where: { $0.currency == code }) else {
      throw CommandFault.invalidArgument(
        "bank `\(participant)` has no settlement account in \(code)")
    }
    return account.account
  }
}
