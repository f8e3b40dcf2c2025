import Foundation

/// Reading and writing of whole small files, so that a crash leaves the old or the new one.
enum LocalFile {
  /// Reads a file of at most `bytesMax` bytes.
  static func read(_ path: String, bytesMax: Int) throws(CommandFault) -> [UInt8] {
    let bytes = try readStart(path, bytes: bytesMax + 1)
    guard bytes.count <= bytesMax else { throw .fileTooLarge(path: path, max: bytesMax) }
    return bytes
  }

  /// Reads a file's first bytes: as many as are asked for, or as there are.
  static func readStart(_ path: String, bytes: Int) throws(CommandFault) -> [UInt8] {
    // Safe: the path is a C string for the length of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .fileUnreadable(path: path, problem: problem(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      return [UInt8](try handle.read(upToCount: bytes) ?? Data())
    } catch {
      throw .fileUnreadable(path: path, problem: "it is no file that can be read")
    }
  }

  /// Reads a file as UTF-8.
  static func readText(_ path: String, bytesMax: Int) throws(CommandFault) -> String {
    guard let text = String(validating: try read(path, bytesMax: bytesMax), as: UTF8.self) else {
      throw .fileInvalid(path: path, problem: "it is not UTF-8 text")
    }
    return text
  }

  /// What a power cut may take back.
  enum Durability {
    /// Nothing: the bytes and the file's name are on the medium.
    case full
    /// The whole file; only for what can be had again.
    case none
  }

  /// Writes a file that must not exist yet.
  static func create(
    _ path: String, _ bytes: [UInt8], mode: UInt32, durability: Durability = .full
  ) throws(CommandFault) {
    // Safe: the path is a C string for the length of the call.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    guard descriptor >= 0 else {
      guard errno != EEXIST else { throw .fileExists(path: path) }
      throw .fileUnwritable(path: path, problem: problem(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(bytes))
      if durability == .full { try handle.synchronize() }
      try handle.close()
    } catch {
      _ = unsafe unlink(path)
      throw .fileUnwritable(path: path, problem: "there is no room, or the device failed")
    }
    if durability == .full { try synchronizeFolder(of: path) }
  }

  /// Writes a file in the place of the one that is there, in one step.
  ///
  /// Of a symbolic link, what it leads to is replaced, and the link stays.
  static func replace(
    _ path: String, _ bytes: [UInt8], mode: UInt32, durability: Durability = .full
  ) throws(CommandFault) {
    let path = resolved(path)
    let unfinished = path + ".unfinished-\(getpid())"
    try create(unfinished, bytes, mode: mode, durability: durability)
    // Safe: both paths are C strings for the length of the call.
    guard unsafe rename(unfinished, path) == 0 else {
      let reason = problem(errno)
      _ = unsafe unlink(unfinished)
      throw .fileUnwritable(path: path, problem: reason)
    }
    if durability == .full { try synchronizeFolder(of: path) }
  }

  /// Makes a file's name durable, which a sync of the file alone does not (fsync(2)).
  static func synchronizeFolder(of path: String) throws(CommandFault) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    // Safe: the path is a C string for the length of the call.
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .fileUnwritable(path: path, problem: "its folder does not open: \(problem(errno))")
    }
    defer { close(descriptor) }
    // EINVAL: a file system that has nothing to sync there.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .fileUnwritable(path: path, problem: "its folder is not durable: \(problem(errno))")
    }
  }

  /// Writes all bytes to an open file.
  ///
  /// - Returns: The error's number (errno(3)); `nil` where there is none.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Safe: as many bytes are read as the slice has.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Whoever opened it does not wait for readers; this does.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  /// The path without symbolic links; the same where it leads nowhere yet.
  private static func resolved(_ path: String) -> String {
    // Safe: the result is a C string of its own, copied and then freed.
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  /// The permission bits; `nil` where there is no such file.
  static func permissions(_ path: String) -> UInt32? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved(path))
    return (attributes?[.posixPermissions] as? Int).map { UInt32($0) & 0o777 }
  }

  /// Says so on standard error where a secret's file is open to others than its owner.
  static func warnIfShared(_ path: String) {
    guard let mode = permissions(path), mode & 0o077 != 0 else { return }
    StandardError.write(
      "warning: `\(path)` is open to others (mode \(String(mode, radix: 8))); close it with "
        + "`chmod 600`")
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The words for an error's number.
  static func problem(_ code: Int32) -> String {
    // Safe: the text is copied before anything else can change it.
    unsafe String(cString: strerror(code)).lowercased()
  }
}
