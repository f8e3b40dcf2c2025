import LedgerCore
import LedgerModel
// Readings and receipts are made by the service alone.
import LedgerService
import LedgerTesting
import LedgerWire
import MerkleLog
import Synchronization

/// A running ledger without rules: it logs what it is given, decides as it is told, and lies where
/// it is told to.
final class FakeLedger: RunningLedger {
  struct Script: Sendable {
    var outcomes: [Int: LoggedOutcome] = [:]
    var breach: LimitBreach?
    var isWithheld = false
    var rejection: Rejection?
    /// Thrown by that many submissions before one is taken.
    var submitErrors: [SubmitError] = []
    var readError: ReadError?
    var instructionStatus: InstructionStatus?
    var closed: String?
    var participantCount = 1
    /// How long a submission takes.
    var delay: Duration = .zero
    /// The same, one each, until there are no more.
    var delays: [Duration] = []
    /// Entries that no checkpoint covers yet, for that many askings.
    var uncoveredAskings = 0
    /// Changes an entry's bytes after it was told of.
    var forgery: (@Sendable (SequenceNumber, [UInt8]) -> [UInt8])?
    var signer = FakeLedger.logKey
    /// A checkpoint that is served in place of the true one.
    var forgedSize: UInt64?
    var forgedRoot: Digest?
    var submissionsArrived = 0
    var submissionsSeen = 0
    var underWayMax = 0
    var entries: [[UInt8]] = []
    /// For whom certificates read.
    var readers: [SPKIHash: Set<Reader>] = [:]
    /// Of all readings so far.
    var accesses: [Access] = []
    var points: [LogPoint] = []
    /// What is read of business days, one after the other.
    var days: [DayReading] = []
    var filters: [StatementFilter] = []
  }

  static let logKey = SigningKey(seed: [UInt8](repeating: 7, count: 32))
  static let bankKey = SigningKey(seed: [UInt8](repeating: 8, count: 32))
  static let time = LedgerTime(microseconds: 1_772_337_600_000_001)

  let genesis: Genesis
  let id: LedgerID
  let script: Mutex<Script>

  init(_ script: Script = Script(), version: StateMachineVersion = .one) {
    genesis = Genesis(
      origin: "ledger.example/test", logKey: Self.logKey.publicKey,
      currencies: [.cny], officers: [Officer(name: OfficerName(unchecked: "o"), key: .example(1))],
      quorums: Quorums(
        participants: 1, keys: 1, issuance: 1, freezes: 1, rules: 1, recovery: 0),
      recovery: [], parameters: .standard, version: version, nonce: .example(9))
    let first = LogEntry(
      sequence: .genesis, time: Self.time, previous: .zero,
      body: .genesis(bytes: genesis.canonicalBytes, signatures: []))
    id = LedgerID(Bytes32(TreeHash.leaf(first.canonicalBytes)))
    var script = script
    script.entries = [first.canonicalBytes]
    self.script = Mutex(script)
  }

  func change(_ body: @Sendable (inout Script) -> Void) { script.withLock { body(&$0) } }

  var trust: TrustFile {
    guard let trust = try? TrustFile(ledger: id, genesis: genesis) else {
      preconditionFailure("the origin is a key name")
    }
    return trust
  }

  func submit(_ deliveries: [Delivery]) {
    for delivery in deliveries { submit(delivery) }
  }

  private func submit(_ delivery: Delivery) {
    let delay = script.withLock { script in
      script.submissionsArrived += 1
      script.underWayMax = max(
        script.underWayMax, script.submissionsArrived - script.submissionsSeen)
      return script.delays.popLast() ?? script.delay
    }
    Task {
      if delay > .zero { try? await Task.sleep(for: delay) }
      delivery.complete(answer(delivery))
    }
  }

  private func answer(_ delivery: Delivery) -> Result<SubmissionReceipt, SubmitError> {
    let submission: Submission
    do throws(SubmitError) {
      submission = try delivery.read()
    } catch {
      return .failure(error)
    }
    return script.withLock { script in
      script.submissionsSeen += 1
      guard script.submitErrors.isEmpty else {
        return .failure(script.submitErrors.removeFirst())
      }
      return .success(log(submission, &script))
    }
  }

