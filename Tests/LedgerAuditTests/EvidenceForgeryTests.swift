import LedgerAudit
import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: whoever has the log key alone makes no file that proves an order which its party did not
/// give, or could not.
///
/// Method: logs are written as the holder of the log key could. Each file is checked by the program
/// and by the script that has nothing of ours, and both must say the same.
@Suite struct EvidenceForgeryTests {
  private static let officers = SampleKeys.officers
  private static let quorum = Array(SampleKeys.officers[0...1])
  private static let recovery = SampleKeys.recovery
  private static let thieves = [77, 78].map {
    SigningKey(seed: [UInt8](repeating: $0, count: 32))
  }
  private static let thief = thieves[0]
  private static let pay = LedgerModel.Operation.pay(
    LogBuilder.transfer(LogBuilder.wallet1, LogBuilder.wallet3, 99_999))
  private static let issue = LogBuilder.issue(5, to: LogBuilder.settlement1, 9)

  private static func registration(
    _ key: SigningKey, of party: Party = .bank(1), until: LedgerTime? = nil
  ) -> LedgerModel.Operation {
    .registerKey(
      RegisterKey(
        party: party, key: key.publicKey, validFrom: LedgerTime(microseconds: 0),
        validUntil: until))
  }

  private static func partyKey(_ key: SigningKey, of party: Party) -> PartyKey {
    PartyKey(party: party, key: key.publicKey)
  }

  /// A log in which bank 1 is admitted, and where.
  private static func admitted() throws -> (forger: EvidenceForger, admission: OrderProof) {
    var forger = try EvidenceForger()
    let admission = try forger.append(
      try LogBuilder.admission(1, account: LogBuilder.settlement1), by: .issuer, signedBy: quorum)
    return (forger, admission)
  }

  @Test func aRegistrationNeedsWhoMayRegister() throws {
    var cases: [EvidenceCase] = []
    // By the thief himself, by one officer of the two needed, and by two.
    for (name, keys, kind) in [
      ("thief", [Self.thief], EvidenceFault.Kind.authority),
      ("officer", [Self.officers[0]], .authority), ("officers", Self.quorum, nil),
    ] {
      var forger = try EvidenceForger()
      let registration = try forger.append(
        Self.registration(Self.thief), by: .issuer, signedBy: keys)
      let order = try forger.append(Self.pay, by: .bank(1), signedBy: [Self.thief])
      cases.append(try forger.sample("by \(name)", order, [registration], fault: kind))
      cases.append(try forger.sample("without the registration", order, fault: .authority))
    }
    try EvidenceCase.expect(cases)
  }

  @Test func aBankOrdersAboutItsOwnKeysAlone() throws {
    var (forger, admission) = try Self.admitted()
    let bank = try SampleKeys.bank(1)
    let other = try forger.append(
      Self.registration(Self.thief, of: .bank(2)), by: .bank(1), signedBy: [bank])
    let order = try forger.append(Self.pay, by: .bank(2), signedBy: [Self.thief])
    let own = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
    let issue = try forger.append(Self.issue, by: .bank(1), signedBy: [bank])
    let reinstated = try forger.append(
      .reinstateKey(Self.partyKey(Self.thief, of: .bank(1))), by: .bank(1), signedBy: [bank])
    try EvidenceCase.expect([
      try forger.sample("a key of another bank", order, [admission, other], fault: .authority),
      try forger.sample("its own", own, [admission]),
      try forger.sample("an issuance by a bank", issue, [admission], fault: .authority),
      try forger.sample("its own reinstatement", reinstated, [admission], fault: .authority),
    ])
  }

