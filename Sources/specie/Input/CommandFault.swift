/// What a command could not do, apart from what the ledger and its modules say themselves.
enum CommandFault: Error, Hashable, CustomStringConvertible {
  case fileUnreadable(path: String, problem: String)
  case fileTooLarge(path: String, max: Int)
  case fileExists(path: String)
  case fileUnwritable(path: String, problem: String)
  /// A file that can be read, but is not what it should be.
  case fileInvalid(path: String, problem: String)
  /// A ledger's folder that a server has open.
  case folderInUse(path: String)
  case noTerminal(path: String)
  case passphraseStreamEnded(descriptor: Int32, path: String)
  case passphraseTooShort(max: Int, min: Int)
  case passphrasesDiffer
  case cancelled
  case invalidArgument(String)
  case noKeys
  case noTrust
  /// All that is wrong with a server's settings.
  case settings([SettingFault])
  case currencyUnknown(code: String, known: [String])
  case answerNotBelieved(String)

  /// Whether another command line is what would help.
  var isUsage: Bool {
    switch self {
    case .invalidArgument, .noKeys, .noTrust, .settings, .currencyUnknown: true
    case .fileUnreadable, .fileTooLarge, .fileExists, .fileUnwritable, .fileInvalid, .folderInUse,
      .noTerminal, .passphraseStreamEnded, .passphraseTooShort, .passphrasesDiffer, .cancelled,
      .answerNotBelieved:
      false
    }
  }

  var description: String {
    switch self {
    case .fileUnreadable(let path, let problem): "`\(path)` cannot be read: \(problem)"
    case .fileTooLarge(let path, let max):
      "`\(path)` is larger than \(max) bytes, the most it may be"
    case .fileExists(let path):
      "`\(path)` exists and is never overwritten; name another file, or move that one away"
    case .fileUnwritable(let path, let problem): "`\(path)` cannot be written: \(problem)"
    case .fileInvalid(let path, let problem): "`\(path)`: \(problem)"
    case .folderInUse(let path):
      "`\(path)` is in use by another process, perhaps its server; read a copy, or stop that one "
        + "first. A copy is made while it runs by `mkdir copy`, `cp \(path)/checkpoints "
        + "\(path)/trust copy` and `sqlite3 \(path)/ledger.sqlite \".backup copy/ledger.sqlite\"`"
    case .noTerminal(let path):
      "there is no terminal to ask for the passphrase of `\(path)`; set SPECIE_PASSPHRASE, or give "
        + "--passphrase-fd"
    case .passphraseStreamEnded(let descriptor, let path):
      "file descriptor \(descriptor) ended before the passphrase of `\(path)`; write one line for "
        + "each key, in the order of the command line"
    case .passphraseTooShort(let max, let min):
      "the passphrase must have \(min) to \(max) bytes"
    case .passphrasesDiffer: "the two passphrases differ; nothing was written"
    case .cancelled: "cancelled; nothing was written or sent"
    case .invalidArgument(let problem): problem
    case .noKeys:
      "no key signs; give --key FILE for each signer at hand, or --draft FILE to collect signatures"
    case .noTrust:
      "which ledger is meant? Give --trust FILE, as `specie init` wrote it, or set SPECIE_TRUST"
    case .settings(let faults): faults.map(\.description).joined(separator: "\n")
    case .currencyUnknown(let code, let known):
      "`\(code)` is no currency of this ledger; it has \(known.joined(separator: ", "))"
    case .answerNotBelieved(let problem): "the server's answer is not to be believed: \(problem)"
    }
  }
}
