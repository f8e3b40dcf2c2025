import Foundation

/// Values that a thread of its own makes, a few ahead of whoever takes them.
///
/// For a log's replay: one core reads and hashes, another decides.
package final class ReadAhead<Value: Sendable>: @unchecked Sendable {
  // @unchecked: everything mutable is touched under `condition` alone.

  private let condition = NSCondition()
  private let valuesMax: Int
  private var values: [Value] = []
  private var hasEnded = false
  private var isCancelled = false

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - name: Of the thread.
  ///   - valuesMax: How many values wait at most; at least 1.
  ///   - make: Runs on the thread. It hands on values, in order, and stops where it is told that
  ///     nobody wants more.
  package init(
    _ name: String, valuesMax: Int, _ make: @escaping @Sendable (_ hand: (Value) -> Bool) -> Void
  ) {
    precondition(valuesMax >= 1, "\(valuesMax) values ahead are none")
    self.valuesMax = valuesMax
    let thread = Thread { [self] in
      make { put($0) }
      condition.withLock {
        hasEnded = true
        condition.broadcast()
      }
    }
    thread.name = name
    thread.start()
  }

  /// Waits for the next value; `nil` after the last.
  package func next() -> Value? {
    condition.withLock {
      while values.isEmpty, !hasEnded { condition.wait() }
      guard !values.isEmpty else { return nil }
      condition.broadcast()
      return values.removeFirst()
    }
  }

  /// Ends the making, and returns once the thread makes no more.
  package func cancel() {
    condition.withLock {
      isCancelled = true
      condition.broadcast()
      while !hasEnded { condition.wait() }
    }
  }

  private func put(_ value: Value) -> Bool {
    condition.withLock {
      while values.count >= valuesMax, !isCancelled { condition.wait() }
      guard !isCancelled else { return false }
      values.append(value)
      condition.broadcast()
      return true
    }
  }
}
