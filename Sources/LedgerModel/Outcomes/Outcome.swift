/// What the ledger answered to one instruction.
public enum Outcome: Hashable, Sendable {
  case accepted
  /// Accepted, and rules had something to say; boxed as a rejection.
  indirect case remarked([Remark])
  /// Boxed, since most outcomes are none and an outcome is held for each instruction.
  indirect case rejected(Rejection)
  /// The same order was decided before, at that number.
  case duplicate(of: SequenceNumber)

  /// Whether the order was carried out.
  public var isAccepted: Bool {
    switch self {
    case .accepted, .remarked: true
    case .rejected, .duplicate: false
    }
  }

  /// Whether the entry is the one that its id is remembered by: not a copy, and not a refusal that
  /// left the id free.
  public var isFirstUse: Bool {
    switch self {
    case .accepted, .remarked: true
    case .rejected(let rejection): !rejection.leavesIDFree
    case .duplicate: false
    }
  }
}

/// What an account is for.
public enum AccountKind: Hashable, Sendable, CustomStringConvertible {
  /// The one account of a currency that may be negative.
  case issuance
  /// A participant's account in central-bank money.
  case settlement
  /// A customer's account at a participant.
  case wallet

  public var description: String {
    switch self {
    case .issuance: "issuance account"
    case .settlement: "settlement account"
    case .wallet: "wallet"
    }
  }
}

/// What one accepted entry did to one account.
public struct PostingEffect: Hashable, Sendable {
  public let account: AccountID
  /// After the entry.
  public let balance: Balance
  /// The entry before this one that changed the account; `nil` for the first.
  public let previous: SequenceNumber?

  public init(account: AccountID, balance: Balance, previous: SequenceNumber?) {
    self.account = account
    self.balance = balance
    self.previous = previous
  }
}

/// Why a submission was dropped at the door or by the sequencer: whole, unlogged and counted.
///
/// In order of precedence: the first case that holds is the answer.
public enum SubmissionRefusal: Error, Hashable, Sendable {
  case wrongLedger(LedgerID)
  case statementExpired(expiry: LedgerTime)
  case expiryTooFar(expiry: LedgerTime, horizonMicroseconds: UInt64)
  case partyUnknown(Party)
  case keyUnknown(PublicKey)
  case keyRevoked(PublicKey)
  case keySuspended(PublicKey)
  case keyNotYetValid(PublicKey, from: LedgerTime)
  case keyExpired(PublicKey, until: LedgerTime)
  case liveIDsFull(max: Int)

  /// The stable wire name.
  public var code: String {
    switch self {
    case .wrongLedger: "wrong_ledger"
    case .statementExpired: "statement_expired"
    case .expiryTooFar: "expiry_too_far"
    case .partyUnknown: "party_unknown"
    case .keyUnknown: "signer_unknown"
    case .keyNotYetValid: "signer_not_yet_valid"
    case .keyExpired: "signer_expired"
    case .keySuspended: "signer_suspended"
    case .keyRevoked: "signer_revoked"
    case .liveIDsFull: "live_ids_full"
    }
  }
}

extension SubmissionRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .wrongLedger(let id):
      "the statement is for ledger `\(id)`; name this ledger's id"
    case .statementExpired(let expiry):
      "the statement expired at \(expiry); ask for the outcome of its ids, then sign anew"
    case .expiryTooFar(let expiry, let horizon):
      "the statement expires at \(expiry), more than \(horizon / 1_000_000) s ahead; "
        + "name an earlier expiry"
    case .partyUnknown(let party): "there is no party `\(party)`; it must be admitted first"
    case .keyUnknown(let key): "key `\(key)` is not registered for this party"
    case .keyNotYetValid(let key, let from): "key `\(key)` is valid from \(from) on"
    case .keyExpired(let key, let until): "key `\(key)` was valid until \(until)"
    case .keySuspended(let key): "key `\(key)` is suspended"
    case .keyRevoked(let key): "key `\(key)` is revoked"
    case .liveIDsFull(let max):
      "the party has as many recent ids as are left free, of `\(max)` that the ledger remembers; "
        + "try again later"
    }
  }
}
