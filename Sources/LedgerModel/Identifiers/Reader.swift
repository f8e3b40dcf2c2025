/// For whom something is read.
public enum Reader: Hashable, Sendable {
  /// The central bank: all but wallets' owners and side data.
  case issuer
  /// All.
  case auditor
  /// What is its own.
  case participant(ParticipantID)
}

extension Reader: CustomStringConvertible {
  /// `issuer`, `auditor` or the participant's code; the two words are no participant's.
  public var description: String {
    switch self {
    case .issuer: "issuer"
    case .auditor: "auditor"
    case .participant(let id): id.text
    }
  }

  /// Reads the text form.
  ///
  /// - Throws: ``NameError`` where it is neither word nor a participant's code.
  public init(_ text: String) throws(NameError) {
    switch text {
    case "issuer": self = .issuer
    case "auditor": self = .auditor
    default: self = .participant(try ParticipantID(text))
    }
  }
}