  private func log(_ submission: Submission, _ script: inout Script) -> SubmissionReceipt {
    let sequence = SequenceNumber(UInt64(script.entries.count))
    append(
      .submission(
        statement: submission.statementBytes,
        signatures: submission.signatures.map {
          StatementSignature(key: Self.bankKey.publicKey, signature: $0.signature)
        }), &script)
    var receipts: [InstructionReceipt] = []
    for (index, bytes) in submission.instructions.enumerated() {
      guard let instruction = try? Instruction(canonicalBytes: bytes) else {
        preconditionFailure("tests send instructions that decode")
      }
      let logged = script.outcomes[index] ?? .accepted
      var first = SequenceNumber(UInt64(script.entries.count))
      var outcome = logged
      if case .duplicate(let original) = logged {
        first = original
        outcome = .accepted
      }
      var breach: LimitBreach?
      if case .rejected = outcome { breach = script.breach }
      receipts.append(
        InstructionReceipt(
          id: instruction.id, sequence: SequenceNumber(UInt64(script.entries.count)),
          firstSequence: first, outcome: outcome,
          rejection: script.rejection ?? breach.map { .limitExceeded($0) }, breach: breach,
          isWithheld: script.isWithheld))
      append(.instruction(bytes: Array(bytes), outcome: logged), &script)
    }
    return SubmissionReceipt(sequence: sequence, time: Self.time, instructions: receipts)
  }

  private func append(_ body: LogEntry.Body, _ script: inout Script) {
    let sequence = SequenceNumber(UInt64(script.entries.count))
    let entry = LogEntry(
      sequence: sequence, time: Self.time,
      previous: TreeHash.leaf(script.entries[script.entries.count - 1]), body: body)
    let bytes = entry.canonicalBytes
    script.entries.append(script.forgery?(sequence, bytes) ?? bytes)
  }

  private func seen(_ access: Access) { script.withLock { $0.accesses.append(access) } }

  private func readable() throws(ReadError) {
    if let error = script.withLock({ $0.readError }) { throw error }
  }

  func dryRun(_ body: Delivery.Body) async throws(SubmitError) -> DryRun {
    throw .notForDryRuns
  }

  func headroom(of id: AccountID, for access: Access) async throws(ReadError) -> HeadroomReading {
    seen(access)
    throw .busy
  }

  func follow(
    after: SequenceNumber?, _ filter: EventFilter, for access: Access
  ) throws(ReadError) -> EventFollower {
    seen(access)
    throw .followersFull(max: 0)
  }

  func certificates(
    of reader: Reader?, for access: Access
  ) throws(ReadError) -> [CertificateReading] {
    seen(access)
    if let error = script.withLock({ $0.readError }) { throw error }
    return []
  }

  func access(of reader: Reader) -> Access {
    script.withLock { script in
      .certificate(script.readers.values.contains { $0.contains(reader) } ? [reader] : [])
    }
  }

  func access(of certificate: SPKIHash) -> Access {
    script.withLock { .certificate($0.readers[certificate] ?? []) }
  }

  func status(
    of id: InstructionID, party: Party?, for access: Access
  ) throws(ReadError) -> InstructionStatus {
    seen(access)
    try readable()
    return script.withLock { $0.instructionStatus }
      ?? .notYetKnown(of: nil, asOf: 3, time: Self.time)
  }

  func instruction(
    at sequence: SequenceNumber, for access: Access
  ) throws(ReadError) -> Instruction {
    let entry = script.withLock { script in
      sequence.value < script.entries.count
        ? try? LogEntry(canonicalBytes: script.entries[Int(sequence.value)]) : nil
    }
    guard case .instruction(let bytes, _)? = entry?.body,
      let instruction = try? Instruction(canonicalBytes: bytes)
    else { throw .notFound }
    return instruction
  }

  func account(_ id: AccountID, for access: Access) throws(ReadError) -> AccountReading {
    seen(access)
    try readable()
    return Self.wallet(id)
  }

  static func wallet(_ id: AccountID) -> AccountReading {
    guard let balance = Balance(minorUnits: 9_007_199_254_740_993) else {
      preconditionFailure("the balance is in range")
    }
    return AccountReading(
      account: id, kind: .wallet, participant: .example(1), currency: .cny,
      tier: .example(4), balance: balance, available: .zero, isClosed: false,
      freeze: .accepted, entryCount: 2, lastSequence: SequenceNumber(17),
      runningHash: .zero, asOf: 20)
  }

