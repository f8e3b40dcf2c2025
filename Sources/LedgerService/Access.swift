package import LedgerModel

/// What whoever asks may see.
///
/// - Source: docs/THREATS.md, "Who sees what".
package enum Access: Hashable, Sendable {
  /// All: whoever reaches a server without TLS is on its machine.
  case open
  /// What a certificate reads for: nothing that is not public where it is registered for nobody.
  case certificate(Set<Reader>)

  /// Whether it reads at all.
  package var isReader: Bool {
    switch self {
    case .open: true
    case .certificate(let readers): !readers.isEmpty
    }
  }

  /// Whether it sees what holds wallets' owners and side data: all.
  package var isAuditor: Bool {
    switch self {
    case .open: true
    case .certificate(let readers): readers.contains(.auditor)
    }
  }

  /// Whether it sees all accounts.
  package var seesAllAccounts: Bool {
    switch self {
    case .open: true
    case .certificate(let readers): readers.contains(.auditor) || readers.contains(.issuer)
    }
  }

  /// Whether it reads for a reader.
  package func sees(_ reader: Reader) -> Bool {
    switch self {
    case .open: true
    case .certificate(let readers): readers.contains(reader)
    }
  }

  /// The participants that it reads for; none where it is not known who asks.
  package var participants: [ParticipantID] {
    switch self {
    case .open: []
    case .certificate(let readers):
      readers.compactMap { if case .participant(let id) = $0 { id } else { nil } }
    }
  }

  /// Whether it sees a participant's accounts and orders.
  package func sees(_ participant: ParticipantID) -> Bool {
    switch self {
    case .open: true
    case .certificate(let readers):
      seesAllAccounts || readers.contains(.participant(participant))
    }
  }

  /// Whether it sees what a party ordered.
  package func sees(_ party: Party) -> Bool {
    switch party {
    case .issuer, .recovery: seesAllAccounts
    case .participant(let id): sees(id)
    }
  }
}
