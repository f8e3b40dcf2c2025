import Foundation
import PaymentFiles

/// A file of payments, with its journal and its results beside it, which one run at a time has.
///
/// The lock is let go of with the process, however it ends.
///
/// - Source: docs/formats/payment-journal.md.
final class PaymentPlace: Sendable {
  let path: String
  private let descriptor: Int32

  var journalPath: String { path + ".journal" }
  var resultsPath: String { path + ".result.csv" }

  /// Takes the file for this run.
  init(_ path: String) throws(CommandFault) {
    self.path = path
    // Safe: the path is a C string for the length of the call.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .fileUnreadable(path: path, problem: LocalFile.problem(errno))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK
        ? .fileInvalid(path: path, problem: "another run is paying it; wait until that ends")
        : .fileUnreadable(path: path, problem: LocalFile.problem(errno))
    }
  }

  deinit { close(descriptor) }

  func read() throws(CommandFault) -> [UInt8] {
    try LocalFile.read(path, bytesMax: PaymentFileLimits.fileBytesMax)
  }

  /// The whole lines of the journal, all of them durable; `nil` where there is none yet.
  ///
  /// What was read may have come no further than the page cache, where an earlier run was killed
  /// before its sync returned. It is made durable before anything goes by it.
  func readJournal() throws(CommandFault) -> [UInt8]? {
    guard LocalFile.exists(journalPath) else { return nil }
    let bytes = try LocalFile.read(journalPath, bytesMax: PaymentFileLimits.journalBytesMax)
    let whole = PaymentJournal.wholeBytes(of: bytes)
    let file = try openJournal()
    if whole < bytes.count { try file.truncate(to: whole) }
    try file.finish()
    try LocalFile.synchronizeFolder(of: journalPath)
    return Array(bytes[..<whole])
  }

  /// Begins the journal: it is whole and durable, or is not there.
  func createJournal(_ bytes: [UInt8]) throws(CommandFault) {
    try LocalFile.replace(journalPath, bytes, mode: 0o600)
  }

  /// Opens the journal, to add to it.
  func openJournal() throws(CommandFault) -> GrowingFile { try GrowingFile(opening: journalPath) }

  /// Writes the results in the place of those of an earlier run.
  func writeResults(_ text: String) throws(CommandFault) {
    try LocalFile.replace(resultsPath, Array(text.utf8), mode: 0o600)
  }
}
