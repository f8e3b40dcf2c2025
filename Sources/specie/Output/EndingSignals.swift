import Dispatch
import Foundation

/// Calls back when the process is asked to end, by SIGTERM or SIGINT, which then do not end it.
final class EndingSignals {
  private static let numbers = [SIGTERM, SIGINT]

  private let sources: [any DispatchSourceSignal]

  /// - Parameter callback: Told the signal's number, on a thread of its own.
  init(_ callback: @escaping @Sendable (Int32) -> Void) {
    sources = Self.numbers.map { number in
      // Its default would end the process before the source is told.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { callback(number) }
      source.resume()
      return source
    }
  }

  /// Lets the signals end the process again.
  func cancel() {
    for source in sources { source.cancel() }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }
}
