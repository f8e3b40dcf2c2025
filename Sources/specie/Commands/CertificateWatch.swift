import Dispatch
import Foundation
import LedgerModel
import LedgerTLS
import Logging
import ServiceLifecycle
import Synchronization

/// SIGHUP, which asks for files to be read again.
final class HangupSignal {
  private final class Listeners: Sendable {
    let all = Mutex<[AsyncStream<Void>.Continuation]>([])
  }

  private let listeners = Listeners()
  private let source: any DispatchSourceSignal

  init() {
    signal(SIGHUP, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler { [listeners] in
      for listener in listeners.all.withLock({ $0 }) { listener.yield() }
    }
    source.resume()
  }

  /// Each signal from here on, for one who listens; several in a row may be one.
  func listen() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    listeners.all.withLock { $0.append(continuation) }
    return stream
  }

  func cancel() { source.cancel() }
}

/// Reads a server's certificates again when their files change, and says before they end.
struct CertificateWatch: Service {
  private let tls: ServerTLS
  private let hangups: AsyncStream<Void>
  private let logger: Logger

  init(_ tls: ServerTLS, hangups: AsyncStream<Void>, logger: Logger) {
    self.tls = tls
    self.hangups = hangups
    self.logger = logger
  }

  func run() async throws {
    sayEnds()
    // One loop for both, so that files are read one time after the other.
    let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { for await _ in hangups { look.yield() } }
        group.addTask {
          while (try? await Task.sleep(for: TLSLimits.checkInterval)) != nil { look.yield() }
        }
        group.addTask {
          var said = ContinuousClock.now
          for await _ in looks {
            refresh()
            guard ContinuousClock.now >= said + TLSLimits.forecastInterval else { continue }
            said = .now
            sayEnds()
          }
        }
      }
    }
  }

  private func refresh() {
    do throws(TLSFault) {
      guard try tls.refresh(at: WallClock.now) else { return }
      logger.notice("certificates were read again; new connections get them")
      sayEnds()
    } catch {
      logger.error("certificates changed and are no good; the earlier ones stay: \(error)")
    }
  }

  /// Says when certificates end, the louder the nearer.
  private func sayEnds() {
    let ends = tls.ends
    say("the server's certificate", in: tls.files.certificate, ends: ends.certificate)
    say("an authority of clients", in: tls.files.clientAuthorities, ends: ends.clientAuthorities)
  }

  private func say(_ noun: String, in file: String, ends: LedgerTime) {
    let now = WallClock.now
    let level: Logger.Level =
      switch TLSLimits.urgency(of: ends, at: now) {
      case .none: .info
      case .soon: .warning
      case .now: .error
      }
    logger.log(
      level: level, "\(noun) ends at \(ends)",
      metadata: [
        "file": "\(file)", "days_left": "\(TLSLimits.daysLeft(until: ends, at: now))",
      ])
  }
}
