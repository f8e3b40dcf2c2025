import LedgerCore
import LedgerModel
import LedgerService
import LedgerWire
import MerkleLog
import Testing

/// Goal: whoever reads sees what is its own and what is for all readers, and of the rest not even
/// that it exists.
@Suite struct AccessTests {
  private static let certificates = (1...5).map { number in
    SPKIHash(Bytes32(words: (0, 0, 0, UInt64(number))))
  }
  private static let readers: [Reader] = [
    .participant(ParticipantID(unchecked: "bank-1")),
    .participant(ParticipantID(unchecked: "bank-2")), .issuer, .auditor,
  ]

  /// Two banks that paid each other, and a certificate for each reader; the last is nobody's.
  private struct Scene {
    let test: TestLedger
    let ledger: Ledger
    let banks: [TestBank]
    let pay: SubmissionReceipt
    let own: SubmissionReceipt

    init() async throws {
      test = try TestLedger(version: .three)
      ledger = try test.open()
      banks = [
        try await TestBank(1, on: ledger, of: test), try await TestBank(2, on: ledger, of: test),
      ]
      let quorum = Array(test.officers[0...1])
      for (certificate, reader) in zip(certificates, readers) {
        let receipt = try await test.submit(
          [
            .registerCertificate(
              RegisterCertificate(
                reader: reader, certificate: certificate,
                validFrom: LedgerTime(microseconds: 0), validUntil: nil))
          ], of: .issuer, to: ledger, signedBy: quorum)
        #expect(receipt.instructions[0].outcome == .accepted)
      }
      pay = try await test.submit(
        [banks[0].pay(banks[1].wallets[0], 5)], of: banks[0].party, to: ledger,
        signedBy: [banks[0].key])
      own = try await test.submit(
        [banks[0].pay(banks[0].wallets[1], 5)], of: banks[0].party, to: ledger,
        signedBy: [banks[0].key])
      // Bank 2 registers a key of its own, and tries what it may not: about bank 1's certificates
      // and wallets.
      let (spare, key) = (SigningKey(seed: [UInt8](repeating: 99, count: 32)), banks[1].key)
      for operation in [
        LedgerModel.Operation.registerKey(
          RegisterKey(
            party: banks[1].party, key: spare.publicKey, validFrom: LedgerTime(microseconds: 0),
            validUntil: nil)),
        .registerCertificate(
          RegisterCertificate(
            reader: readers[0], certificate: certificates[4],
            validFrom: LedgerTime(microseconds: 0), validUntil: nil)),
        banks[0].pay(banks[1].wallets[0], 7), .closeWallet(banks[0].wallets[0]),
      ] {
        _ = try await test.submit([operation], of: banks[1].party, to: ledger, signedBy: [key])
      }
    }

    func access(_ reader: Reader) throws -> Access {
      let index = try #require(readers.firstIndex(of: reader))
      return ledger.access(of: certificates[index])
    }
  }

