import LedgerModel

extension LedgerState {
  mutating func register(
    _ order: RegisterCertificate, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    try checkReader(order.reader)
    if let entry = certificates.entry(order.certificate, of: order.reader) {
      guard entry.isSpent(at: time) else { throw .certificateExists(order.certificate) }
    }
    // Nobody adds what he may show to another's certificate, unasked.
    if case .participant = submission.party,
      certificates.isTaken(order.certificate, beside: order.reader, at: time)
    {
      throw .certificateTaken(order.certificate)
    }
    if let until = order.validUntil {
      guard order.validFrom < until, time < until else {
        throw .certificateValidityEmpty(order.certificate)
      }
    }
    let entries = certificates.entries(of: order.reader)
    let inForce = entries.count { !$0.isSpent(at: time) }
    guard inForce < Limits.certificatesPerReaderMax,
      entries.count < Limits.certificatesEverPerReaderMax
    else { throw .certificatesFull(order.reader) }

    certificates.add(
      order.certificate, to: order.reader, from: order.validFrom, until: order.validUntil)
    return Done(changes: [.certificates])
  }

  mutating func revoke(_ order: RevokeCertificate) throws(Rejection) -> Done {
    try checkReader(order.reader)
    guard let entry = certificates.entry(order.certificate, of: order.reader) else {
      throw .certificateUnknown(order.certificate)
    }
    guard !entry.isRevoked else { throw .certificateRevoked(order.certificate) }

    certificates.revoke(order.certificate, of: order.reader)
    return Done(changes: [.certificates])
  }

  private func checkReader(_ reader: Reader) throws(Rejection) {
    if case .participant(let id) = reader { _ = try participantIndex(id) }
  }

  /// Those that may have certificates, in the order in which a snapshot has them.
  static func readers(_ participants: [ParticipantState]) -> [Reader] {
    [.issuer, .auditor] + participants.map { .participant($0.id) }
  }
}
