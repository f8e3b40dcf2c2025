/// Entry 0: what the ledger is before its first order, signed by every officer.
public struct Genesis: Hashable, Sendable {
  /// The schema-less URL that names the log, and its key's name (C2SP signed-note).
  public let origin: String
  public let logKey: PublicKey
  /// `1 ... Limits.currenciesMax`, of distinct codes and accounts.
  public let currencies: [Currency]
  /// `1 ... Limits.officersMax`, of distinct keys, none of them the log's.
  public let officers: [Officer]
  public let quorums: Quorums
  /// `0 ... Limits.officersMax`, of keys distinct from the officers'.
  public let recovery: [Officer]
  public let parameters: Parameters
  /// Of the state machine.
  public let version: StateMachineVersion
  public let nonce: Bytes32

  public init(
    origin: String, logKey: PublicKey, currencies: [Currency], officers: [Officer],
    quorums: Quorums, recovery: [Officer], parameters: Parameters, version: StateMachineVersion,
    nonce: Bytes32
  ) {
    self.origin = origin
    self.logKey = logKey
    self.currencies = currencies
    self.officers = officers
    self.quorums = quorums
    self.recovery = recovery
    self.parameters = parameters
    self.version = version
    self.nonce = nonce
  }
}

/// Which rules of the state machine a log is replayed by; every binary knows all earlier ones.
public struct StateMachineVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  public static let one = StateMachineVersion(1)
  /// With rule sets of format 2, and the orders that they need.
  public static let two = StateMachineVersion(2)
  /// With certificates.
  public static let three = StateMachineVersion(3)
  /// With digests of documents.
  public static let four = StateMachineVersion(4)
  /// The newest that this binary knows.
  public static let newest = four

  /// Of the rule sets that it takes, whatever later ones the binary knows.
  public var newestRuleSetFormat: Int { self < .two ? 1 : 2 }

  public let value: UInt32

  public init(_ value: UInt32) { self.value = value }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

  public var description: String { String(value) }
}

/// A holder of an officer's or of a recovery key.
public struct Officer: Hashable, Sendable {
  public let name: OfficerName
  public let key: PublicKey

  public init(name: OfficerName, key: PublicKey) {
    self.name = name
    self.key = key
  }
}

/// How many distinct keys must be on one statement, by what it orders.
public struct Quorums: Hashable, Sendable {
  /// To admit or reinstate a participant.
  public let participants: Int
  /// To register, rotate, reinstate or revoke a key.
  ///
  /// None of the officers' quorums is larger: who registers keys can reach any of them.
  public let keys: Int
  public let issuance: Int
  public let freezes: Int
  public let rules: Int
  /// Of the recovery keys, to replace the officers; 0 where there are none.
  public let recovery: Int

  public init(
    participants: Int, keys: Int, issuance: Int, freezes: Int, rules: Int, recovery: Int
  ) {
    self.participants = participants
    self.keys = keys
    self.issuance = issuance
    self.freezes = freezes
    self.rules = rules
    self.recovery = recovery
  }

  /// The largest quorum that officers must reach.
  public var officersMax: Int { max(participants, keys, issuance, freezes, rules) }
}

/// Bounds that a ledger chooses at genesis.
public struct Parameters: Hashable, Sendable {
  /// How far back an id, and ahead an expiry, may lie, in microseconds: `1 s ... 400 days`.
  public let participantHorizonMicroseconds: UInt64
  public let officerHorizonMicroseconds: UInt64
  /// Consumed ids that may be live at once, over all parties: in `Limits.liveIDsRange`.
  ///
  /// A party may have as many as are left free, one alone half.
  public let liveIDsMax: Int
  /// `nil` where the ledger never commits to its state.
  public let commitments: CommitmentSchedule?

  public init(
    participantHorizonMicroseconds: UInt64, officerHorizonMicroseconds: UInt64, liveIDsMax: Int,
    commitments: CommitmentSchedule? = nil
  ) {
    self.participantHorizonMicroseconds = participantHorizonMicroseconds
    self.officerHorizonMicroseconds = officerHorizonMicroseconds
    self.liveIDsMax = liveIDsMax
    self.commitments = commitments
  }

  /// Ten minutes for participants, 30 days for officers, who sign offline; 100 million live ids;
  /// no commitments.
  public static let standard = Parameters(
    participantHorizonMicroseconds: 600_000_000,
    officerHorizonMicroseconds: 30 * 86_400 * 1_000_000, liveIDsMax: 100_000_000)

  /// The ledger's business days: by the closes of its commitments, or by midnight UTC.
  public var businessCalendar: BusinessCalendar {
    (commitments ?? .standard(secretDigest: Bytes32(words: (0, 0, 0, 0)))).calendar
  }

  /// The horizon of one party's ids and statements.
  public func horizonMicroseconds(of party: Party) -> UInt64 {
    switch party {
    case .participant: participantHorizonMicroseconds
    case .issuer, .recovery: officerHorizonMicroseconds
    }
  }
}

