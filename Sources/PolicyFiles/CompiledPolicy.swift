public import LedgerModel

/// A policy file, compiled.
public struct CompiledPolicy: Hashable, Sendable {
  /// What the author wants done with the rules.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// They may be put in force.
    case enforce
    /// They may be put in shadow, and must not be put in force.
    case shadow
    /// They may be checked and tested, and must not be activated.
    case draft
  }

  /// As it was handed to the compiler.
  public let file: String
  /// What officers sign; valid, but for the holds that a draft may have.
  public let ruleSet: RuleSet
  /// Of the rule set's canonical encoding; at most `Limits.ruleSetBytesMax`.
  public let byteCount: Int
  public let mode: Mode
  /// Decimal digits of the currency's minor unit, as it was handed to the compiler.
  public let exponent: Int
  /// When the file says that it is in force.
  public let effective: PolicyValidity
  /// What the file says that it comes after, be it a version of the same pack.
  public let supersedes: PackVersion?
  /// Where the figures come from.
  public let sources: [PolicySource]
  /// The figures that no source confirms, as `rule.tier`, or `rule` where all tiers have one.
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
