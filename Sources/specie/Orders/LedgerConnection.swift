import LedgerClient
import LedgerModel
import LedgerWire
import MerkleLog

/// The ledger over HTTP, with what commands ask beyond ``LedgerClient``.
struct LedgerConnection: Sendable {
  let client: LedgerClient

  /// - Parameters:
  ///   - server: Its URL.
  ///   - tls: Certificates.
  ///   - trust: Which ledger it must serve.
  ///   - checkpoints: Where the newest checkpoint is kept; an older log is not believed.
  ///   - options: Times and depths.
  /// - Throws: ``CommandFault`` where the kept checkpoint is not of this log, or `ClientError`.
  init(
    server: String, tls: ClientTLS, trust: TrustFile, checkpoints: CheckpointFile,
    options: ClientOptions = ClientOptions()
  ) throws {
    let pinned = try checkpoints.read()
    do throws(ClientError) {
      client = try LedgerClient(
        baseURL: server, tls: tls, trust: trust, pinned: pinned, options: options,
        onNewerCheckpoint: { checkpoints.keep($0) })
    } catch {
      guard case .untrusted(let distrust) = error else { throw error }
      throw CommandFault.fileInvalid(
        path: checkpoints.path,
        problem: "the checkpoint kept there is not of the log that the trust file names: "
          + "\(distrust); where the ledger was made anew, move the file away")
    }
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

  /// The participant's settlement account, as the order that admitted it says.
  ///
  /// The server names the entry of that order; the entry is proven, so a false account is found
  /// out. A participant is admitted once, and its settlement accounts never change.
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
    let entry = try await entry(found.admitted).entry
    guard case .instruction(let bytes, let outcome) = entry.body, outcome.isAccepted,
      case .admitParticipant(let order) = try Instruction(canonicalBytes: bytes).operation,
      order.participant == participant
    else {
      throw CommandFault.answerNotBelieved(
        "entry \(found.admitted) is said to admit `\(participant)`, and does not")
    }
    guard let account = order.settlementAccounts.first(where: { $0.currency == code }) else {
      throw CommandFault.invalidArgument(
        "bank `\(participant)` has no settlement account in \(code)")
    }
    let told = found.settlementAccounts.first { $0.currency == code }
    guard told?.account == account.account else {
      throw CommandFault.answerNotBelieved(
        "it names settlement account `\(told.map { "\($0.account)" } ?? "none")` of "
          + "`\(participant)`, and entry \(found.admitted) `\(account.account)`")
    }
    return account.account
  }

  /// Who ordered an instruction, as its submission's entry proves.
  ///
  /// - Returns: `nil` where the submission's entry is not among the ``entriesBackMax`` before it.
  func party(ofInstructionAt sequence: SequenceNumber) async throws -> Party? {
    for distance in 1...Self.entriesBackMax where distance <= sequence.value {
      let entry = try await entry(SequenceNumber(sequence.value - distance)).entry
      switch entry.body {
      case .instruction: continue
      case .submission(let bytes, _):
        let statement = try Statement(canonicalBytes: bytes)
        return distance <= UInt64(statement.count) ? statement.party : nil
      case .genesis, .system: return nil
      }
    }
    return nil
  }

  /// Entries that are fetched to find one submission: a single order's is the one before it.
  private static let entriesBackMax: UInt64 = 64
}
