public import LedgerModel
public import MerkleLog

/// What an auditor pins: which ledger, and whose checkpoints.
///
///     # Specie trust file
///     ledger <64 hexadecimal digits>
///     log <vkey>
///
/// - Source: docs/formats/trust-file.md; the `log` line is that of C2SP tlog-policy.
public struct TrustFile: Hashable, Sendable {
  public let ledger: LedgerID
  public let logKey: VerifierKey

  public init(ledger: LedgerID, logKey: VerifierKey) {
    self.ledger = ledger
    self.logKey = logKey
  }

  /// Creates the trust file of a genesis.
  public init(ledger: LedgerID, genesis: Genesis) throws(WireError) {
    self.init(ledger: ledger, logKey: try genesis.verifierKey())
  }

  public var text: String {
    "# Specie trust file\nledger \(ledger)\nlog \(logKey.vkey)\n"
  }

  /// Reads a trust file.
  ///
  /// - Throws: ``TrustFileError``.
  public init(text: String) throws(TrustFileError) {
    var ledger: LedgerID?
    var logKey: VerifierKey?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty && !line.hasPrefix("#") {
      let number = index + 1
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 2 else { throw .malformedLine(number) }
      switch words[0] {
      case "ledger":
        guard ledger == nil else { throw .repeatedLine(number) }
        guard let value = Bytes32(hex: words[1]) else { throw .malformedLine(number) }
        ledger = LedgerID(value)
      case "log":
        guard logKey == nil else { throw .repeatedLine(number) }
        guard let key = try? VerifierKey(vkey: String(words[1])) else {
          throw .malformedLine(number)
        }
        logKey = key
      default: throw .malformedLine(number)
      }
    }
    guard let ledger, let logKey else { throw .incomplete }
    self.init(ledger: ledger, logKey: logKey)
  }
}

/// Why a text is no trust file.
public enum TrustFileError: Error, Hashable, Sendable, CustomStringConvertible {
  case malformedLine(Int)
  case repeatedLine(Int)
  case incomplete

  public var description: String {
    switch self {
    case .malformedLine(let line):
      "line \(line) is neither `ledger <64 hexadecimal digits>` nor `log <vkey>`"
    case .repeatedLine(let line): "line \(line) says again what an earlier line says"
    case .incomplete: "a `ledger` line and a `log` line are needed, as `specie init` writes them"
    }
  }
}

extension Genesis {
  /// The log's key in the form that C2SP tools read.
  ///
  /// - Throws: ``WireError/invalidField(_:problem:)`` where the origin is no key name.
  public func verifierKey() throws(WireError) -> VerifierKey {
    do {
      return try VerifierKey(
        name: try KeyName(origin), algorithm: .ed25519, publicKey: logKey.value.bytes)
    } catch {
      throw .invalidField("origin", problem: "it is no key name (C2SP signed-note)")
    }
  }
}
