import Foundation

/// A file that is written bit by bit; each bit outlives this process, however it ends.
struct GrowingFile: Sendable {
  let path: String
  private let descriptor: Int32

  /// Makes the file, which must not exist yet.
  init(creating path: String) throws(CommandFault) {
    try LocalFile.create(path, [], mode: 0o644)
    try self.init(opening: path)
  }

  /// Opens a file that is there, to add to its end.
  init(opening path: String) throws(CommandFault) {
    // Safe: the path is a C string for the length of the call.
    descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .fileUnwritable(path: path, problem: LocalFile.problem(errno))
    }
    self.path = path
  }

  func append(_ text: String) throws(CommandFault) {
    if let code = LocalFile.write(Array(text.utf8), to: descriptor) {
      throw .fileUnwritable(path: path, problem: LocalFile.problem(code))
    }
  }

  /// Makes all of it durable, and closes it.
  func finish() throws(CommandFault) {
    guard fsync(descriptor) == 0 else {
      throw .fileUnwritable(path: path, problem: "it is not durable; the device failed")
    }
    close(descriptor)
  }
}
