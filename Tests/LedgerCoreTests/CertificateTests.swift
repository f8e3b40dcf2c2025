import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// Orders about certificates, on a ledger of version 3.
@Suite struct CertificateTests {
  static let codes: Set<RejectionCode> = [
    .certificateUnknown, .certificateExists, .certificateTaken, .certificateRevoked,
    .certificateValidityEmpty,
    .certificatesFull,
  ]

  private static func opened() -> ExampleLedger { .opened(.example(version: .three)) }

  /// Goal: whoever may order it does, and nobody else; one signature ends a reading.
  @Test func needsWhoMayOrder() {
    let bank1 = Reader.participant(.example(1))
    let cases: [(Operation, Party, signers: [Int], RejectionCode?)] = [
      (.letRead(1, bank1), .bank(1), [1_001], nil),
      (.letRead(1, bank1), .bank(2), [2_001], .wrongRole),
      (.letRead(1, bank1), .issuer, [1, 2], nil), (.letRead(1, bank1), .issuer, [1], .quorumNotMet),
      (.letRead(1, bank1), .recovery, [101, 102], .wrongRole),
      (.letRead(1, .issuer), .issuer, [1, 2], nil),
      (.letRead(1, .issuer), .issuer, [2], .quorumNotMet),
      (.letRead(1, .issuer), .bank(1), [1_001], .wrongRole),
      (.letRead(1, .auditor), .issuer, [1, 2], nil),
      (.letRead(1, .auditor), .issuer, [1], .quorumNotMet),
      (.letRead(1, .auditor), .bank(1), [1_001], .wrongRole),
    ]
    for (order, party, signers, code) in cases {
      var ledger = Self.opened()
      #expect(ledger.order(order, by: party, signers: signers).code == code, "\(order) \(party)")
    }
    for reader in [bank1, .issuer, .auditor] {
      var ledger = Self.opened()
      #expect(ledger.order(.letRead(1, reader)) == .accepted)
      #expect(ledger.order(.stopReading(1, reader), by: .bank(2)).code == .wrongRole)
      #expect(ledger.order(.stopReading(1, reader), signers: [3]) == .accepted)
    }
    var ledger = Self.opened()
    #expect(ledger.order(.letRead(1, bank1), by: .bank(1)) == .accepted)
    #expect(ledger.order(.stopReading(1, bank1), by: .bank(1)) == .accepted)
  }

  /// Goal: each way in which a certificate cannot be registered or revoked is told, what comes
  /// first in the order of declaration first.
  @Test func cannotBeOrdered() {
    let bank1 = Reader.participant(.example(1))
    let bank3 = Reader.participant(.example(3))
    var ledger = Self.opened()
    #expect(ledger.order(.letRead(1, bank1)) == .accepted)
    #expect(ledger.order(.letRead(2, bank1)) == .accepted)
    #expect(ledger.order(.stopReading(2, bank1)) == .accepted)
    let now = ledger.state.time
    let cases: [(Operation, Rejection)] = [
      (.letRead(1, bank3, until: .example), .participantUnknown(.example(3))),
      (.stopReading(1, bank3), .participantUnknown(.example(3))),
      (.letRead(1, bank1, until: .example), .certificateExists(SPKIHash(.example(1)))),
      (.stopReading(3, bank1), .certificateUnknown(SPKIHash(.example(3)))),
      (.stopReading(1, .auditor), .certificateUnknown(SPKIHash(.example(1)))),
      (.stopReading(2, bank1), .certificateRevoked(SPKIHash(.example(2)))),
      (.letRead(3, bank1, until: now), .certificateValidityEmpty(SPKIHash(.example(3)))),
      (
        .letRead(3, bank1, from: now.moved(seconds: 9), until: now.moved(seconds: 9)),
        .certificateValidityEmpty(SPKIHash(.example(3)))
      ),
    ]
    for (order, rejection) in cases {
      let before = PublicState(of: ledger.state)
      #expect(ledger.order(order) == .rejected(rejection), "\(order)")
      #expect(PublicState(of: ledger.state).isEqualButForTime(to: before), "\(order)")
    }
  }