  func balance(
    of id: AccountID, for access: Access, at point: LogPoint
  ) throws(ReadError) -> BalanceReading {
    seen(access)
    try readable()
    script.withLock { $0.points.append(point) }
    return BalanceReading(
      account: id, currency: .cny, balance: .zero, lastSequence: nil, asOf: 20)
  }

  func day(
    _ date: CivilDate, of id: AccountID, for access: Access, before: SequenceNumber?, linesMax: Int
  ) throws(ReadError) -> DayReading {
    if let day = script.withLock({ $0.days.isEmpty ? nil : $0.days.removeFirst() }) { return day }
    let page = try statement(
      of: id, for: access, filter: StatementFilter(), before: before, linesMax: linesMax)
    return DayReading(
      currency: .cny, date: date, zone: "UTC",
      span: LedgerTime(microseconds: 0)..<LedgerTime(microseconds: 86_400_000_000),
      isComplete: true, opening: .zero, closing: .zero, page: page)
  }

  func statement(
    of id: AccountID, for access: Access, filter: StatementFilter, before: SequenceNumber?,
    linesMax: Int
  ) throws(ReadError) -> StatementPage {
    seen(access)
    script.withLock { $0.filters.append(filter) }
    try readable()
    guard linesMax <= 500 else { throw .outOfRange(name: "limit", max: 500) }
    guard let purpose = try? Purpose("GDDS"), let reference = try? ClientReference("a \"b\" 你")
    else { preconditionFailure("the names are valid") }
    let instruction = Instruction(
      id: .sample(1),
      operation: .pay(
        Transfer(payer: id, payee: .example(2), amount: 100, currency: .cny)),
      purpose: purpose, reference: reference)
    let line = StatementLine(
      sequence: before ?? SequenceNumber(17), time: Self.time, instruction: instruction,
      amount: 100, change: -60,
      linked: StatementLine.Linked(account: .example(3), change: 40), balance: .zero,
      counterparty: .example(2))
    return StatementPage(
      lines: [line], next: SequenceNumber(UInt64(linesMax)), asOf: 20)
  }

  func participants(
    after: ParticipantID?, countMax: Int, for access: Access
  ) throws(ReadError) -> ParticipantsPage {
    seen(access)
    let all = admitted(script.withLock { $0.participantCount })
    var start = 0
    if let after {
      guard let index = all.firstIndex(where: { $0.participant.id == after }) else {
        throw .notFound
      }
      start = index + 1
    }
    let page = Array(all[start...].prefix(countMax))
    return ParticipantsPage(
      participants: page,
      next: start + page.count < all.count ? page.last?.participant.id : nil)
  }

  private func admitted(_ count: Int) -> [ParticipantReading] {
    var state = LedgerState(genesis: genesis, id: id, at: Self.time)
    state.begin(at: Self.time.advanced(byMicroseconds: 1))
    var builder = SubmissionBuilder()
    let admissions = (1...count).map { number in
      Instruction(
        id: InstructionID(
          milliseconds: Self.time.microseconds / 1_000, random: (0, UInt64(number))),
        operation: .admitParticipant(
          AdmitParticipant(
            participant: .example(number), name: ParticipantName(unchecked: "Bank \(number)"),
            keys: [.example(2 + number)],
            settlementAccounts: [
              NewSettlementAccount(account: .example(99 + number), currency: .cny)
            ])))
    }
    let submission = builder.submission(
      of: admissions, by: .issuer, signers: [.example(1)], ledger: id,
      expiry: Self.time.advanced(byMicroseconds: 60_000_000))
    guard case .admitted(let admitted)? = try? state.admit(submission) else {
      preconditionFailure("the admission is let in")
    }
    for instruction in submission.instructions { _ = state.apply(instruction, in: admitted) }
    return state.participants.enumerated().map { index, participant in
      ParticipantReading(
        participant: participant,
        settlementAccounts: [
          SettlementAccountReading(
            account: .example(100 + index), currency: .cny,
            balance: Self.wallet(.example(1)).balance)
        ],
        keys: state.keys.entries(of: .bank(1 + index)))
    }
  }

