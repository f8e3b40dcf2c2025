/// Who acts, and for whose account.
public enum Party: Hashable, Sendable {
  /// The central bank, through its officers.
  case issuer
  /// The holders of the recovery keys, who may replace all officers and nothing else.
  case recovery
  case participant(ParticipantID)
}

extension Party: CustomStringConvertible {
  /// `issuer`, `recovery` or the participant's code; the two words are no participant's.
  public var description: String {
    switch self {
    case .issuer: "issuer"
    case .recovery: "recovery"
    case .participant(let id): id.text
    }
  }

  /// Reads the text form.
  ///
  /// - Throws: ``NameError`` where it is neither word nor a participant's code.
  public init(_ text: String) throws(NameError) {
    switch text {
    case "issuer": self = .issuer
    case "recovery": self = .recovery
    default: self = .participant(try ParticipantID(text))
    }
  }
}
