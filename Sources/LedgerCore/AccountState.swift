public import LedgerModel
import LedgerPolicy

/// One account, in 72 bytes: a ledger holds many millions.
public struct AccountState: Hashable, Sendable {
  public let id: AccountID
  private let ownerBytes: Bytes16
  public internal(set) var balance: Balance = .zero
  /// What of the balance is set aside: always zero in state machine version 1.
  public internal(set) var held: Balance = .zero
  /// Zero, which is the genesis, for none.
  private var lastNumber: UInt64 = 0
  /// Accepted entries with a posting here.
  public private(set) var entryCount: UInt64 = 0
  private let participantNumber: Int32
  private var tierNumber: UInt16
  private let currencyNumber: UInt8
  private var flags: Flags

  private struct Flags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let isSettlement = Flags(rawValue: 1)
    static let isWallet = Flags(rawValue: 2)
    static let hasOwner = Flags(rawValue: 4)
    static let isClosed = Flags(rawValue: 8)
    static let isFrozen = Flags(rawValue: 16)
    static let takesCredits = Flags(rawValue: 32)
  }

  init(
    id: AccountID, kind: AccountKind, participant: Int?, currency: Int, owner: OwnerID? = nil,
    tier: UInt16? = nil
  ) {
    self.id = id
    ownerBytes = owner?.value ?? Bytes16(high: 0, low: 0)
    participantNumber = participant.map { Int32($0) } ?? -1
    tierNumber = tier ?? .max
    currencyNumber = UInt8(currency)
    switch kind {
    case .issuance: flags = []
    case .settlement: flags = .isSettlement
    case .wallet: flags = .isWallet
    }
    if owner != nil { flags.insert(.hasOwner) }
  }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(id.value)
    snapshot.write(ownerBytes)
    snapshot.write(balance.minorUnits)
    snapshot.write(held.minorUnits)
    snapshot.write(lastNumber)
    snapshot.write(entryCount)
    snapshot.write(participantNumber)
    snapshot.write(UInt32(tierNumber) << 16 | UInt32(currencyNumber) << 8 | UInt32(flags.rawValue))
  }

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    id = AccountID(try snapshot.bytes16())
    ownerBytes = try snapshot.bytes16()
    guard let balance = Balance(minorUnits: try snapshot.int64()),
      let held = Balance(minorUnits: try snapshot.int64())
    else { throw SnapshotError("account \(id) holds what no account may") }
    self.balance = balance
    self.held = held
    lastNumber = try snapshot.uint64()
    entryCount = try snapshot.uint64()
    participantNumber = try snapshot.int32()
    let packed = try snapshot.uint32()
    tierNumber = UInt16(packed >> 16)
    currencyNumber = UInt8(packed >> 8 & 0xFF)
    flags = Flags(rawValue: UInt8(packed & 0xFF))
  }

  public var kind: AccountKind {
    flags.contains(.isWallet) ? .wallet : flags.contains(.isSettlement) ? .settlement : .issuance
  }

  /// Index into ``LedgerState/participants``; `nil` for an issuance account.
  public var participant: Int? { participantNumber < 0 ? nil : Int(participantNumber) }

  /// Index into ``LedgerState/currencies``.
  public var currency: Int { Int(currencyNumber) }

  public var owner: OwnerID? { flags.contains(.hasOwner) ? OwnerID(ownerBytes) : nil }

  /// Index into ``LedgerState/tiers``; for wallets.
  public internal(set) var tier: UInt16? {
    get { tierNumber == .max ? nil : tierNumber }
    set { tierNumber = newValue ?? .max }
  }

  public internal(set) var isClosed: Bool {
    get { flags.contains(.isClosed) }
    set { if newValue { flags.insert(.isClosed) } else { flags.remove(.isClosed) } }
  }

  /// `nil` where it is not frozen.
  public internal(set) var freeze: FrozenCredits? {
    get {
      guard flags.contains(.isFrozen) else { return nil }
      return flags.contains(.takesCredits) ? .accepted : .refused
    }
    set {
      flags.subtract([.isFrozen, .takesCredits])
      switch newValue {
      case nil: break
      case .accepted: flags.formUnion([.isFrozen, .takesCredits])
      case .refused: flags.insert(.isFrozen)
      }
    }
  }

  /// The account as rules find it; `nil` for an issuance account.
  var asRulesSeeIt: PolicyAccount? {
    participant.map {
      PolicyAccount(participant: $0, tier: tier.map(Int.init), owner: owner, balance: balance)
    }
  }

  /// Of the newest accepted entry with a posting here.
  public var lastSequence: SequenceNumber? {
    lastNumber == 0 ? nil : SequenceNumber(lastNumber)
  }

  /// What may be spent.
  public var available: Balance {
    guard let available = Balance(minorUnits: balance.minorUnits - held.minorUnits) else {
      preconditionFailure("account \(id) holds \(balance) and has \(held) set aside")
    }
    return available
  }

  /// Takes on what an accepted entry did to the account.
  package mutating func post(_ balance: Balance, at sequence: SequenceNumber) {
    self.balance = balance
    lastNumber = sequence.value
    entryCount += 1
  }
}
