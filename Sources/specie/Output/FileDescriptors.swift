import Glibc

/// How many files and connections the process may have open.
enum FileDescriptors {
  /// Raises the soft limit to the hard one, which whoever runs the machine has set.
  ///
  /// - Returns: How many there may be now.
  static func raise() -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    unsafe getrlimit(resource, &limit)
    limit.rlim_cur = limit.rlim_max
    unsafe setrlimit(resource, &limit)
    unsafe getrlimit(resource, &limit)
    return Int(clamping: limit.rlim_cur)
  }
}
