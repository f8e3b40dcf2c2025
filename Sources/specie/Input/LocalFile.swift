import Foundation

/// Reading and writing of whole small files, so that a crash leaves the old or the new one.
enum LocalFile {
  /// Reads a file of at most `bytesMax` bytes.
  static func read(_ path: String, bytesMax: Int) throws(CommandFault) -> [UInt8] {
    // Safe: the path is a C string for the length of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .fileUnreadable(path: path, problem: problem(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let data: Data
    do {
      data = try handle.read(upToCount: bytesMax + 1) ?? Data()
    } catch {
      throw .fileUnreadable(path: path, problem: "it is no file that can be read")
    }
    guard data.count <= bytesMax else { throw .fileTooLarge(path: path, max: bytesMax) }
    return [UInt8](data)
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
  static func replace(
    _ path: String, _ bytes: [UInt8], mode: UInt32, durability: Durability = .full
  ) throws(CommandFault) {
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
  private static func synchronizeFolder(of path: String) throws(CommandFault) {
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

  /// The permission bits; `nil` where there is no such file.
  static func permissions(_ path: String) -> UInt32? {
    var status = stat()
    // Safe: the path is a C string, and the call fills the struct or fails.
    guard unsafe stat(path, &status) == 0 else { return nil }
    return status.st_mode & 0o777
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private static func problem(_ code: Int32) -> String {
    // Safe: the text is copied before anything else can change it.
    unsafe String(cString: strerror(code)).lowercased()
  }
}
