import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerTesting
import LedgerWire
import Testing

/// Goal: the ledger, the program's check and the script that has nothing of ours agree on whose
/// keys may order what.
///
/// Method: random orders about keys, by seed, of all parties about all parties' keys. What the
/// ledger logs, both prove. What it does not let in, or refuses for who signed it, the holder of
/// the log key writes as accepted after the same log, and both refuse. What it refuses for another
/// reason may hang on what the file does not have, and both say the same.
@Suite struct KeyOrderEvidenceTests {
  @Test(arguments: UInt64(0)..<4)
  func agreesWithTheLedger(seed: UInt64) throws {
    var walk = try KeyOrderWalk(seed: seed)
    for _ in 0..<70 { try walk.step() }
    // Neither all of one kind nor none of a step's.
    #expect(walk.forged.count > 15 && walk.logged.count > 10, "\(walk.forged.count) forged")
    let source = try EvidenceTests.Source(try walk.sealed())
    let proven = try walk.logged.map { sequence in
      let evidence = try PaymentEvidence.make(
        of: .entry(sequence), by: source.prover, store: source.store, attestedBy: SampleKeys.log)
      return EvidenceCase(
        name: "seed \(seed), entry \(sequence)", json: evidence.json,
        trust: source.builder.log.trust, kind: nil)
    }
    try EvidenceCase.expect(proven + walk.forged)
  }
}

/// A ledger whose parties give random orders about keys.
private struct KeyOrderWalk {
  private var random: SplitMix64
  private var builder: LogBuilder
  /// Entries of orders that the ledger decided.
  private(set) var logged: [SequenceNumber] = []
  /// Files of orders that it did not let in, or refused for who signed them.
  private(set) var forged: [EvidenceCase] = []

  /// Keys that are nobody's at first.
  private static let spare = (80..<86).map { SigningKey(seed: [UInt8](repeating: $0, count: 32)) }
  private static let parties: [Party] = [.issuer, .recovery, .bank(1), .bank(2)]

  init(seed: UInt64) throws {
    random = SplitMix64(seed: seed)
    builder = try LogBuilder(recovery: SampleKeys.recovery)
    try builder.order(
      try LogBuilder.admission(1, account: LogBuilder.settlement1),
      try LogBuilder.admission(2, account: LogBuilder.settlement2), by: .issuer,
      signedBy: Array(SampleKeys.officers[0...1]))
  }

  /// The log, under a checkpoint.
  func sealed() throws -> LogBuilder {
    var sealed = builder
    try sealed.checkpoint()
    return sealed
  }

  mutating func step() throws {
    let party = random.one(of: Self.parties)
    let keys = try signers(of: party)
    let operation = try operation()
    let time = builder.state.time.moved(seconds: Int64.random(in: 1...40, using: &random))
    var next = builder
    let instruction = next.instruction(operation)
    do {
      try next.submit([instruction], by: party, signedBy: keys, at: time)
    } catch {
      try forge(operation, by: party, signedBy: keys, at: time, "\(error)")
      return
    }
    let entry = SequenceNumber(UInt64(next.log.records.count - 1))
    logged.append(entry)
    if case .submission(let decided)? = next.batches.last?.records.first,
      case .rejected(let rejection) = decided.applied[0].outcome
    {
      let isForWhoSigned =
        switch rejection {
        case .wrongRole, .quorumNotMet: true
        // That the subject of an order is suspended is another thing.
        case .participantSuspended(let id): party == .participant(id)
        default: false
        }
      try forge(
        operation, by: party, signedBy: keys, at: time, "\(rejection)",
        mayBeEither: !isForWhoSigned)
    }
    builder = next
  }

  private mutating func forge(
    _ operation: LedgerModel.Operation, by party: Party, signedBy keys: [SigningKey],
    at time: LedgerTime, _ why: String, mayBeEither: Bool = false
  ) throws {
    var powers = PowersRegister(builder.state.genesis)
    for batch in builder.batches { powers.take(batch) }
    var forger = EvidenceForger(after: builder)
    let order = try forger.append(operation, by: party, signedBy: keys, at: time)
    var sample = try forger.sample(
      "\(operation.name) by \(party) forged, refused for: \(why)", order,
      powers.proofs(of: keys.map(\.publicKey), party), fault: .authority)
    sample.mayBeEither = mayBeEither
    forged.append(sample)
  }

  /// One to three of the keys that were ever the party's, and seldom another's.
  private mutating func signers(of party: Party) throws -> [SigningKey] {
    let own = try keys(of: party)
    let pool = Int.random(in: 0..<12, using: &random) == 0 ? Self.spare : own
    let count = Int.random(in: 1...3, using: &random)
    return Array(Set((0..<count).map { _ in random.one(of: pool) }.map(\.publicKey)))
      .compactMap { key in pool.first { $0.publicKey == key } }
  }

  private func keys(of party: Party) throws -> [SigningKey] {
    let all =
      SampleKeys.officers + SampleKeys.recovery + Self.spare
      + [try SampleKeys.bank(1), try SampleKeys.bank(2)]
    return all.filter { builder.state.keys.entry($0.publicKey, of: party) != nil }
  }

  private mutating func operation() throws -> LedgerModel.Operation {
    let subject = random.one(of: Self.parties)
    let old = random.one(of: try keys(of: subject)).publicKey
    let new = random.one(of: Self.spare).publicKey
    let now = builder.state.time
    let soon = now.moved(seconds: Int64.random(in: 30...300, using: &random))
    let standing = ParticipantStanding(
      participant: .example(Int.random(in: 1...2, using: &random)), legalReference: .example)
    switch Int.random(in: 0..<14, using: &random) {
    case 0, 1:
      return .registerKey(
        RegisterKey(
          party: subject, key: new, validFrom: random.one(of: [.example, now, soon]),
          validUntil: random.one(of: [nil, soon, soon.moved(seconds: 60)])))
    case 2, 3:
      return .rotateKey(
        RotateKey(
          party: subject, oldKey: old, newKey: new,
          overlapUntil: random.one(of: [LedgerTime(microseconds: 0), soon])))
    case 4, 5: return .suspendKey(PartyKey(party: subject, key: old))
    case 6, 7: return .reinstateKey(PartyKey(party: subject, key: old))
    case 8: return .revokeKey(PartyKey(party: subject, key: old))
    case 9: return .replaceOfficers([new, random.one(of: Self.spare).publicKey])
    case 10: return .suspendParticipant(standing)
    case 11: return .reinstateParticipant(standing)
    case 12:
      return LogBuilder.issue(5, to: LogBuilder.settlement1, Int(random.next() % 1_000_000))
    default:
      return .pay(LogBuilder.transfer(LogBuilder.settlement1, LogBuilder.settlement2, 1))
    }
  }
}
