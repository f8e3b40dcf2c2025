import ArgumentParser
import Foundation

/// A passphrase in memory, wiped when it is let go; it never prints.
final class Passphrase {
  static let bytesMax = 1_024
  /// Of a new one.
  static let bytesMin = 8

  private(set) var bytes: [UInt8]

  /// Takes the bytes over, and wipes the caller's.
  init(taking source: inout [UInt8]) {
    bytes = source
    source = []
  }

  deinit { Self.wipe(&bytes) }

  /// Whether it is long enough to seal a key.
  func checkLength() throws(CommandFault) {
    guard Self.bytesMin...Self.bytesMax ~= bytes.count else {
      throw .passphraseTooShort(max: Self.bytesMax, min: Self.bytesMin)
    }
  }

  static func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      // Safe: the address and the count are the buffer's own. Never optimised away (bzero(3)).
      if let base = buffer.baseAddress { unsafe explicit_bzero(base, buffer.count) }
    }
  }
}

/// Where passphrases come from.
struct PassphraseOptions: ParsableArguments {
  @Option(
    name: .customLong("passphrase-fd"),
    help: ArgumentHelp(
      "Read passphrases from this file descriptor: one line a key file, in the order given.",
      discussion: """
        Without it, the variable SPECIE_PASSPHRASE_NAME is taken for the key file NAME.key, then \
        SPECIE_PASSPHRASE, then the terminal is asked.
        """, valueName: "n"))
  var descriptor: Int32?

  /// Opens a file to read from it as from a descriptor that is given; one that is given stays.
  mutating func readFrom(file path: String) throws(CommandFault) {
    guard descriptor == nil else { return }
    LocalFile.warnIfShared(path)
    // Safe: the path is a C string for the length of the call.
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else {
      throw .fileUnreadable(path: path, problem: LocalFile.problem(errno))
    }
    descriptor = opened
  }

  /// Returns the passphrase of an existing key file.
  func existing(_ path: String) throws(CommandFault) -> Passphrase {
    if let descriptor { return try Self.line(of: descriptor, for: path) }
    for name in ["SPECIE_PASSPHRASE_" + Self.variablePart(of: path), "SPECIE_PASSPHRASE"] {
      if let found = Self.variable(name) { return found }
    }
    return try TerminalPrompt.ask("Passphrase of \(path): ", for: path)
  }

  /// Returns the passphrase for a new key file; the terminal asks twice.
  func new(_ path: String) throws(CommandFault) -> Passphrase {
    let passphrase: Passphrase
    if let descriptor {
      passphrase = try Self.line(of: descriptor, for: path)
    } else if let found = Self.variable("SPECIE_PASSPHRASE_" + Self.variablePart(of: path))
      ?? Self.variable("SPECIE_PASSPHRASE")
    {
      passphrase = found
    } else {
      passphrase = try TerminalPrompt.askTwice("New passphrase of \(path): ", for: path)
    }
    try passphrase.checkLength()
    return passphrase
  }

  /// Returns the passphrase that a key file gets in place of its old one.
  func replacement(_ path: String) throws(CommandFault) -> Passphrase {
    let passphrase: Passphrase
    if let descriptor {
      passphrase = try Self.line(of: descriptor, for: path)
    } else if let found = Self.variable("SPECIE_NEW_PASSPHRASE") {
      passphrase = found
    } else {
      passphrase = try TerminalPrompt.askTwice("New passphrase of \(path): ", for: path)
    }
    try passphrase.checkLength()
    return passphrase
  }

  /// `ALICE` for `keys/alice.key`.
  private static func variablePart(of path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    let stem = name.split(separator: ".").first ?? ""
    return String(stem.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  private static func variable(_ name: String) -> Passphrase? {
    // Safe: the text is copied, and this process never changes its environment.
    guard let value = unsafe getenv(name) else { return nil }
    var bytes = unsafe [UInt8](
      UnsafeBufferPointer(start: value, count: strlen(value)).map(UInt8.init(bitPattern:)))
    return Passphrase(taking: &bytes)
  }

  /// Reads up to a line feed, byte by byte, so that the next line is left for the next key.
  private static func line(
    of descriptor: Int32, for path: String
  ) throws(CommandFault) -> Passphrase {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Passphrase.bytesMax + 1)  // Never moved, so that one wipe finds it all.
    var byte: UInt8 = 0
    var isEnded = false
    while bytes.count <= Passphrase.bytesMax {
      // Safe: one byte is read into one byte.
      let count = unsafe read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      isEnded = count <= 0
      if isEnded || byte == UInt8(ascii: "\n") { break }
      bytes.append(byte)
    }
    guard !(isEnded && bytes.isEmpty) else {
      throw .passphraseStreamEnded(descriptor: descriptor, path: path)
    }
    return Passphrase(taking: &bytes)
  }
}
