/// What was looked at, and what was found.
struct Finding: Encodable {
  /// How bad it is.
  enum Level: String, Encodable, Comparable {
    case ok
    case warning
    case error

    private var rank: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .error: 2
      }
    }

    static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }
  }

  let level: Level
  let subject: String
  /// What was found; of a warning or an error, with what would be right.
  let detail: String

  static func ok(_ subject: String, _ detail: String) -> Finding {
    Finding(level: .ok, subject: subject, detail: detail)
  }

  static func warning(_ subject: String, _ detail: String) -> Finding {
    Finding(level: .warning, subject: subject, detail: detail)
  }

  static func error(_ subject: String, _ detail: String) -> Finding {
    Finding(level: .error, subject: subject, detail: detail)
  }
}