  func supply(for access: Access) -> [SupplyReading] {
    seen(access)
    return [
      SupplyReading(
        currency: .cny, issued: 20_000_000_000_000_000_000, redeemed: 1,
        holdings: [
          ParticipantHolding(participant: .example(1), settlement: 5, wallets: 6)
        ],
        rules: [
          RuleSetStanding(
            version: PackVersion(pack: PackName(unchecked: "cn.ecny"), version: 3),
            sourceDigest: .example(1), until: LedgerTime(microseconds: 1_772_380_800_000_000))
        ],
        asOf: 20, time: Self.time)
    ]
  }

  func publishedCheckpoint() throws(ReadError) -> [UInt8] { try checkpoint() }

  func checkpoint() throws(ReadError) -> [UInt8] {
    try readable()
    return script.withLock { script in
      var entries = script.entries
      if script.uncoveredAskings > 0 {
        script.uncoveredAskings -= 1
        entries = [entries[0]]
      }
      return Self.note(entries, script)
    }
  }

  private static func note(_ entries: [[UInt8]], _ script: Script) -> [UInt8] {
    let root = script.forgedRoot ?? TreeHash.root(of: entries.map { TreeHash.leaf($0) })
    guard let name = try? KeyName("ledger.example/test"),
      let key = try? VerifierKey(
        name: name, algorithm: .ed25519, publicKey: Self.logKey.publicKey.value.bytes),
      let checkpoint = try? Checkpoint(
        origin: Origin(name), size: script.forgedSize ?? UInt64(entries.count), root: root)
    else { preconditionFailure("the checkpoint is one") }
    return checkpoint.signed(by: key) { script.signer.sign($0) }.encoded
  }

  func proof(
    of sequence: SequenceNumber, for access: Access
  ) throws(ReadError) -> EntryProof {
    seen(access)
    try readable()
    let answer: EntryProof? = script.withLock { script in
      guard sequence.value < script.entries.count else { return nil }
      let leaves = script.entries.map { TreeHash.leaf($0) }
      guard let note = try? Note(Self.note(script.entries, script)),
        let inclusion = try? InclusionProof(index: sequence.value, leaves: leaves),
        let proof = try? LogProof(inclusion: inclusion, note: note)
      else { preconditionFailure("the proof is one") }
      return EntryProof(entry: script.entries[Int(sequence.value)], proof: proof.encoded)
    }
    guard let answer else { throw .notYetCovered(size: 1) }
    return answer
  }

  func tile(_ tile: Tile) throws(ReadError) -> [UInt8] {
    try readable()
    let entries = script.withLock { $0.entries }
    guard tile.exists(upTo: UInt64(entries.count)) else { throw .notFound }
    let first = Int(tile.index) * Tile.widthMax
    switch tile.content {
    case .entries:
      guard let bundle = try? EntryBundle.encode(entries[first..<first + tile.width]) else {
        preconditionFailure("entries fit a bundle")
      }
      return bundle
    case .hashes(let level):
      // As defined: each over 256^level leaves.
      let leaves = entries.map { TreeHash.leaf($0) }
      let span = 1 << (level * Tile.height)
      return Tile.encode(
        (first..<first + tile.width).map { TreeHash.root(of: leaves[$0 * span..<($0 + 1) * span]) })
    }
  }

  func status() -> ServiceStatus {
    script.withLock {
      ServiceStatus(
        size: UInt64($0.entries.count), time: Self.time,
        checkpointSize: UInt64($0.entries.count), indexedSize: 1, closed: $0.closed)
    }
  }
}

extension CurrencyCode {
  static let cny: CurrencyCode = {
    guard let code = CurrencyCode("CNY") else { preconditionFailure("CNY is a code") }
    return code
  }()
}

extension Currency {
  static let cny = Currency(code: .cny, exponent: 2, issuanceAccount: .example(1))
}

extension InstructionID {
  static func sample(_ number: UInt64) -> InstructionID {
    InstructionID(milliseconds: 1_772_337_600_000, random: (0, number))
  }
}

extension Submission {
  /// Payments of one bank, correctly signed.
  static func sample(_ count: Int, on ledger: FakeLedger) -> Submission {
    Submission(
      (0..<count).map { number in
        Instruction(
          id: .sample(UInt64(number)),
          operation: .pay(
            Transfer(
              payer: .example(10), payee: .example(11), amount: UInt64(number + 1),
              currency: .cny)))
      }, of: .bank(1), on: ledger.id,
      expiry: FakeLedger.time.advanced(byMicroseconds: 60_000_000), signedBy: [FakeLedger.bankKey])
  }
}
