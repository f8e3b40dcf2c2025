import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: whoever has the log key alone makes no file that proves an order which no key of its party
/// signed, and a genuine file cannot be bent to say another thing.
///
/// Method: logs are written as the holder of the log key could: any entries, chained, under a
/// checkpoint that the log key signs.
@Suite struct EvidenceForgeryTests {
  /// A log of the genesis and whatever follows.
  private struct Forger {
    var log: SampleLog
    let state: LedgerState
    let trust: AuditTrust

    init() throws {
      let builder = try LogBuilder()
      log = builder.log
      state = builder.state
      trust = AuditTrust(builder.log.trust)
    }

    /// Appends a submission of one instruction, and that one as accepted.
    mutating func append(
      _ operation: LedgerModel.Operation, by party: Party, signedBy keys: [SigningKey]
    ) throws -> OrderProof {
      let number = UInt64(log.records.count)
      let time = LedgerTime.example.moved(seconds: Int64(number))
      let instruction = Instruction(
        id: InstructionID(milliseconds: time.microseconds / 1_000, random: (number, 1)),
        operation: operation)
      let submission = Submission(
        [instruction], of: party, on: state.id, expiry: time.moved(seconds: 60), signedBy: keys)
      let signatures = keys.map { key in
        StatementSignature(
          key: key.publicKey,
          signature: key.sign(
            DSSE.preAuthenticationEncoding(
              type: DSSE.statementType, payload: submission.statementBytes)))
      }.sorted { $0.key < $1.key }
      try append(.submission(statement: submission.statementBytes, signatures: signatures), time)
      try append(
        .instruction(bytes: Array(submission.instructions[0]), outcome: .accepted), time)
      return OrderProof(
        instruction: SequenceNumber(number + 1), submission: SequenceNumber(number), path: [])
    }

    mutating func append(_ body: LogEntry.Body, _ time: LedgerTime) throws {
      let last = log.records[log.records.count - 1]
      log.records.append(
        SampleLog.Record(
          entry: LogEntry(
            sequence: SequenceNumber(UInt64(log.records.count)), time: time,
            previous: TreeHash.leaf(last.entry), body: body
          ).canonicalBytes))
    }

    func evidence(_ order: OrderProof, _ keyOrders: [OrderProof]) throws -> PaymentEvidence {
      let leaves = log.records.map { TreeHash.leaf($0.entry) }
      let note = try LogBuilder.note(
        size: UInt64(leaves.count), root: TreeHash.root(of: leaves), of: state,
        by: SampleKeys.log)
      let entries = try log.records.enumerated().map { index, record in
        ProvenEntries.Entry(
          sequence: SequenceNumber(UInt64(index)), bytes: record.entry,
          path: try InclusionProof(index: UInt64(index), leaves: leaves).path)
      }
      return PaymentEvidence(
        log: ProvenEntries(checkpoint: Array(note.utf8), entries: entries), order: order,
        keyOrders: keyOrders, attestation: nil)
    }

    func fault(_ order: OrderProof, _ keyOrders: [OrderProof]) throws -> EvidenceFault? {
      let evidence = try evidence(order, keyOrders)
      do throws(EvidenceFault) {
        _ = try evidence.check(trust)
        return nil
      } catch {
        return error
      }
    }
  }

  private static let thief = SigningKey(seed: [UInt8](repeating: 77, count: 32))
  private static let pay = LedgerModel.Operation.pay(
    LogBuilder.transfer(LogBuilder.wallet1, LogBuilder.wallet3, 99_999))

  private static func registration(_ key: SigningKey) -> LedgerModel.Operation {
    .registerKey(
      RegisterKey(
        party: .bank(1), key: key.publicKey, validFrom: LedgerTime(microseconds: 0),
        validUntil: nil))
  }