/// Why a genesis is none.
public enum GenesisError: Error, Hashable, Sendable {
  case invalidOrigin(String)
  case currencyCount(Int)
  case duplicateCurrency(CurrencyCode)
  case duplicateAccount(AccountID)
  case officerCount(Int)
  case recoveryCount(Int)
  case duplicateKey(PublicKey)
  case quorumOutOfRange(name: String, quorum: Int, keys: Int)
  case keysQuorumTooLow(quorum: Int, largest: Int)
  case horizonOutOfRange(microseconds: UInt64)
  case liveIDsOutOfRange(Int)
  case invalidCommitments
  case unknownVersion(StateMachineVersion)
}

extension GenesisError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidOrigin(let origin):
      "`\(origin)` is no origin: use 1 to 200 bytes without spaces, `+` or control characters, "
        + "such as `ledger.example/cny`"
    case .currencyCount(let count):
      "there are \(count) currencies; name 1 to \(Limits.currenciesMax)"
    case .duplicateCurrency(let code): "currency `\(code)` is named twice; name it once"
    case .duplicateAccount(let id):
      "issuance account `\(id)` is named twice; each currency has its own"
    case .officerCount(let count): "there are \(count) officers; name 1 to \(Limits.officersMax)"
    case .recoveryCount(let count):
      "there are \(count) recovery keys; name at most \(Limits.officersMax)"
    case .duplicateKey(let key):
      "key `\(key)` is named twice; each holder, and the log, has its own"
    case .quorumOutOfRange(let name, let quorum, let keys):
      "the quorum for \(name) is \(quorum) of \(keys) keys; "
        + (keys == 0 ? "it must be 0" : "it must be 1 to \(keys)")
    case .keysQuorumTooLow(let quorum, let largest):
      "the quorum for keys is \(quorum), below the largest, \(largest): who registers keys can "
        + "reach every quorum; name \(largest) or more"
    case .horizonOutOfRange(let microseconds):
      "a horizon of \(microseconds) µs is out of range; use 1 second to 400 days"
    case .liveIDsOutOfRange(let count):
      "a cap of \(count) live ids is out of range; use 100,000 to 1,000,000,000"
    case .invalidCommitments:
      "the schedule of state commitments is none: it has a valid time zone, a close of 1 to 86,400 "
        + "seconds after midnight, and an interval of 1 second to 400 days"
    case .unknownVersion(let version):
      "state machine version \(version) is not known here; the newest is "
        + "\(StateMachineVersion.newest), so a newer release is needed"
    }
  }
}

extension Genesis {
  /// Checks what the types alone cannot hold.
  ///
  /// - Throws: The first ``GenesisError`` that holds, in declaration order.
  public func validate() throws(GenesisError) {
    let originBytes = origin.utf8
    let isOrigin =
      1...200 ~= originBytes.count
      && originBytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }
    guard isOrigin else { throw .invalidOrigin(origin) }
    guard 1...Limits.currenciesMax ~= currencies.count else {
      throw .currencyCount(currencies.count)
    }
    var codes: Set<CurrencyCode> = []
    for currency in currencies where !codes.insert(currency.code).inserted {
      throw .duplicateCurrency(currency.code)
    }
    var accounts: Set<AccountID> = []
    for currency in currencies where !accounts.insert(currency.issuanceAccount).inserted {
      throw .duplicateAccount(currency.issuanceAccount)
    }
    guard 1...Limits.officersMax ~= officers.count else { throw .officerCount(officers.count) }
    guard recovery.count <= Limits.officersMax else { throw .recoveryCount(recovery.count) }
    var keys: Set<PublicKey> = [logKey]
    for officer in officers + recovery {
      guard keys.insert(officer.key).inserted else { throw .duplicateKey(officer.key) }
    }
    let quorumsByName = [
      ("participants", quorums.participants), ("keys", quorums.keys),
      ("issuance", quorums.issuance), ("freezes", quorums.freezes), ("rules", quorums.rules),
    ]
    for (name, quorum) in quorumsByName where !(1...officers.count ~= quorum) {
      throw .quorumOutOfRange(name: name, quorum: quorum, keys: officers.count)
    }
    let isRecoveryReachable =
      recovery.isEmpty ? quorums.recovery == 0 : 1...recovery.count ~= quorums.recovery
    guard isRecoveryReachable else {
      throw .quorumOutOfRange(name: "recovery", quorum: quorums.recovery, keys: recovery.count)
    }
    guard quorums.keys == quorums.officersMax else {
      throw .keysQuorumTooLow(quorum: quorums.keys, largest: quorums.officersMax)
    }
    for horizon in [
      parameters.participantHorizonMicroseconds, parameters.officerHorizonMicroseconds,
    ] {
      guard 1_000_000...Limits.horizonMicrosecondsMax ~= horizon else {
        throw .horizonOutOfRange(microseconds: horizon)
      }
    }
    guard Limits.liveIDsRange ~= parameters.liveIDsMax else {
      throw .liveIDsOutOfRange(parameters.liveIDsMax)
    }
    guard parameters.commitments?.isValid ?? true else { throw .invalidCommitments }
    guard version >= .one, version <= .newest else { throw .unknownVersion(version) }
  }
}
