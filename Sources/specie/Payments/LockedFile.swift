import Foundation

/// An open file that one run at a time has, whatever becomes of its name meanwhile.
///
/// The lock is let go of with the process, however it ends.
final class LockedFile: Sendable {
  let path: String
  private let descriptor: Int32

  /// Opens a file that is there, and takes it.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - isGrowing: Whether it is added to, and not only read.
  /// - Throws: ``CommandFault/fileUnreadable(path:problem:)``, or
  ///   ``CommandFault/fileInvalid(path:problem:)`` while another run has it.
  init(opening path: String, isGrowing: Bool) throws(CommandFault) {
    self.path = path
    let access = isGrowing ? O_RDWR | O_APPEND : O_RDONLY
    // Safe: the path is a C string for the length of the call.
    descriptor = unsafe open(path, access | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      throw .fileUnreadable(
        path: path,
        problem: code == ENOENT ? "it is a link that leads to no file" : LocalFile.problem(code))
    }
    try lock()
  }

  /// Makes a file that is whole and durable when it gets its name, and taken before that.
  ///
  /// - Throws: ``CommandFault/fileInvalid(path:problem:)`` where there is one of that name, which
  ///   is left as it is.
  init(creating path: String, _ bytes: [UInt8]) throws(CommandFault) {
    self.path = path
    let draft = path + ".unfinished-\(getpid())"
    // Safe, here and below: the paths are C strings for the length of the call.
    descriptor = unsafe open(
      draft, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
    guard descriptor >= 0 else {
      guard errno != EEXIST else { throw .fileExists(path: draft) }
      throw .fileUnwritable(path: draft, problem: LocalFile.problem(errno))
    }
    defer { _ = unsafe unlink(draft) }
    try lock()
    try append(bytes)
    // Which, unlike a renaming, fails where the name is taken.
    guard unsafe link(draft, path) == 0 else {
      guard errno != EEXIST else {
        throw .fileInvalid(
          path: path, problem: "another run began it just now; run the same command again")
      }
      throw .fileUnwritable(path: path, problem: LocalFile.problem(errno))
    }
    try LocalFile.synchronizeFolder(of: path)
  }

  deinit { close(descriptor) }

  /// Whether something has that name: a link that leads to no file has it, too.
  static func isNamed(_ path: String) throws(CommandFault) -> Bool {
    var found = stat()
    // Safe: the path is a C string and the buffer a local for the length of the call.
    if unsafe lstat(path, &found) == 0 { return true }
    guard errno == ENOENT else {
      throw .fileUnreadable(path: path, problem: LocalFile.problem(errno))
    }
    return false
  }

  /// All of a file that was just opened.
  func read(bytesMax: Int) throws(CommandFault) -> [UInt8] {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    let bytes: [UInt8]
    do {
      bytes = [UInt8](try handle.read(upToCount: bytesMax + 1) ?? Data())
    } catch {
      throw .fileUnreadable(path: path, problem: "it is no file that can be read")
    }
    guard bytes.count <= bytesMax else { throw .fileTooLarge(path: path, max: bytesMax) }
    return bytes
  }

  /// Adds bytes, and returns once they are on the medium.
  func append(_ bytes: [UInt8]) throws(CommandFault) {
    if let code = LocalFile.write(bytes, to: descriptor) {
      throw .fileUnwritable(path: path, problem: LocalFile.problem(code))
    }
    try synchronize()
  }

  /// Cuts off what stands behind the first bytes.
  func truncate(to bytes: Int) throws(CommandFault) {
    guard ftruncate(descriptor, bytes) == 0 else {
      throw .fileUnwritable(path: path, problem: LocalFile.problem(errno))
    }
  }

  /// Makes all of it durable.
  func synchronize() throws(CommandFault) {
    guard fsync(descriptor) == 0 else {
      throw .fileUnwritable(path: path, problem: "it is not durable; the device failed")
    }
  }

  /// Checks that its path still leads to it, and to none that took its place.
  func checkName() throws(CommandFault) {
    var own = stat()
    var named = stat()
    // Safe: the path is a C string, and the buffers are locals, for the length of the calls.
    guard unsafe fstat(descriptor, &own) == 0, unsafe stat(path, &named) == 0 else {
      throw .fileUnreadable(path: path, problem: LocalFile.problem(errno))
    }
    guard own.st_dev == named.st_dev, own.st_ino == named.st_ino else {
      throw .fileInvalid(
        path: path,
        problem: "it was replaced after it was read; nothing was sent, run the same command again")
    }
  }

  private func lock() throws(CommandFault) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK
        ? .fileInvalid(path: path, problem: "another run is paying it; wait until that ends")
        : .fileUnreadable(path: path, problem: LocalFile.problem(errno))
    }
  }
}
