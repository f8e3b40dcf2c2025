import Dispatch
import LedgerClient
import Synchronization

/// Waits for a server; never on a thread that runs tasks.
enum ServerAnswer {
  static func wait<Value: Sendable>(
    _ ask: @escaping @Sendable () async throws(ClientError) -> Value
  ) throws(ClientError) -> Value {
    let box = AnswerBox<Value>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      do throws(ClientError) {
        box.put(.success(try await ask()))
      } catch {
        box.put(.failure(error))
      }
      done.signal()
    }
    done.wait()
    guard let result = box.take() else { preconditionFailure("the answer came, and is not there") }
    return try result.get()
  }
}

/// Where a task leaves an answer for a thread.
private final class AnswerBox<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, ClientError>?>(nil)

  func put(_ value: Result<Value, ClientError>) { result.withLock { $0 = value } }
  func take() -> Result<Value, ClientError>? { result.withLock { $0 } }
}
