public import LedgerModel

/// Which certificates read for whom, and when.
///
/// Each reader has certificates of its own: the same one may read for two, and nobody can hinder
/// another by registering his first.
public struct CertificateRegistry: Sendable {
  /// One certificate of one reader, for ever: what is revoked stays, and is not registered again.
  public struct Entry: Hashable, Sendable {
    public let certificate: SPKIHash
    public let reader: Reader
    public let validFrom: LedgerTime
    /// Not valid at or after this; `nil` is no end.
    public let validUntil: LedgerTime?
    public internal(set) var isRevoked = false

    /// Whether it reads at an instant.
    public func isValid(at time: LedgerTime) -> Bool { validFrom <= time && !isSpent(at: time) }

    /// Whether it can never read again.
    func isSpent(at time: LedgerTime) -> Bool {
      isRevoked || validUntil.map { $0 <= time } ?? false
    }
  }

  /// In order of registration.
  private var entriesByReader: [Reader: [Entry]] = [:]
  /// In order of registration.
  private var readersByCertificate: [SPKIHash: [Reader]] = [:]

  init() {}

  /// All certificates of a reader, in order of registration, revoked ones included.
  public func entries(of reader: Reader) -> [Entry] { entriesByReader[reader] ?? [] }

  /// For whom a certificate reads at an instant, in order of registration.
  ///
  /// - Complexity: O(readers of the certificate · certificates of each).
  public func readers(of certificate: SPKIHash, at time: LedgerTime) -> [Reader] {
    (readersByCertificate[certificate] ?? []).filter { reader in
      entry(certificate, of: reader)?.isValid(at: time) ?? false
    }
  }

  /// Returns the reader's entry of the certificate, or `nil` where it was never registered for it.
  public func entry(_ certificate: SPKIHash, of reader: Reader) -> Entry? {
    entriesByReader[reader]?.first { $0.certificate == certificate }
  }

  mutating func add(
    _ certificate: SPKIHash, to reader: Reader, from: LedgerTime, until: LedgerTime?
  ) {
    precondition(
      entry(certificate, of: reader) == nil, "\(certificate) of \(reader) is registered twice")
    entriesByReader[reader, default: []].append(
      Entry(certificate: certificate, reader: reader, validFrom: from, validUntil: until))
    readersByCertificate[certificate, default: []].append(reader)
  }

  mutating func revoke(_ certificate: SPKIHash, of reader: Reader) {
    guard let index = entries(of: reader).firstIndex(where: { $0.certificate == certificate })
    else { preconditionFailure("\(certificate) of \(reader) is not registered") }
    entriesByReader[reader]?[index].isRevoked = true
  }

  /// Writes the certificates of readers, one after the other.
  func write(of readers: [Reader], to snapshot: inout SnapshotWriter) {
    for reader in readers {
      let entries = entries(of: reader)
      snapshot.write(entries.count)
      for entry in entries {
        snapshot.write(entry.certificate.value)
        snapshot.write(entry.validFrom.microseconds)
        snapshot.write(entry.validUntil != nil)
        snapshot.write(entry.validUntil?.microseconds ?? 0)
        snapshot.write(entry.isRevoked)
      }
    }
  }

  init(of readers: [Reader], reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    for reader in readers {
      for _ in 0..<(try snapshot.count(max: Limits.certificatesEverPerReaderMax)) {
        let certificate = SPKIHash(try snapshot.bytes32())
        let from = LedgerTime(microseconds: try snapshot.uint64())
        let isEnding = try snapshot.bool()
        let until = LedgerTime(microseconds: try snapshot.uint64())
        guard entry(certificate, of: reader) == nil else {
          throw SnapshotError("certificate \(certificate) of \(reader) comes twice")
        }
        add(certificate, to: reader, from: from, until: isEnding ? until : nil)
        if try snapshot.bool() { revoke(certificate, of: reader) }
      }
    }
  }
}