  /// Who may order what about whose keys, with one signature and with two.
  @Test func keyOrdersNeedTheQuorumOfTheTable() throws {
    var cases: [EvidenceCase] = []
    func expect(
      _ name: String, _ operation: LedgerModel.Operation, by party: Party,
      _ keys: [SigningKey], isGranted: Bool
    ) throws {
      var forger = try EvidenceForger()
      let order = try forger.append(operation, by: party, signedBy: keys)
      cases.append(try forger.sample(name, order, fault: isGranted ? nil : .authority))
    }
    for (subject, party, keys) in [
      (Party.issuer, Party.issuer, Self.officers), (.recovery, .recovery, Self.recovery),
      (.recovery, .issuer, Self.officers), (.issuer, .recovery, Self.recovery),
    ] {
      let own = subject == party
      let about = Self.partyKey(keys[2], of: subject)
      for (name, order) in [
        ("register", Self.registration(Self.thief, of: subject)),
        (
          "rotate",
          .rotateKey(
            RotateKey(
              party: subject, oldKey: keys[1].publicKey, newKey: Self.thief.publicKey,
              overlapUntil: LedgerTime(microseconds: 0)))
        ),
        ("suspend", .suspendKey(about)), ("reinstate", .reinstateKey(about)),
        ("revoke", .revokeKey(about)),
      ] {
        let words = "\(party) \(name) of \(subject)"
        // A reinstatement of recovery's is recovery's; of the issuer's, the issuer's.
        try expect("\(words) by one", order, by: party, [keys[0]], isGranted: false)
        try expect("\(words) by two", order, by: party, Array(keys[0...1]), isGranted: own)
      }
      try expect(
        "\(party) suspends its own key", .suspendKey(Self.partyKey(keys[0], of: subject)),
        by: party, [keys[0]], isGranted: own)
      try expect(
        "\(party) revokes with the key concerned", .revokeKey(about), by: party,
        Array(keys[1...2]), isGranted: false)
    }
    let officers = Self.thieves.map(\.publicKey)
    try expect(
      "one replaces", .replaceOfficers(officers), by: .recovery, [Self.recovery[0]],
      isGranted: false)
    try expect(
      "two replace", .replaceOfficers(officers), by: .recovery, Array(Self.recovery[0...1]),
      isGranted: true)
    try expect(
      "officers replace", .replaceOfficers(officers), by: .issuer, Self.officers, isGranted: false)
    try expect(
      "one officer suspends a bank's key",
      .suspendKey(Self.partyKey(Self.thief, of: .bank(1))), by: .issuer, [Self.officers[0]],
      isGranted: true)
    try expect("one issues", Self.issue, by: .issuer, [Self.officers[0]], isGranted: false)
    try expect("recovery issues", Self.issue, by: .recovery, Self.recovery, isGranted: false)
    try EvidenceCase.expect(cases)
  }

  /// One recovery key registers a second alone; the two replace the officers, and those issue.
  @Test func oneRecoveryKeyDoesNotReplaceTheOfficers() throws {
    var forger = try EvidenceForger()
    let registered = try forger.append(
      Self.registration(Self.thief, of: .recovery), by: .recovery, signedBy: [Self.recovery[0]])
    let replaced = try forger.append(
      .replaceOfficers(Self.thieves.map(\.publicKey)), by: .recovery,
      signedBy: [Self.recovery[0], Self.thief])
    let issued = try forger.append(Self.issue, by: .issuer, signedBy: Self.thieves)
    try EvidenceCase.expect([
      try forger.sample("issuance", issued, [registered, replaced], fault: .authority)
    ])
  }

  @Test func aKeyThatMayNotActProvesNothing() throws {
    let bank = try SampleKeys.bank(1)
    let key = Self.partyKey(bank, of: .bank(1))
    var cases: [EvidenceCase] = []
    for (name, change) in [
      ("suspended", LedgerModel.Operation.suspendKey(key)), ("revoked", .revokeKey(key)),
      (
        "rotated",
        .rotateKey(
          RotateKey(
            party: .bank(1), oldKey: bank.publicKey, newKey: Self.thief.publicKey,
            overlapUntil: LedgerTime(microseconds: 0)))
      ),
    ] {
      var (forger, admission) = try Self.admitted()
      let changed = try forger.append(change, by: .issuer, signedBy: Self.quorum)
      let order = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
      cases.append(try forger.sample(name, order, [admission, changed], fault: .authority))
      let back = try forger.append(.reinstateKey(key), by: .issuer, signedBy: Self.quorum)
      let later = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
      let isLifted = name == "suspended"
      cases.append(
        try forger.sample(
          "\(name) and reinstated", later, [admission, changed, back],
          fault: isLifted ? nil : .authority))
    }
    try EvidenceCase.expect(cases)
  }

  /// Of two ends the earlier one holds.
  @Test func aRotationRevivesNoKey() throws {
    var (forger, admission) = try Self.admitted()
    let bank = try SampleKeys.bank(1)
    let end = forger.time.moved(seconds: 5)
    let registered = try forger.append(
      Self.registration(Self.thief, until: end), by: .bank(1), signedBy: [bank])
    let rotated = try forger.append(
      .rotateKey(
        RotateKey(
          party: .bank(1), oldKey: Self.thief.publicKey, newKey: Self.thieves[1].publicKey,
          overlapUntil: end.moved(seconds: 60))), by: .bank(1), signedBy: [bank])
    let before = try forger.append(Self.pay, by: .bank(1), signedBy: [Self.thief])
    let after = try forger.append(Self.pay, by: .bank(1), signedBy: [Self.thief], at: end)
    let keyOrders = [admission, registered, rotated]
    try EvidenceCase.expect([
      try forger.sample("before its end", before, keyOrders),
      try forger.sample("at its end", after, keyOrders, fault: .authority),
    ])
  }

