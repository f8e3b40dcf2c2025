import AsyncHTTPClient
public import LedgerModel
public import LedgerWire
public import MerkleLog
import NIOCore
import NIOHTTP1

/// A ledger's API, of whose word nothing is taken that can be proven.
///
/// What is signed by the log and proven into it (receipts, entries, checkpoints) is verified
/// against the trust file, and a false answer is an error. Balances, statements, supply and
/// statuses are readings: the server's word, which an audit checks.
///
/// Values share connections and the newest checkpoint; copy and use them from any task.
///
/// - Source: docs/api.md.
public struct LedgerClient: Sendable {
  public let trust: TrustFile
  public let options: ClientOptions
  let connection: Connection
  let memory: CheckpointMemory

  /// Creates a client; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - baseURL: `https://` and a host, or `http://` and a loopback host, with its port, such as
  ///     `http://127.0.0.1:7070`.
  ///   - tls: Certificates for `https://`; `nil` for the system's authorities and none of its own.
  ///   - trust: Which ledger and whose checkpoints to believe.
  ///   - pinned: The newest checkpoint that was seen before: a signed note, as
  ///     ``newestCheckpoint`` has it. An older one is then not taken.
  ///   - options: Times and depths.
  ///   - onNewerCheckpoint: Told of each verified checkpoint that is newer than all before it, so
  ///     that it can be kept, and be `pinned` the next time; called on any task.
  /// - Throws: ``ClientError/invalidURL(_:)``, ``ClientError/tls(_:)``, or
  ///   ``ClientError/untrusted(_:)`` for a pinned note that the log did not sign.
  public init(
    baseURL: String, tls: ClientTLS? = nil, trust: TrustFile, pinned: [UInt8]? = nil,
    options: ClientOptions = ClientOptions(),
    onNewerCheckpoint: (@Sendable (VerifiedCheckpoint) -> Void)? = nil
  ) throws(ClientError) {
    self.trust = trust
    self.options = options
    connection = try Connection(try ServerURL(baseURL), tls: tls, options: options)
    memory = CheckpointMemory(onNewer: onNewerCheckpoint)
    if let pinned { _ = try open(pinned, floor: nil) }
  }

  /// The newest checkpoint that was verified, by this value and its copies.
  public var newestCheckpoint: VerifiedCheckpoint? { memory.newest }

  // MARK: - What is proven

  /// What a client needs to begin, checked against the trust file.
  ///
  /// - Throws: ``ClientError/untrusted(_:)`` where it is another ledger, or another log's key.
  public func info() async throws(ClientError) -> LedgerInfo {
    let info = try await connection.read(LedgerInfo.self, "/v1/ledger")
    guard info.ledger == trust.ledger else {
      throw .untrusted(.otherLedger(found: info.ledger, pinned: trust.ledger))
    }
    guard info.logKey == trust.logKey.vkey else {
      throw .untrusted(.otherLogKey(found: info.logKey, pinned: trust.logKey.vkey))
    }
    return info
  }

  /// The newest checkpoint, signed by the log, and not older than any seen before the request.
  ///
  /// That a newer one extends an older one is not shown by the API, but by an audit.
  ///
  /// - Throws: ``ClientError/untrusted(_:)`` for a false signature, an older or a forked log.
  public func checkpoint() async throws(ClientError) -> VerifiedCheckpoint {
    let floor = memory.newest
    return try open(try await connection.get("/v1/checkpoint"), floor: floor)
  }

  /// One entry, and the proof that it is in the log.
  ///
  /// - Throws: ``ClientError/untrusted(_:)`` where the proof or the log's signature does not hold,
  ///   its checkpoint is older than one seen before the request, or it is another entry;
  ///   ``ClientError/refused(_:)`` with code `not_yet_covered` before a checkpoint covers it.
  public func entry(_ sequence: SequenceNumber) async throws(ClientError) -> VerifiedEntry {
    let floor = memory.newest
    let answer = try await connection.read(ProofAnswer.self, "/v1/proof/\(sequence)")
    guard let bytes = Base64.decode(Array(answer.entry.utf8)) else {
      throw .untrusted(.entry(sequence, problem: "it is not base64"))
    }
    let proof: LogProof
    do throws(LogProofError) {
      proof = try LogProof(Array(answer.proof.utf8))
    } catch {
      throw .untrusted(.proof(sequence, error))
    }
    guard proof.inclusion.index == sequence.value else {
      throw .untrusted(
        .entry(sequence, problem: "the proof is for entry \(proof.inclusion.index)"))
    }
    let checkpoint = try open(proof.note.encoded, floor: floor)
    do throws(ProofError) {
      try proof.inclusion.verify(leaf: TreeHash.leaf(bytes), root: checkpoint.checkpoint.root)
    } catch {
      throw .untrusted(.proof(sequence, .inclusion(error)))
    }
    let entry: LogEntry
    do throws(WireError) {
      entry = try LogEntry(canonicalBytes: bytes)
    } catch {
      throw .untrusted(.entry(sequence, problem: "\(error)"))
    }
    guard entry.sequence == sequence else {
      throw .untrusted(.entry(sequence, problem: "it says it is \(entry.sequence)"))
    }
    return VerifiedEntry(entry: entry, bytes: bytes, proof: proof)
  }

  // MARK: - Readings: the server's word

  /// What became of an id; `party` is needed only where several parties used it.
  public func status(
    of id: InstructionID, party: Party? = nil
  ) async throws(ClientError) -> StatusAnswer {
    let query = party.map { "?party=\($0)" } ?? ""
    return try await connection.read(StatusAnswer.self, "/v1/instructions/\(id)" + query)
  }