  @Test func aCertificateReadsForWhomItIsRegistered() async throws {
    let scene = try await Scene()
    for reader in Self.readers { #expect(try scene.access(reader) == .certificate([reader])) }
    let stranger = scene.ledger.access(of: Self.certificates[4])
    #expect(stranger == .certificate([]) && !stranger.isReader)
    // A revocation holds from the answer to it.
    let revoked = try await scene.test.submit(
      [
        .revokeCertificate(
          RevokeCertificate(reader: Self.readers[0], certificate: Self.certificates[0]))
      ], of: scene.banks[0].party, to: scene.ledger, signedBy: [scene.banks[0].key])
    #expect(revoked.instructions[0].outcome == .accepted)
    #expect(try scene.access(Self.readers[0]) == .certificate([]))
    await scene.test.stop(scene.ledger)
    // And after a restart.
    let reopened = try scene.test.open()
    #expect(reopened.access(of: Self.certificates[0]) == .certificate([]))
    #expect(reopened.access(of: Self.certificates[3]) == .certificate([.auditor]))
    await scene.test.stop(reopened)
  }

  @Test func accountsAreTheirParticipants() async throws {
    let scene = try await Scene()
    let ledger = scene.ledger
    let none = AccountID(Bytes16(high: 1, low: 2))
    for (index, bank) in scene.banks.enumerated() {
      let own = try scene.access(Self.readers[index])
      let other = try scene.access(Self.readers[1 - index])
      for account in bank.wallets + [bank.settlement] {
        for access in [own, try scene.access(.issuer), try scene.access(.auditor), .open] {
          #expect(
            try ledger.account(account, for: access) == ledger.account(account, for: .open))
          _ = try ledger.statement(
            of: account, for: access, filter: StatementFilter(), before: nil, linesMax: 9)
        }
        for access in [other, .certificate([])] {
          for id in [account, none] {
            #expect(throws: ReadError.notFound) { try ledger.account(id, for: access) }
            for before in [nil, scene.pay.instructions[0].sequence, SequenceNumber(1_000_000)] {
              #expect(throws: ReadError.notFound) {
                try ledger.statement(
                  of: id, for: access, filter: StatementFilter(), before: before, linesMax: 9)
              }
            }
          }
        }
      }
    }
    await scene.test.stop(ledger)
  }

  /// Goal: who reads for several sees what any of them sees.
  @Test func twoReadersSeeWhatEachSees() async throws {
    let scene = try await Scene()
    let ledger = scene.ledger
    // Its last checkpoint covers all.
    await ledger.stop()
    let size = ledger.status().size
    func seen(_ readers: Set<Reader>) -> Set<UInt64> {
      Set(
        (0..<size).filter {
          (try? ledger.proof(of: SequenceNumber($0), for: .certificate(readers))) != nil
        })
    }
    let alone = Self.readers.map { seen([$0]) }
    for (one, first) in zip(Self.readers, alone) {
      for (two, second) in zip(Self.readers, alone) {
        #expect(seen([one, two]) == first.union(second), "\(one) and \(two)")
      }
    }
    #expect(alone[0] != alone[1] && !alone[2].isSuperset(of: alone[0]))
  }

  @Test func outcomesAreTheirPartys() async throws {
    let scene = try await Scene()
    let ledger = scene.ledger
    let id = scene.own.instructions[0].id
    let unused = scene.test.nextID()
    for access in [
      try scene.access(Self.readers[0]), try scene.access(.issuer), try scene.access(.auditor),
    ] {
      guard case .executed = try ledger.status(of: id, party: nil, for: access) else {
        Testing.Issue.record("\(access) does not see it")
        continue
      }
    }
    let (own, other) = (scene.banks[0].party, scene.banks[1].party)
    let access = try scene.access(Self.readers[1])
    // Of itself it is told, and of the other's order nothing, whatever became of it.
    for party in [nil, other] {
      guard case .notYetKnown(other, _, _) = try ledger.status(of: id, party: party, for: access)
      else {
        Testing.Issue.record("\(party.map(\.description) ?? "-") is told something else")
        continue
      }
      #expect(
        try ledger.status(of: id, party: party, for: access)
          == ledger.status(of: unused, party: party, for: access))
    }
    for asked in [id, unused] {
      for party in [own, .issuer, .recovery] {
        #expect(throws: ReadError.anotherParty(party)) {
          try ledger.status(of: asked, party: party, for: access)
        }
      }
      let both = Access.certificate([Self.readers[0], Self.readers[1]])
      #expect(throws: ReadError.partyNeeded(["bank-1", "bank-2"])) {
        try ledger.status(of: asked, party: nil, for: both)
      }
    }
    #expect(throws: ReadError.notFound) {
      try ledger.status(of: id, party: nil, for: .certificate([]))
    }
    await scene.test.stop(ledger)
  }

  @Test func balancesOfOthersAreInNoList() async throws {
    let scene = try await Scene()
    let ledger = scene.ledger
    for (index, bank) in scene.banks.enumerated() {
      let access = try scene.access(Self.readers[index])
      let page = try ledger.participants(after: nil, countMax: 9, for: access)
      #expect(page.participants.map(\.participant.id) == scene.banks.map(\.id))
      for participant in page.participants {
        let isOwn = participant.participant.id == bank.id
        #expect(participant.settlementAccounts.allSatisfy { ($0.balance != nil) == isOwn })
      }
      let supply = ledger.supply(for: access)[0]
      #expect(supply.holdings.map(\.participant) == [bank.id])
      #expect(supply.issued == ledger.supply(for: .open)[0].issued)
    }
    for reader in [Reader.issuer, .auditor] {
      #expect(ledger.supply(for: try scene.access(reader)) == ledger.supply(for: .open))
    }
    #expect(ledger.supply(for: .certificate([])) == [])
    #expect(throws: ReadError.notFound) {
      try ledger.participants(after: nil, countMax: 9, for: .certificate([]))
    }
    await scene.test.stop(ledger)
  }

  /// Whom an order concerns, beside auditors.
  private static func readers(
    of entry: LogEntry, by party: Party, _ scene: Scene
  ) throws -> Set<Reader> {
    guard case .instruction(let bytes, let outcome) = entry.body else { return [] }
    var concerned: Set<Reader> = [.issuer]
    if case .participant(let id) = party { concerned.insert(.participant(id)) }
    let operation = try Instruction(canonicalBytes: bytes).operation
    switch operation {
    case .openWallet: concerned.remove(.issuer)
    case .admitParticipant: concerned.formUnion(readers)
    case _ where !outcome.isAccepted: break
    case .registerCertificate(let order): concerned.insert(order.reader)
    case .issue(let order):
      concerned.insert(order.payee == scene.banks[0].settlement ? readers[0] : readers[1])
    case .pay(let order) where order.payee == scene.banks[1].wallets[0]:
      concerned.insert(readers[1])
    default: break
    }
    return concerned
  }

  /// Method: each entry of the log and each reader, against a list by hand of whom it concerns.
  @Test func entriesAreForThoseWhomTheyConcern() async throws {
    let scene = try await Scene()
    let ledger = scene.ledger
    // Its last checkpoint covers all.
    await ledger.stop()
    let size = ledger.status().size
    let (bank1, bank2) = (Self.readers[0], Self.readers[1])
    var party = Party.issuer
    for sequence in 0..<size {
      let sequence = SequenceNumber(sequence)
      let proof = try ledger.proof(of: sequence, for: .open)
      let entry = try LogEntry(canonicalBytes: proof.entry)
      var expected: Set<Reader> = [.auditor]
      switch entry.body {
      case .genesis, .system: expected.formUnion(Self.readers)
      case .submission(let bytes, _):
        let statement = try Statement(canonicalBytes: bytes)
        party = statement.party
        expected.insert(.issuer)
        switch party {
        case .issuer, .recovery:
          // Whoever sees one of its orders.
          for place in 1...UInt64(statement.count) {
            let order = try ledger.proof(
              of: SequenceNumber(sequence.value + place), for: .open)
            expected.formUnion(
              try Self.readers(of: LogEntry(canonicalBytes: order.entry), by: party, scene))
          }
        case .participant(let id): expected.insert(.participant(id))
        }
      case .instruction:
        expected.formUnion(try Self.readers(of: entry, by: party, scene))
      }
      for reader in Self.readers {
        let seen = try? ledger.proof(of: sequence, for: try scene.access(reader))
        #expect((seen != nil) == expected.contains(reader), "entry \(sequence), \(reader)")
      }
      for (reader, bank) in zip([bank1, bank2], scene.banks) where expected.contains(reader) {
        let own = Set(bank.wallets + [bank.settlement])
        let seen = try ledger.proof(of: sequence, for: try scene.access(reader))
        #expect(seen.effects == proof.effects.filter { own.contains($0.account) })
      }
      #expect(try ledger.proof(of: sequence, for: try scene.access(.auditor)) == proof)
      if expected.contains(.issuer) {
        #expect(try ledger.proof(of: sequence, for: try scene.access(.issuer)).effects == [])
      }
      let stranger = try? ledger.proof(of: sequence, for: .certificate([]))
      #expect((stranger != nil) == (sequence == .genesis))
    }
    // What is not shown is answered as what there is not.
    #expect(throws: ReadError.notFound) {
      try ledger.proof(of: scene.own.sequence, for: try scene.access(bank2))
    }
    #expect(throws: ReadError.notFound) {
      try ledger.proof(of: SequenceNumber(size + 5), for: try scene.access(bank2))
    }
  }
}
