internal import CLinux
internal import Glibc
internal import LedgerStorage

/// One open file or folder, closed when let go.
///
/// Straight on the system calls: what matters here (locks, syncs, what a failed write leaves) is
/// what wrappers hide.
final class DiskFile: Sendable {
  /// How a file is opened.
  enum Mode {
    /// For reading; it must exist.
    case read
    /// For reading and writing; it must exist.
    case write
    /// For reading and writing; made where it is missing.
    case writeOrCreate
    /// For reading and writing; it must not exist.
    case create
    /// A folder, to sync or to lock.
    case folder
  }

  let path: String
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - mode: How.
  ///   - permissions: Of a new one, less the process's mask; for its owner only if not given.
  /// - Throws: ``StoreError`` as ``DiskFile/error(_:_:path:)`` maps it.
  init(_ path: String, _ mode: Mode, permissions: UInt32 = 0o600) throws(StoreError) {
    let flags =
      switch mode {
      // What is no regular file does not keep the opening waiting.
      case .read: O_RDONLY | O_NONBLOCK
      case .write: O_RDWR
      case .writeOrCreate: O_RDWR | O_CREAT
      case .create: O_RDWR | O_CREAT | O_EXCL
      case .folder: O_RDONLY | O_DIRECTORY
      }
    // Safe: the path is a C string for the length of the call.
    let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, mode_t(permissions))
    guard descriptor >= 0 else { throw Self.error(errno, "open", path: path) }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    // Expressly, since a child process being started holds a copy of the descriptor for a moment,
    // and closing this one alone would leave it the lock.
    _ = flock(descriptor, LOCK_UN)
    _ = Glibc.close(descriptor)
  }

  func size() throws(StoreError) -> Int {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { throw Self.error(errno, "lseek", path: path) }
    return end
  }

  /// Returns the bytes from `offset` on: `count` of them, or fewer at the file's end.
  func read(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        // Safe: the destination lies within the buffer's capacity, `count`.
        let done = unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + initialized }, count - initialized,
          offset + initialized)
        if done > 0 {
          initialized += done
        } else if done == 0 {
          return
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
    guard failure == 0 else { throw Self.error(failure, "read", path: path) }
    return bytes
  }

  /// Writes all bytes at `offset`; on a failure, some of them may be there.
  func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
    var written = 0
    while written < bytes.count {
      // Safe: the source lies within the array, which is not changed meanwhile.
      let done = unsafe bytes.withUnsafeBytes { buffer in
        unsafe pwrite(
          descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written,
          offset + written)
      }
      if done >= 0 {
        written += done
      } else if errno != EINTR {
        throw Self.error(errno, "write", path: path)
      }
    }
  }

  func truncate(to size: Int) throws(StoreError) {
    guard ftruncate(descriptor, size) == 0 else {
      throw Self.error(errno, "ftruncate", path: path)
    }
  }

  /// Makes the file's bytes durable; of a folder, its names.
  ///
  /// - Throws: ``StoreError/unknownOutcome(detail:)`` always: after a failed sync, nobody knows
  ///   what is on the disk, and a second one that succeeds means nothing.
  func sync() throws(StoreError) {
    guard fdatasync(descriptor) == 0 else {
      throw .unknownOutcome(detail: "fdatasync of `\(path)`: \(Self.text(of: errno))")
    }
  }

  /// Makes durable all that was written to the file system that holds the file.
  ///
  /// - Throws: ``StoreError/unknownOutcome(detail:)``, as ``sync()``.
  func syncFileSystem() throws(StoreError) {
    guard syncfs(descriptor) == 0 else {
      throw .unknownOutcome(detail: "syncfs of `\(path)`: \(Self.text(of: errno))")
    }
  }

  /// How a lock is held.
  enum Lock {
    /// By one alone, who writes.
    case exclusive
    /// By any number, who read.
    case shared
  }

  /// Takes the lock of the whole file, held until the file is let go or the process ends.
  ///
  /// - Throws: ``StoreError/inUse(path:)`` where someone else has it, in this process or another.
  func lock(_ lock: Lock) throws(StoreError) {
    let operation = lock == .exclusive ? LOCK_EX : LOCK_SH
    guard flock(descriptor, operation | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw .inUse(path: path) }
      throw Self.error(errno, "flock", path: path)
    }
  }

  /// Says what a failed system call means for a store.
  static func error(_ code: Int32, _ call: String, path: String) -> StoreError {
    let detail = "\(call) of `\(path)`: \(text(of: code))"
    return switch code {
    case ENOENT: .fileNotFound(path: path)
    case ENOTDIR: .directoryNotFound(path: path)
    case EEXIST, ENOTEMPTY: .alreadyExists(path: path)
    case EACCES, EPERM, EROFS: .readOnly(detail: detail)
    case ENOSPC, EDQUOT: .full(detail: detail)
    default: .failed(detail: detail)
    }
  }

  private static func text(of code: Int32) -> String {
    // Safe: strerror returns a valid C string for every number, copied at once.
    unsafe String(cString: strerror(code))
  }
}