  @Test func aRegistrationNeedsWhoMayRegister() throws {
    let officers = SampleKeys.officers
    // By the thief himself, by one officer of the two needed, and by two.
    for (keys, isProven) in [
      ([Self.thief], false), ([officers[0]], false), ([officers[0], officers[1]], true),
    ] {
      var forger = try Forger()
      let registration = try forger.append(
        Self.registration(Self.thief), by: .issuer, signedBy: keys)
      let order = try forger.append(Self.pay, by: .bank(1), signedBy: [Self.thief])
      let fault = try forger.fault(order, [registration])
      #expect((fault == nil) == isProven, "\(String(describing: fault))")
      if !isProven { #expect(fault?.kind == .authority) }
      // Without the registration there is nothing.
      #expect(try forger.fault(order, [])?.kind == .authority)
    }
  }

  @Test func aBankOrdersAboutItsOwnKeysAlone() throws {
    var forger = try Forger()
    let admission = try forger.append(
      try LogBuilder.admission(1, account: LogBuilder.settlement1), by: .issuer,
      signedBy: Array(SampleKeys.officers[0...1]))
    let bank = try SampleKeys.bank(1)
    let other = try forger.append(
      .registerKey(
        RegisterKey(
          party: .bank(2), key: Self.thief.publicKey, validFrom: LedgerTime(microseconds: 0),
          validUntil: nil)), by: .bank(1), signedBy: [bank])
    let order = try forger.append(Self.pay, by: .bank(2), signedBy: [Self.thief])
    #expect(try forger.fault(order, [admission, other])?.kind == .authority)
    let own = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
    #expect(try forger.fault(own, [admission]) == nil)
    let issue = try forger.append(
      LogBuilder.issue(5, to: LogBuilder.settlement1, 9), by: .bank(1), signedBy: [bank])
    #expect(try forger.fault(issue, [admission])?.kind == .authority)
  }

  @Test func aKeyThatMayNotActProvesNothing() throws {
    let officers = Array(SampleKeys.officers[0...1])
    let bank = try SampleKeys.bank(1)
    let key = PartyKey(party: .bank(1), key: bank.publicKey)
    for change in [
      LedgerModel.Operation.suspendKey(key), .revokeKey(key),
      .rotateKey(
        RotateKey(
          party: .bank(1), oldKey: bank.publicKey, newKey: Self.thief.publicKey,
          overlapUntil: LedgerTime(microseconds: 0))),
    ] {
      var forger = try Forger()
      let admission = try forger.append(
        try LogBuilder.admission(1, account: LogBuilder.settlement1), by: .issuer,
        signedBy: officers)
      let changed = try forger.append(change, by: .issuer, signedBy: officers)
      let order = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
      #expect(try forger.fault(order, [admission, changed])?.kind == .authority)
    }
  }

  /// An entry at a place that it does not name, and another ledger's genesis in this log.
  @Test func entriesStandWhereTheySay() throws {
    var forger = try Forger()
    let order = try forger.append(
      LogBuilder.issue(5, to: LogBuilder.settlement1, 9), by: .issuer,
      signedBy: Array(SampleKeys.officers[0...1]))
    #expect(try forger.fault(order, []) == nil)
    var moved = forger
    moved.log.records.swapAt(1, 2)
    #expect(
      try moved.fault(
        OrderProof(instruction: SequenceNumber(1), submission: SequenceNumber(2), path: []), [])?
        .kind == .inclusion)
    var copied = forger
    copied.log.records[0] = try LogBuilder(
      origin: "ledger.example/other", logKey: SampleKeys.otherLog
    ).log.records[0]
    let policy = "log \(forger.log.trust.logKey.vkey)\nquorum none\n"
    let trust = try AuditTrust(text: Array(policy.utf8))
    _ = try forger.evidence(order, []).check(trust)
    #expect(throws: EvidenceFault.self) { try copied.evidence(order, []).check(trust) }
  }

  /// A file has one form: no second key, no number in another form, no field of its own.
  @Test func aFileHasOneForm() throws {
    var forger = try Forger()
    let order = try forger.append(
      LogBuilder.issue(5, to: LogBuilder.settlement1, 9), by: .issuer,
      signedBy: Array(SampleKeys.officers[0...1]))
    let json = String(decoding: try forger.evidence(order, []).json, as: UTF8.self)
    _ = try PaymentEvidence(json: Array(json.utf8))
    for (old, new) in [
      ("\"instruction\":2", "\"instruction\":2,\"instruction\":2"),
      ("\"instruction\":2", "\"instruction\":2.0"), ("\"instruction\":2", "\"instruction\": 2"),
      ("\"key_orders\":[]", "\"key_orders\":[],\"more\":1"), ("}\n", "}"), ("}\n", "}\n\n"),
    ] {
      let other = json.replacing(old, with: new)
      #expect(other != json)
      #expect(throws: EvidenceFault.self, "\(new)") {
        try PaymentEvidence(json: Array(other.utf8))
      }
    }
  }
}
