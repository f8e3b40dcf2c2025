import Foundation

/// The service manager that started this process, where it wants to hear how it stands.
///
/// - Source: sd_notify(3), "Notes": a datagram to the socket that NOTIFY_SOCKET names.
enum ServiceManager {
  enum State: String {
    case ready = "READY=1"
    case stopping = "STOPPING=1"
  }

  /// Tells it; where there is none, or it does not listen, nothing is lost.
  static func tell(_ state: State) {
    guard let path = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"], !path.isEmpty else {
      return
    }
    var name = Array(path.utf8)
    // An abstract name begins with a zero byte, and is written with an `@`.
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    // Safe: the name is shorter than what it is copied into.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let message = Array(state.rawValue.utf8)
    // Safe: a sockaddr_un is what an address of its family is read as, and both sizes are given.
    unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = unsafe sendto(
          descriptor, message, message.count, Int32(MSG_NOSIGNAL), address, length)
      }
    }
  }
}
