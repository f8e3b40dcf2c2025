import FoundationEssentials
public import LedgerModel
package import LedgerSchema
import SwiftProtobuf

/// What the log keeps beside an entry, outside its leaf: private to the accounts' participants and
/// to auditors, and recomputed by replay.
///
/// - Source: docs/formats/log-entry.md.
public struct SideData: Hashable, Sendable {
  public static let empty = SideData(effects: [], breach: nil)

  /// The debit first.
  public let effects: [PostingEffect]
  /// Where a limit refused, the account and the decision's inputs; the entry names the rule.
  public let breach: Breach?

  /// The inputs of a limit's decision.
  public struct Breach: Hashable, Sendable {
    public let reason: LimitBreach.Reason
    public let extent: LimitBreach.Extent
    /// `nil` for a rule of a set of format 1.
    public let unit: LimitBreach.Unit?
    /// At most, for a rule of a set of format 1.
    public let comparison: Rule.Comparison
    public let account: AccountID
    public let limit: UInt64
    public let used: Int128
    public let asked: UInt64
    public let resets: LedgerTime?

    public init(_ breach: LimitBreach) {
      self.reason = breach.reason
      self.extent = breach.extent
      self.unit = breach.terms?.unit
      self.comparison = breach.terms?.comparison ?? .atMost
      self.account = breach.account
      self.limit = breach.limit
      self.used = breach.used
      self.asked = breach.asked
      self.resets = breach.resets
    }

    /// Reads what the log or an answer holds.
    ///
    /// - Throws: ``WireError/invalidField(_:problem:)``.
    package init(_ inputs: Specie_V1_DecisionInputs) throws(WireError) {
      reason = try LimitBreach.Reason(inputs)
      extent = inputs.shared ? .shared(left: inputs.left) : .participant
      unit = try LimitBreach.Unit(inputs)
      comparison = try Rule.Comparison(inputs.comparison)
      account = try Field.account(inputs.account, "decision.account")
      limit = inputs.limit
      used = Int128(Int64(bitPattern: inputs.usedHigh)) << 64 | Int128(inputs.usedLow)
      asked = inputs.asked
      resets = inputs.resets == 0 ? nil : LedgerTime(microseconds: inputs.resets)
    }

    /// The breach of a rule, as it was decided; the entry names the rule and its pack.
    public func breach(of rule: RuleID, in pack: PackName?) -> LimitBreach {
      var terms: LimitBreach.Terms?
      if let pack, let unit {
        terms = LimitBreach.Terms(pack: pack, unit: unit, comparison: comparison)
      }
      return LimitBreach(
        reason: reason, extent: extent, terms: terms, rule: rule, account: account, limit: limit,
        used: used, asked: asked, resets: resets)
    }
  }

  public init(effects: [PostingEffect], breach: Breach?) {
    self.effects = effects
    self.breach = breach
  }

  /// The one encoding; empty where there is nothing to say.
  public var canonicalBytes: [UInt8] {
    var writer = ProtobufWriter()
    for effect in effects { writer.effect(effect) }
    if let breach { writer.breach(breach) }
    return writer.bytes
  }

  /// Reads side data from its canonical bytes.
  ///
  /// - Throws: ``WireError/malformed(message:)``, ``WireError/nonCanonical(message:)`` or
  ///   ``WireError/invalidField(_:problem:)``.
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    let message = try Canonical.decode(Specie_V1_SideData.self, from: bytes, named: "side data")
    var effects: [PostingEffect] = []
    for effect in message.effects {
      guard let balance = Balance(minorUnits: effect.balance) else {
        throw .invalidField("effects.balance", problem: "`\(effect.balance)` is out of range")
      }
      effects.append(
        PostingEffect(
          account: try Field.account(effect.account, "effects.account"), balance: balance,
          previous: effect.previous == 0 ? nil : SequenceNumber(effect.previous)))
    }
    let breach = message.hasDecision ? try Breach(message.decision) : nil
    self.init(effects: effects, breach: breach)
  }
}

extension ProtobufWriter {
  /// One account's part of side data.
  package mutating func effect(_ effect: PostingEffect) {
    message(1) {
      $0.field(1, effect.account.value)
      $0.field(2, zigzag: effect.balance.minorUnits)
      $0.field(3, effect.previous?.value ?? 0)
    }
  }

  /// A decision's inputs, which are field 2 of side data.
  package mutating func breach(_ breach: SideData.Breach, field number: Int = 2) {
    message(number) {
      $0.field(1, breach.account.value)
      $0.field(2, breach.limit)
      $0.field(3, UInt64(truncatingIfNeeded: breach.used >> 64))
      $0.field(4, UInt64(truncatingIfNeeded: breach.used))
      $0.field(5, breach.asked)
      $0.field(6, breach.resets?.microseconds ?? 0)
      switch breach.reason {
      case .exceeded: break
      case .memoryFull(let max):
        $0.field(7, 1)
        $0.field(8, UInt64(max))
      case .undecidable: $0.field(7, 2)
      case .approvalMissing(let required, let signed):
        $0.field(7, 3)
        $0.field(8, UInt64(required))
        $0.field(9, UInt64(signed))
      }
      if case .shared(let left) = breach.extent {
        $0.field(10, 1)
        $0.field(11, left)
      }
      $0.field(12, UInt64(breach.unit?.rawValue ?? 0))
      $0.field(13, breach.comparison == .atMost ? 0 : UInt64(breach.comparison.rawValue))
    }
  }
}

extension LimitBreach.Unit {
  fileprivate init?(_ inputs: Specie_V1_DecisionInputs) throws(WireError) {
    switch inputs.unit {
    case .unspecified: return nil
    case .minorUnits: self = .minorUnits
    case .payments: self = .payments
    case .counterparties: self = .counterparties
    case .microseconds: self = .microseconds
    case .UNRECOGNIZED:
      throw .invalidField("decision.unit", problem: "`\(inputs.unit)` is not known")
    }
  }
}

extension LimitBreach.Reason {
  fileprivate init(_ inputs: Specie_V1_DecisionInputs) throws(WireError) {
    switch inputs.reason {
    case .unspecified: self = .exceeded
    case .memoryFull: self = .memoryFull(max: Int(inputs.required))
    case .undecidable: self = .undecidable
    case .approvalMissing:
      self = .approvalMissing(required: Int(inputs.required), signed: Int(inputs.signed))
    case .UNRECOGNIZED:
      throw .invalidField("decision.reason", problem: "`\(inputs.reason)` is not known")
    }
  }
}
