public import LedgerModel

/// A policy file, compiled.
public struct CompiledPolicy: Hashable, Sendable {
  /// What the author wants done with the rules.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// They may be put in force.
    case enforce
    /// They may be checked and tested, and must not be put in force.
    case draft
  }

  /// As it was handed to the compiler.
  public let file: String
  /// What officers sign; valid.
  public let ruleSet: RuleSet
  public let mode: Mode
  /// Decimal digits of the currency's minor unit, as it was handed to the compiler.
  public let exponent: Int
  /// Where the figures come from.
  public let sources: [PolicySource]
  /// The figures that no source confirms, as `rule.tier`.
  public let unverified: [String]
  /// In the order of the file.
  public let warnings: [Diagnostic]
  /// The file's own examples.
  public let examples: [PolicyExample]
  /// Where each rule stands in the file; as many as there are rules.
  public let rulePositions: [SourcePosition]
}

/// Where figures come from.
public struct PolicySource: Hashable, Sendable {
  public let id: String
  public let title: String
  public let url: String?
  /// As the author wrote it.
  public let dated: String
  public let grade: Grade

  /// How near a source is to whoever decided the figures.
  public enum Grade: String, Hashable, Sendable, CaseIterable {
    /// Issuer, regulator, law or scheme.
    case A
    /// Press that quotes one.
    case B
    /// Third party.
    case C
  }
}

/// One example of a policy file: wallets, and what happens to them step by step.
public struct PolicyExample: Hashable, Sendable {
  /// A wallet as the example finds it.
  public struct Wallet: Hashable, Sendable {
    public let name: String
    /// Index into the tiers of the set.
    public let tier: Int
    public let balance: Balance
  }

  /// What a step is expected to give.
  public enum Expectation: Hashable, Sendable {
    case permit
    /// Denied by a rule, by index; where `left` or `resets` is given, it must agree as well.
    case deny(rule: Int, left: UInt64?, resets: LedgerTime?)
  }

  /// One payment, or the same one several times.
  public struct Step: Hashable, Sendable {
    public let position: SourcePosition
    public let at: LedgerTime
    public let operation: Measure.Operation
    public let amount: Amount
    /// Index into ``PolicyExample/wallets``; `nil` for a payer that the example does not look at.
    public let from: Int?
    /// Index into ``PolicyExample/wallets``; `nil` for a payee that the example does not look at.
    public let to: Int?
    /// How often, at least once.
    public let times: Int
    /// From one time to the next.
    public let everyMicroseconds: UInt64
    public let expectation: Expectation

    /// When one of the payments is, counted from 0.
    ///
    /// The compiler has checked that the last one is before ``PolicyFileLimits/yearMax`` ends, so
    /// that the product is far from its bound.
    func at(turn: Int) -> LedgerTime {
      at.advanced(byMicroseconds: everyMicroseconds * UInt64(turn))
    }

    /// When the last of the payments is.
    var lastAt: LedgerTime { at(turn: times - 1) }
  }

  public let name: String
  public let position: SourcePosition
  public let wallets: [Wallet]
  public let steps: [Step]
}
