import NIOCore
import Synchronization

/// Answers that are made in any order, on any thread, and go out in the order of their submissions.
final class StreamAnswers: Sendable {
  /// Answers that go out together.
  struct Ready {
    var bytes = ByteBuffer()
    var count = 0
    /// Bytes of the submissions that they answer.
    var submissionBytes = 0
  }

  private struct Slot {
    var answer: [UInt8]?
    let submissionBytes: Int
  }

  private struct State {
    var slots: CircularBuffer<Slot> = []
    /// The number of the first slot.
    var first = 0
    var isTakingDue = false
  }

  private let state = Mutex(State())

  /// Makes room for the answer to the next submission, and numbers it.
  func expect(submissionBytes: Int) -> Int {
    state.withLock { state in
      state.slots.append(Slot(submissionBytes: submissionBytes))
      return state.first + state.slots.count - 1
    }
  }

  /// Puts an answer in its place.
  ///
  /// - Returns: Whether the caller has to see to it that ``takeReady()`` is called.
  func fill(_ number: Int, _ answer: [UInt8]) -> Bool {
    state.withLock { state in
      state.slots[offset: number - state.first].answer = answer
      guard number == state.first, !state.isTakingDue else { return false }
      state.isTakingDue = true
      return true
    }
  }

  /// Takes all answers before the first that is not there yet.
  func takeReady() -> Ready {
    state.withLock { state in
      state.isTakingDue = false
      var ready = Ready()
      while let slot = state.slots.first, let answer = slot.answer {
        ready.bytes.writeBytes(answer)
        ready.count += 1
        ready.submissionBytes += slot.submissionBytes
        state.slots.removeFirst()
        state.first += 1
      }
      return ready
    }
  }
}

extension CircularBuffer {
  fileprivate subscript(offset offset: Int) -> Element {
    get { self[index(startIndex, offsetBy: offset)] }
    set { self[index(startIndex, offsetBy: offset)] = newValue }
  }
}
