public import LedgerModel

/// One example of a policy file: wallets and participants, and what happens to them step by step.
public struct PolicyExample: Hashable, Sendable {
  /// A wallet as the example finds it.
  public struct Wallet: Hashable, Sendable {
    public let name: String
    public let tier: Tier
    public let balance: Balance
    /// Who holds it: wallets with the same word have one owner.
    public let owner: String
    /// Index into ``PolicyExample/participants``.
    public let participant: Int
    public let attributes: [Setting]
    public let isLinked: Bool
    /// Long before the first step where the file does not say.
    public let opened: LedgerTime
    /// The account that exemptions may name; `nil` for one that none does.
    public let account: AccountID?
  }

  /// A participant as the example finds it.
  public struct Participant: Hashable, Sendable {
    public let id: ParticipantID
    public let attributes: [Setting]
    /// Of its settlement account; `nil` where the file does not say, and then the account is looked
    /// at where a step names it alone.
    public let balance: Balance?
  }

  /// What an attribute is set to.
  public struct Setting: Hashable, Sendable {
    public let name: AttributeName
    public let value: AttributeValue
  }

  /// What a step names.
  public enum Holder: Hashable, Sendable {
    /// Index into ``PolicyExample/wallets``.
    case wallet(Int)
    /// Index into ``PolicyExample/participants``; its settlement account.
    case participant(Int)
  }

  /// What a step is expected to give.
  public enum Expectation: Hashable, Sendable {
    /// Permitted, and nothing is remarked; so much goes on to, or comes from, linked accounts.
    case permit(swept: UInt64, drawn: UInt64)
    /// Denied by a rule, by index; where more is given, it must agree as well.
    case deny(rule: Int, reason: Refusal?, left: UInt64?, resets: LedgerTime?)
    /// Permitted, and remarked by a rule, by index.
    case flag(rule: Int, swept: UInt64, drawn: UInt64)
    /// Denied for want of signatures that a rule requires, by index.
    case require(rule: Int)
    /// An order of facts that is accepted.
    case accept
    /// An order of facts that is refused.
    case refuse
  }

  /// Why a rule denies.
  public enum Refusal: String, Hashable, Sendable, CaseIterable {
    case exceeded
    case memoryFull = "memory-full"
    case undecidable
  }

  /// One payment.
  public struct Payment: Hashable, Sendable {
    public let operation: Measure.Operation
    public let amount: Amount
    /// `nil` for a payer that the example does not look at.
    public let from: Holder?
    /// `nil` for a payee that the example does not look at.
    public let to: Holder?
    public let channel: Channel
    public let purpose: Purpose
    public let signers: [PublicKey]
  }

  public enum Action: Hashable, Sendable {
    case pay(Payment)
    case set(Holder, Setting)
    /// By index into ``PolicyExample/wallets``.
    case list(payee: Int, payer: Int)
    case unlist(payee: Int, payer: Int)
    case record(EventName, wallet: Int)
    case changeTier(wallet: Int, to: Tier)
  }

  /// One action, or the same one several times.
  public struct Step: Hashable, Sendable {
    public let position: SourcePosition
    public let at: LedgerTime
    public let action: Action
    /// How often, at least once.
    public let times: Int
    /// From one time to the next.
    public let everyMicroseconds: UInt64
    public let expectation: Expectation

    /// When one of the actions is, counted from 0.
    ///
    /// The compiler has checked that the last one is before ``PolicyFileLimits/yearMax`` ends, so
    /// that the product is far from its bound.
    func at(turn: Int) -> LedgerTime {
      at.advanced(byMicroseconds: everyMicroseconds * UInt64(turn))
    }

    /// When the last of the actions is.
    var lastAt: LedgerTime { at(turn: times - 1) }
  }

  public let name: String
  public let position: SourcePosition
  public let participants: [Participant]
  public let wallets: [Wallet]
  public let steps: [Step]
}
