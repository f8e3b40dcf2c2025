import Foundation
import LedgerWire
import ProgramTesting
import Testing

extension EndToEnd {
  /// How the shipped program ends.
  @Suite struct StopTests {
    /// Goal: a caller that asks and never reads does not keep the server from ending in order: what
    /// was taken is durable, a last checkpoint covers it, and the exit code is 0.
    ///
    /// Method: requests whose answers no socket buffer holds, and then SIGTERM.
    @Test func endsWhileACallerNeverReads() async throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_183)
      let (trust, officers) = try server.createLedger()
      try server.serve()
      defer { server.kill() }
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      let load = try Load(ledger: trust.ledger, officers: officers, walletCount: 2)
      for submission in try load.preparation() { try await sender.post(submission.protobuf) }
      let caller = try DeafCaller(port: 17_183)
      caller.ask("/v1/ledger", times: 20_000)
      try await Task.sleep(for: .seconds(1))
      for submission in try load.payments(submissions: 3, batch: 2) {
        try await sender.post(submission.protobuf)
      }
      try await sender.close()
      let start = ContinuousClock.now
      #expect(server.stop() == 0)
      #expect(ContinuousClock.now - start < .seconds(30))
      let report = try server.run(["audit", "verify", "ledger", "--trust", "ledger/trust"])
      #expect(report.contains("no entry lies after it"), "\(report)")
      caller.close()
    }
  }
}

/// A connection that sends and never reads.
private final class DeafCaller: Sendable {
  private let descriptor: Int32

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // Safe: both pointers are valid for the call, and the length is the structure's.
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw ProgramError("no connection: errno \(errno)") }
    guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
      throw ProgramError("a connection that blocks: errno \(errno)")
    }
  }

  /// Sends requests until the server takes no more.
  func ask(_ path: String, times: Int) {
    let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    let bytes = Array(repeating: request, count: times).flatMap { $0 }
    var offset = 0
    var pauses = 0
    while offset < bytes.count, pauses < 50 {
      // Safe: the source lies within the array, which is not changed meanwhile.
      let sent = unsafe bytes.withUnsafeBytes { buffer in
        unsafe send(
          descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset,
          Int32(MSG_NOSIGNAL))
      }
      if sent > 0 {
        offset += sent
      } else {
        pauses += 1
        usleep(10_000)
      }
    }
  }

  func close() { _ = Glibc.close(descriptor) }
}
