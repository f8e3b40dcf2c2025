public import LedgerModel

/// Which certificates read for whom, and when.
public struct CertificateRegistry: Sendable {
  /// One registration, for ever: what ended stays, and the certificate may be registered anew.
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
    public func isSpent(at time: LedgerTime) -> Bool {
      isRevoked || validUntil.map { $0 <= time } ?? false
    }
  }

  /// In order of registration.
  private var entriesByReader: [Reader: [Entry]] = [:]
  /// Where the newest registration of a certificate for each of its readers is.
  private var newest: [SPKIHash: [Reader: Int]] = [:]

  init() {}

  /// All registrations for a reader, in their order, revoked ones included.
  public func entries(of reader: Reader) -> [Entry] { entriesByReader[reader] ?? [] }

  /// For whom a certificate reads at an instant.
  ///
  /// - Complexity: O(readers of the certificate).
  public func readers(of certificate: SPKIHash, at time: LedgerTime) -> Set<Reader> {
    Set(newestEntries(of: certificate).filter { $0.isValid(at: time) }.map(\.reader))
  }

  /// Returns the newest registration of a certificate for a reader, or `nil` where there is none.
  public func entry(_ certificate: SPKIHash, of reader: Reader) -> Entry? {
    newest[certificate]?[reader].flatMap { entriesByReader[reader]?[$0] }
  }

  /// Whether a certificate reads, or will, for another reader than this.
  func isTaken(_ certificate: SPKIHash, beside reader: Reader, at time: LedgerTime) -> Bool {
    newestEntries(of: certificate).contains { $0.reader != reader && !$0.isSpent(at: time) }
  }

  private func newestEntries(of certificate: SPKIHash) -> [Entry] {
    (newest[certificate] ?? [:]).compactMap { reader, index in entriesByReader[reader]?[index] }
  }

  mutating func add(
    _ certificate: SPKIHash, to reader: Reader, from: LedgerTime, until: LedgerTime?
  ) {
    let entry = Entry(
      certificate: certificate, reader: reader, validFrom: from, validUntil: until)
    newest[certificate, default: [:]][reader] = entries(of: reader).count
    entriesByReader[reader, default: []].append(entry)
  }

  /// Revokes the newest registration.
  mutating func revoke(_ certificate: SPKIHash, of reader: Reader) {
    guard let index = newest[certificate]?[reader] else {
      preconditionFailure("\(certificate) of \(reader) is not registered")
    }
    entriesByReader[reader]?[index].isRevoked = true
  }

  /// Writes the registrations for readers, one after the other.
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
        guard !isEnding || from < until else {
          throw SnapshotError("certificate \(certificate) of \(reader) ends before it begins")
        }
        add(certificate, to: reader, from: from, until: isEnding ? until : nil)
        if try snapshot.bool() { revoke(certificate, of: reader) }
      }
    }
  }
}