  /// Whom the server takes this client for.
  public func access() async throws(ClientError) -> AccessAnswer {
    try await connection.read(AccessAnswer.self, "/v1/access")
  }

  public func account(_ id: AccountID) async throws(ClientError) -> AccountAnswer {
    try await connection.read(AccountAnswer.self, "/v1/accounts/\(id)")
  }

  /// A page of an account's statement, the newest entry first.
  ///
  /// - Parameters:
  ///   - id: The account.
  ///   - before: Only entries before this one; `nil` begins with the newest.
  ///   - limit: Lines at most; `nil` leaves it to the server.
  /// - Returns: The page, and where the next one begins.
  /// - Throws: ``ClientError/refused(_:)`` for an account that there is not, or a page too long.
  public func statement(
    of id: AccountID, before: SequenceNumber? = nil, limit: Int? = nil
  ) async throws(ClientError) -> StatementAnswer {
    let parameters = [before.map { "before=\($0)" }, limit.map { "limit=\($0)" }].compactMap { $0 }
    let query = parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
    return try await connection.read(
      StatementAnswer.self, "/v1/accounts/\(id)/entries" + query)
  }

  /// All participants, in order of admission, page by page.
  public func participants() async throws(ClientError) -> [ParticipantAnswer] {
    var participants: [ParticipantAnswer] = []
    var query = ""
    while true {
      let page = try await connection.read(ParticipantsAnswer.self, "/v1/participants" + query)
      participants += page.participants
      // Bounded, though a server may say `next` for ever.
      guard let next = page.next, !page.participants.isEmpty,
        participants.count < Limits.participantsMax
      else { return participants }
      query = "?after=" + next
    }
  }

  /// Certificates that are or were registered for a reader, in order of registration.
  ///
  /// - Parameter reader: `nil` for those for whom this client's own certificate reads.
  /// - Returns: All of them, revoked and ended ones included.
  /// - Throws: ``ClientError/refused(_:)`` for a reader that is another.
  public func certificates(
    of reader: Reader? = nil
  ) async throws(ClientError) -> [CertificateAnswer] {
    let query = reader.map { "?reader=\($0)" } ?? ""
    return try await connection.read(
      CertificatesAnswer.self, "/v1/certificates" + query
    ).certificates
  }

  public func supply() async throws(ClientError) -> [SupplyAnswer] {
    try await connection.read(SuppliesAnswer.self, "/v1/supply").supply
  }

  /// Returns once the server takes orders.
  ///
  /// - Throws: What it last answered, once ``ClientOptions/submitTimeout`` is over.
  public func waitUntilReady() async throws(ClientError) {
    _ = try await connection.retrying(until: .now + options.submitTimeout) {
      () async throws(ClientError) in try await connection.get("/readyz")
    }
  }

  /// Opens a signed note, and remembers it where it is the newest.
  ///
  /// - Parameters:
  ///   - noteBytes: The note.
  ///   - floor: What it may not be older than; `nil` admits any age.
  /// - Returns: The checkpoint, signed by the log.
  /// - Throws: ``ClientError/untrusted(_:)``.
  func open(
    _ noteBytes: [UInt8], floor: VerifiedCheckpoint?
  ) throws(ClientError) -> VerifiedCheckpoint {
    // The same note comes with each proof, and one check of its signature suffices.
    if let newest = memory.newest, newest.note.encoded == noteBytes { return newest }
    let opened: VerifiedCheckpoint
    do throws(CheckpointError) {
      opened = try Checkpoint.open(
        noteBytes, origin: Origin(trust.logKey.name), logKey: trust.logKey
      ) { publicKey, message, signature in
        Ed25519.isValid(signature, on: message, publicKey: publicKey)
      }
    } catch {
      throw .untrusted(.checkpoint(error))
    }
    if let floor, opened.checkpoint.size < floor.checkpoint.size {
      throw .untrusted(.wentBack(from: floor.checkpoint.size, to: opened.checkpoint.size))
    }
    guard memory.remember(opened) else {
      throw .untrusted(.forked(size: opened.checkpoint.size))
    }
    return opened
  }
}

/// Times and depths of a client.
public struct ClientOptions: Sendable {
  /// For one request, from its start to the end of its answer.
  public var requestTimeout: Duration = .seconds(30)
  /// For a submission, retries included.
  public var submitTimeout: Duration = .seconds(60)
  /// For the checkpoint that covers a receipt.
  public var checkpointTimeout: Duration = .seconds(15)
  /// The first pause between two tries; each is twice the last, up to ``pauseMax``.
  public var pauseMin: Duration = .milliseconds(25)
  public var pauseMax: Duration = .milliseconds(500)
  /// The longest pause between two connections of an ``EventStream``.
  public var eventPauseMax: Duration = .seconds(30)
  /// For how long an ``EventStream`` hears nothing before it connects anew: a server says at least
  /// every 15 seconds that it is there.
  public var eventQuietTimeout: Duration = .seconds(45)
  /// Instructions of one submission whose entries are fetched and proven.
  ///
  /// Of a larger submission the first, the last and others at random are proven; the submission
  /// entry always is. `Int.max` proves all, `0` none of the instructions.
  public var provenInstructionsMax = 64
  /// Bytes of an answer.
  public var answerBytesMax = 32 << 20

  public init() {}
}

/// An entry that is proven to be in the log.
public struct VerifiedEntry: Hashable, Sendable {
  public let entry: LogEntry
  /// What was hashed.
  public let bytes: [UInt8]
  /// Evidence for others, together with ``bytes``.
  public let proof: LogProof
}
