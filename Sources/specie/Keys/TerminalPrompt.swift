import Foundation

/// Asks the person at the terminal, without showing what is typed.
enum TerminalPrompt {
  private static let interrupt: UInt8 = 3
  private static let endOfFile: UInt8 = 4
  private static let backspaces: [UInt8] = [8, 127]
  private static let eraseLine: UInt8 = 21

  static func ask(_ prompt: String, for path: String) throws(CommandFault) -> Passphrase {
    // Safe: the path is a C string for the length of the call.
    let terminal = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { throw .noTerminal(path: path) }
    defer { close(terminal) }
    var saved = termios()
    guard unsafe tcgetattr(terminal, &saved) == 0 else { throw .noTerminal(path: path) }
    var silent = saved
    // Keys that would stop the process come as bytes, so that the echo is always restored.
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    guard unsafe tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { throw .noTerminal(path: path) }
    defer { _ = unsafe tcsetattr(terminal, TCSAFLUSH, &saved) }
    show(prompt, on: terminal)
    defer { show("\n", on: terminal) }
    return try line(of: terminal)
  }

  static func askTwice(_ prompt: String, for path: String) throws(CommandFault) -> Passphrase {
    let first = try ask(prompt, for: path)
    let second = try ask("Once more: ", for: path)
    guard first.bytes == second.bytes else { throw .passphrasesDiffer }
    return first
  }

  /// Asks a question that only `yes` answers with yes.
  static func confirm(_ question: String) -> Bool {
    guard isatty(STDIN_FILENO) == 1 else { return false }
    try? FileHandle.standardError.write(contentsOf: Data((question + " Type yes: ").utf8))
    return readLine() == "yes"
  }

  private static func line(of terminal: Int32) throws(CommandFault) -> Passphrase {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Passphrase.bytesMax + 1)
    var byte: UInt8 = 0
    while true {
      // Safe: one byte is read into one byte.
      let count = unsafe read(terminal, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, byte != interrupt, byte != endOfFile else {
        Passphrase.wipe(&bytes)
        throw .cancelled
      }
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return Passphrase(taking: &bytes)
      case eraseLine: bytes.removeAll(keepingCapacity: true)
      case let key where backspaces.contains(key): _ = bytes.popLast()
      default: if bytes.count <= Passphrase.bytesMax { bytes.append(byte) }
      }
    }
  }

  private static func show(_ text: String, on terminal: Int32) {
    let bytes = Array(text.utf8)
    // Safe: `bytes.count` bytes are read of as many.
    _ = unsafe write(terminal, bytes, bytes.count)
  }
}