  /// The reserved words are no participants: whoever may admit some would be the issuer otherwise.
  @Test func noParticipantIsAnOffice() throws {
    var cases: [EvidenceCase] = []
    for (name, party) in [("issuer", Party.issuer), ("recovery", .recovery)] {
      var forger = try EvidenceForger()
      let admitted = try forger.append(
        .admitParticipant(
          AdmitParticipant(
            participant: ParticipantID(unchecked: name), name: ParticipantName(unchecked: name),
            keys: Self.thieves.map(\.publicKey),
            settlementAccounts: [
              NewSettlementAccount(account: LogBuilder.settlement1, currency: .cny)
            ])), by: .issuer, signedBy: Self.quorum)
      let officers = Self.thieves.map(\.publicKey)
      let order = try forger.append(
        party == .issuer ? Self.issue : .replaceOfficers(officers), by: party,
        signedBy: Self.thieves)
      cases.append(try forger.sample(name, order, [admitted], fault: .statement))
    }
    try EvidenceCase.expect(cases)
  }

  /// Of a key of small order anybody can make signatures: S-3 refuses them.
  @Test func aKeyOfSmallOrderSignsNothing() throws {
    var first = try EvidenceForger()
    let identity = [1] + [UInt8](repeating: 0, count: 31)
    let weak = try [[UInt8](repeating: 0, count: 32), identity].map {
      PublicKey(try #require(Bytes32($0)))
    }
    let admission = try first.append(
      .admitParticipant(
        AdmitParticipant(
          participant: .example(1), name: ParticipantName(unchecked: "Bank"),
          keys: [try SampleKeys.bank(1).publicKey] + weak,
          settlementAccounts: [
            NewSettlementAccount(account: LogBuilder.settlement1, currency: .cny)
          ])), by: .issuer, signedBy: Self.quorum)
    var cases: [EvidenceCase] = []
    for key in weak {
      // A quarter of them would hold where nobody looks at the key.
      for second in 1...16 {
        var forger = first
        let order = try forger.append(
          Self.pay, by: .bank(1), signedBy: [], expiry: forger.time.moved(seconds: Int64(second)),
          more: [
            StatementSignature(
              key: key,
              signature: identity + [UInt8](repeating: 0, count: 32))
          ])
        cases.append(
          try forger.sample("\(key), \(second)", order, [admission], fault: .signature))
      }
    }
    try EvidenceCase.expect(cases)
  }

  /// What no ledger can have accepted, whatever else it knows, is not shown as proven.
  @Test func anImpossibleDecisionIsNotProven() throws {
    let bank = try SampleKeys.bank(1)
    let noEnd = LedgerTime(microseconds: 0)
    var cases: [EvidenceCase] = []
    func add(
      _ name: String, _ operation: LedgerModel.Operation, by party: Party,
      _ keys: [SigningKey], outcome: LoggedOutcome = .accepted
    ) throws {
      var (forger, admission) = try Self.admitted()
      let order = try forger.append(operation, by: party, signedBy: keys, outcome: outcome)
      var sample = try forger.sample(
        name, order, party == .bank(1) ? [admission] : [], fault: .authority)
      sample.isForScript = false
      cases.append(sample)
    }
    try add("the key again", Self.registration(bank), by: .bank(1), [bank])
    try add("the log's key", Self.registration(SampleKeys.log), by: .bank(1), [bank])
    try add(
      "a key of the past", Self.registration(Self.thief, until: .example), by: .bank(1), [bank])
    try add(
      "by itself",
      .rotateKey(
        RotateKey(
          party: .bank(1), oldKey: bank.publicKey, newKey: bank.publicKey, overlapUntil: noEnd)),
      by: .bank(1), [bank])
    try add(
      "an unknown key by itself",
      .rotateKey(
        RotateKey(
          party: .bank(1), oldKey: Self.thief.publicKey, newKey: Self.thief.publicKey,
          overlapUntil: noEnd)), by: .bank(1), [bank])
    try add(
      "one officer is left", .replaceOfficers([Self.thief.publicKey]), by: .recovery,
      Array(Self.recovery[0...1]))
    try add(
      "of a later version", .linkAccount(LogBuilder.wallet1, to: nil), by: .bank(1), [bank])
    try add(
      "a duplicate of what comes", Self.pay, by: .bank(1), [bank],
      outcome: .duplicate(of: SequenceNumber(99)))
    try add(
      "a duplicate of the genesis", Self.pay, by: .bank(1), [bank],
      outcome: .duplicate(of: .genesis))
    try EvidenceCase.expect(cases)
  }

  /// A submission's entries follow it without a gap, and each entry links to the one before.
  @Test func entriesAreWhereTheyMustBe() throws {
    var (forger, admission) = try Self.admitted()
    let bank = try SampleKeys.bank(1)
    let order = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
    let place = Int(order.instruction.value)
    let entry = try LogEntry(canonicalBytes: forger.log.records[place].entry)
    var unlinked = forger
    unlinked.log.records[place] = SampleLog.Record(
      entry: LogEntry(
        sequence: entry.sequence, time: entry.time, previous: .zero, body: entry.body
      ).canonicalBytes)
    try EvidenceCase.expect([
      try forger.sample("linked", order, [admission]),
      try unlinked.sample("unlinked", order, [admission], fault: .inclusion),
    ])
  }

  /// A key that was, is not registered again, nor is the log's; no key is for no time.
  @Test func anImpossibleOrderAboutKeysMakesNoKey() throws {
    let bank = try SampleKeys.bank(1)
    var cases: [EvidenceCase] = []
    for (name, change) in [
      ("again", Self.registration(bank)), ("the log's", Self.registration(SampleKeys.log)),
      ("of the past", Self.registration(Self.thief, until: .example)),
      ("replaced by themselves", .replaceOfficers(SampleKeys.officers.map(\.publicKey))),
    ] {
      var (forger, admission) = try Self.admitted()
      let party = change.name == "replace-officers" ? Party.recovery : .issuer
      let changed = try forger.append(
        change, by: party,
        signedBy: party == .issuer ? Self.quorum : Array(Self.recovery[0...1]))
      let signer =
        switch name {
        case "again": bank
        case "the log's": SampleKeys.log
        default: Self.thief
        }
      let order =
        party == .issuer
        ? try forger.append(Self.pay, by: .bank(1), signedBy: [signer])
        : try forger.append(Self.issue, by: .issuer, signedBy: Self.quorum)
      cases.append(
        try forger.sample(
          name, order, name == "again" ? [admission, changed] : [changed],
          fault: .authority))
    }
    try EvidenceCase.expect(cases)
  }

  /// The ledger refuses all orders of a suspended participant; a refusal proves that it was given.
  @Test func aSuspendedParticipantIsNotObeyed() throws {
    var (forger, admission) = try Self.admitted()
    let bank = try SampleKeys.bank(1)
    let standing = ParticipantStanding(participant: .example(1), legalReference: .example)
    let suspended = try forger.append(
      .suspendParticipant(standing), by: .issuer, signedBy: [Self.officers[0]])
    let accepted = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
    let refused = try forger.append(
      Self.pay, by: .bank(1), signedBy: [bank],
      outcome: .rejected(code: .participantSuspended, rule: nil, pack: nil))
    let reinstated = try forger.append(
      .reinstateParticipant(standing), by: .issuer, signedBy: Self.quorum)
    let later = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
    try EvidenceCase.expect([
      try forger.sample("accepted", accepted, [admission, suspended], fault: .authority),
      try forger.sample("refused", refused, [admission, suspended]),
      try forger.sample("reinstated", later, [admission, suspended, reinstated]),
    ])
  }

  /// Expiry and id lie within their windows, edges included, and time does not go back.
  @Test func anOrderIsOfItsTime() throws {
    let (first, admission) = try Self.admitted()
    let bank = try SampleKeys.bank(1)
    let horizon = Parameters.standard.participantHorizonMicroseconds
    let time = LedgerTime(microseconds: first.time.microseconds / 1_000 * 1_000)
    let ahead = time.advanced(byMicroseconds: horizon)
    let behind = LedgerTime(microseconds: time.microseconds - horizon)
    func moved(_ time: LedgerTime, _ microseconds: Int64) -> LedgerTime {
      time.moved(microseconds: microseconds)
    }
    var cases: [EvidenceCase] = []
    func add(
      _ name: String, expiry: LedgerTime? = nil, made: LedgerTime? = nil,
      outcome: LoggedOutcome = .accepted, at instant: LedgerTime? = nil,
      _ kind: EvidenceFault.Kind? = nil
    ) throws {
      var forger = first
      let order = try forger.append(
        Self.pay, by: .bank(1), signedBy: [bank], at: instant ?? time, expiry: expiry,
        made: made, outcome: outcome)
      cases.append(try forger.sample(name, order, [admission], fault: kind))
    }
    let refusal = LoggedOutcome.rejected(code: .idTooOld, rule: nil, pack: nil)
    try add("expired", expiry: time, .statement)
    try add("expired and refused", expiry: time, outcome: refusal, .statement)
    try add("expires next", expiry: moved(time, 1))
    try add("expires last", expiry: ahead)
    try add("expires too late", expiry: moved(ahead, 1), .statement)
    try add("oldest id", made: behind)
    try add("too old an id", made: moved(behind, -1_000), .statement)
    try add("too old and refused", made: moved(behind, -1_000), outcome: refusal)
    try add("id ahead", made: moved(time, 60_000_000))
    try add("id too far ahead", made: moved(time, 60_001_000), .statement)
    try add("before the admission", at: moved(.example, 1), .inclusion)
    var forger = first
    let order = try forger.append(Self.pay, by: .bank(1), signedBy: [bank])
    let last = try LogEntry(canonicalBytes: forger.log.records[Int(order.instruction.value)].entry)
    forger.log.records.removeLast()
    forger.append(last.body, moved(last.time, 1))
    cases.append(try forger.sample("not with its submission", order, [admission], fault: .form))
    try EvidenceCase.expect(cases)
  }

  /// An entry at a place that it does not name, and another ledger's genesis in this log.
  @Test func entriesStandWhereTheySay() throws {
    var forger = try EvidenceForger()
    let order = try forger.append(Self.issue, by: .issuer, signedBy: Self.quorum)
    var moved = forger
    moved.log.records.swapAt(1, 2)
    var copied = try EvidenceForger()
    copied.log.records[0] = try LogBuilder(
      origin: "ledger.example/other", logKey: SampleKeys.otherLog
    ).log.records[0]
    _ = try copied.append(Self.issue, by: .issuer, signedBy: Self.quorum)
    try EvidenceCase.expect([
      try forger.sample("genuine", order),
      try moved.sample(
        "swapped",
        OrderProof(instruction: SequenceNumber(1), submission: SequenceNumber(2), path: []),
        fault: .inclusion),
      try copied.sample("another's genesis", order, fault: .genesis),
    ])
    let policy = "log \(forger.log.trust.logKey.vkey)\nquorum none\n"
    let trust = try AuditTrust(text: Array(policy.utf8))
    _ = try forger.evidence(order).check(trust)
    #expect(throws: EvidenceFault.self) { try copied.evidence(order).check(trust) }
  }

  /// Whoever takes the ledger's id from the file would take any genesis for the officers'.
  @Test func aGenesisIsSignedByItsOfficers() throws {
    var forger = try EvidenceForger(isGenesisSigned: false)
    let order = try forger.append(Self.issue, by: .issuer, signedBy: Self.quorum)
    try EvidenceCase.expect([try forger.sample("unsigned", order, fault: .genesis)])
    let policy = "log \(forger.log.trust.logKey.vkey)\nquorum none\n"
    let trust = try AuditTrust(text: Array(policy.utf8))
    let evidence = try forger.evidence(order)
    #expect { try evidence.check(trust) } throws: { ($0 as? EvidenceFault)?.kind == .genesis }
  }

  /// What is signed has one encoding.
  @Test func aStatementHasOneEncoding() throws {
    var cases: [EvidenceCase] = []
    for (name, bend) in [
      ("an unknown field", { $0 + [0x32, 0x01, 0x01] }),
      ("a field twice", { $0 + $0.suffix(34) }),
      ("a number that is longer than it must be", { Array($0.prefix(34)) + Self.longCount($0) }),
    ] as [(String, ([UInt8]) -> [UInt8])] {
      var forger = try EvidenceForger()
      let order = try forger.append(
        Self.issue, by: .issuer, signedBy: Self.quorum, bend: bend)
      cases.append(try forger.sample(name, order, fault: .statement))
    }
    try EvidenceCase.expect(cases)
  }

  /// Behind the ledger's id: the party, and a count of one in two bytes.
  private static func longCount(_ statement: [UInt8]) -> [UInt8] {
    let rest = Array(statement.dropFirst(34))
    let count = 2 + Int(rest[1])
    return Array(rest[..<count]) + [0x18, 0x81, 0x00] + rest[(count + 2)...]
  }
}
