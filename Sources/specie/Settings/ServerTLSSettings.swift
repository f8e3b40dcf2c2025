import LedgerModel
import LedgerTLS

/// The certificates of a server: all three files, or none.
struct ServerTLSSettings {
  let certificate: String?
  let key: String?
  let clientAuthorities: String?

  private var count: Int { [certificate, key, clientAuthorities].count { $0 != nil } }

  /// Whether any is given.
  var isGiven: Bool { count > 0 }
  /// Whether none lacks that goes with another.
  var isWhole: Bool { count == 0 || count == 3 }

  /// Reads the files; `nil` where they are not all given.
  func read(at now: LedgerTime) throws -> ServerTLS? {
    guard let certificate, let key, let clientAuthorities else { return nil }
    return try ServerTLS(
      ServerTLSFiles(certificate: certificate, key: key, clientAuthorities: clientAuthorities),
      at: now)
  }
}