  /// Goal: a certificate reads for each of its readers from its beginning until just before its
  /// end, and no longer than it is registered.
  @Test func readsWhileItIsValid() {
    let (bank1, bank2) = (Reader.participant(.example(1)), Reader.participant(.example(2)))
    let certificate = SPKIHash(.example(1))
    var ledger = Self.opened()
    let now = ledger.state.time
    let (from, until) = (now.moved(seconds: 10), now.moved(seconds: 20))
    #expect(ledger.order(.letRead(1, bank1, from: from, until: until), by: .bank(1)) == .accepted)
    // A bank adds nothing to another's certificate; the officers may.
    #expect(ledger.order(.letRead(1, bank2), by: .bank(2)).code == .certificateTaken)
    #expect(ledger.order(.letRead(1, bank2)) == .accepted)
    func readers(_ time: LedgerTime) -> Set<Reader> {
      ledger.state.certificates.readers(of: certificate, at: time)
    }
    #expect(readers(from.moved(microseconds: -1)) == [bank2])
    #expect(readers(from) == [bank1, bank2])
    #expect(readers(until.moved(microseconds: -1)) == [bank1, bank2])
    #expect(readers(until) == [bank2])
    #expect(ledger.order(.stopReading(1, bank1), by: .bank(1)) == .accepted)
    #expect(readers(from) == [bank2])
    #expect(ledger.state.certificates.readers(of: SPKIHash(.example(2)), at: from) == [])
    // What was revoked may be registered anew.
    #expect(ledger.order(.letRead(1, bank1), by: .bank(1)).code == .certificateTaken)
    #expect(ledger.order(.letRead(1, bank1)) == .accepted)
    #expect(readers(from) == [bank1, bank2])
    #expect(ledger.order(.stopReading(1, bank2), by: .bank(2)) == .accepted)
    #expect(ledger.order(.stopReading(1, bank1), by: .bank(1)) == .accepted)
    #expect(ledger.order(.letRead(1, bank2), by: .bank(2)) == .accepted)
    #expect(readers(until.moved(seconds: 9)) == [bank2])
  }

  /// Goal: a reader has 64 certificates in force, and then `certificates_full`; a revoked or ended
  /// one makes room, until there were 4,096 registrations.
  @Test func certificatesFull() {
    let bank1 = Reader.participant(.example(1))
    var ledger = Self.opened()
    for number in 1...63 {
      #expect(ledger.order(.letRead(number, bank1), by: .bank(1)) == .accepted)
    }
    let soon = ledger.state.time.moved(seconds: 1)
    #expect(ledger.order(.letRead(64, bank1, until: soon), by: .bank(1)) == .accepted)
    let full = Outcome.rejected(.certificatesFull(bank1))
    #expect(ledger.order(.letRead(65, bank1), by: .bank(1)) == full)
    #expect(
      ledger.order(.letRead(5_000, .participant(.example(2))), by: .bank(2)) == .accepted)
    ledger.wait(seconds: 1)
    #expect(ledger.order(.letRead(65, bank1), by: .bank(1)) == .accepted)
    #expect(ledger.order(.letRead(66, bank1), by: .bank(1)) == full)
    for number in 66...4_096 {
      #expect(ledger.order(.stopReading(number - 1, bank1), by: .bank(1)) == .accepted)
      #expect(ledger.order(.letRead(number, bank1), by: .bank(1)) == .accepted)
    }
    #expect(ledger.order(.stopReading(4_096, bank1), by: .bank(1)) == .accepted)
    #expect(ledger.order(.letRead(1_000, bank1), by: .bank(1)) == full)
    #expect(ledger.order(.letRead(4_097, bank1), by: .bank(1)) == full)
  }

  /// Goal: ledgers of earlier versions have none.
  @Test func needsVersionThree() {
    for version in [StateMachineVersion.one, .two] {
      var ledger = ExampleLedger.opened(.example(version: version))
      for order in [Operation.letRead(1, .auditor), .stopReading(1, .auditor)] {
        #expect(
          ledger.order(order)
            == .rejected(.notInVersion(operation: order.name, needs: .three)))
      }
    }
  }
}

extension Operation {
  fileprivate static func letRead(
    _ certificate: Int, _ reader: Reader, from: LedgerTime = .example, until: LedgerTime? = nil
  ) -> Operation {
    .registerCertificate(
      RegisterCertificate(
        reader: reader, certificate: SPKIHash(.example(certificate)), validFrom: from,
        validUntil: until))
  }

  fileprivate static func stopReading(_ certificate: Int, _ reader: Reader) -> Operation {
    .revokeCertificate(
      RevokeCertificate(reader: reader, certificate: SPKIHash(.example(certificate))))
  }
}
