import Foundation
import PaymentFiles

/// A file of payments, with its journal and its results beside it, which one run at a time has.
///
/// - Source: docs/formats/payment-journal.md.
final class PaymentPlace: Sendable {
  /// Without links: whatever name the file is given by, its journal is the same.
  let path: String
  private let file: LockedFile

  var journalPath: String { path + ".journal" }
  var resultsPath: String { path + ".result.csv" }

  /// Takes the file for this run.
  init(_ path: String) throws(CommandFault) {
    // Safe: the result is a C string of its own, copied and then freed.
    guard let real = unsafe realpath(path, nil) else {
      throw .fileUnreadable(path: path, problem: LocalFile.problem(errno))
    }
    defer { unsafe free(real) }
    let resolved = unsafe String(cString: real)
    self.path = resolved
    file = try LockedFile(opening: resolved, isGrowing: false)
  }

  func read() throws(CommandFault) -> [UInt8] {
    try file.read(bytesMax: PaymentFileLimits.fileBytesMax)
  }

  /// The journal, which this run then has, with its whole lines, all of them durable; `nil` where
  /// there is none yet.
  ///
  /// What was read may have come no further than the page cache, where an earlier run was killed
  /// before its sync returned. It is made durable before anything goes by it.
  func openJournal() throws(CommandFault) -> (file: LockedFile, lines: [UInt8])? {
    guard try LockedFile.isNamed(journalPath) else { return nil }
    let journal = try LockedFile(opening: journalPath, isGrowing: true)
    let bytes = try journal.read(bytesMax: PaymentFileLimits.journalBytesMax)
    let whole = PaymentJournal.wholeBytes(of: bytes)
    if whole < bytes.count { try journal.truncate(to: whole) }
    try journal.synchronize()
    try LocalFile.synchronizeFolder(of: journalPath)
    return (file: journal, lines: Array(bytes[..<whole]))
  }

  /// Begins the journal: it is whole and durable, or is not there.
  ///
  /// - Throws: Also where another run began it meanwhile.
  func createJournal(_ bytes: [UInt8]) throws(CommandFault) -> LockedFile {
    try LockedFile(creating: journalPath, bytes)
  }

  /// Checks, before anything is sent, that the next run will find these two files.
  func checkNames(_ journal: LockedFile) throws(CommandFault) {
    try file.checkName()
    try journal.checkName()
  }

  /// Writes the results in the place of those of an earlier run.
  func writeResults(_ text: String) throws(CommandFault) {
    try LocalFile.replace(resultsPath, Array(text.utf8), mode: 0o600)
  }
}
