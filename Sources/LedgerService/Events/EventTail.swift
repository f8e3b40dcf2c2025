import LedgerModel
import Synchronization

/// The newest events, and those who wait for them.
///
/// Each follower goes through the log at its own pace: from the store while it is behind, and from
/// here once it is not. It is woken only for what may concern it, so that ten thousand who wait for
/// nothing cost nothing.
final class EventTail: Sendable {
  /// What wakes a follower.
  enum Interest: Hashable, Sendable {
    /// Every event.
    case everything
    /// Those that are for each reader.
    case all
    case account(AccountID)
    case reader(Reader)
  }

  fileprivate struct Waiting {
    let interests: [Interest]
    /// The first entry that may concern it and that it has not been through.
    var pending: SequenceNumber?
    let wake: AsyncStream<Void>.Continuation
  }

  fileprivate struct State {
    /// Of the entries from `first` to just before `end`.
    var events: [LedgerEvent] = []
    var first = SequenceNumber.genesis
    var end = SequenceNumber.genesis
    var followers: [UInt64: Waiting] = [:]
    var byInterest: [Interest: Set<UInt64>] = [:]
    var newestID: UInt64 = 0
    var isClosed = false
  }

  /// Whether anybody follows.
  var isFollowed: Bool { followerCount.load(ordering: .relaxed) > 0 }

  private let followerCount = Atomic<Int>(0)
  private let eventsMax: Int
  private let followersMax: Int
  private let state = Mutex(State())

  init(_ limits: ServiceLimits) {
    eventsMax = limits.keptEventsMax
    followersMax = limits.followersMax
  }

  // MARK: - The announcer's side

  /// How far the events go; `nil` while nobody follows.
  var reach: SequenceNumber? {
    state.withLock { state in state.followers.isEmpty ? nil : state.end }
  }

  /// Adds the events up to an entry, and wakes those whom they may concern.
  func append(_ events: [LedgerEvent], to end: SequenceNumber) {
    state.withLock { state in
      state.events += events
      state.end = end
      if state.events.count > eventsMax {
        let dropped = state.events.count - eventsMax / 2
        state.first = state.events[dropped].sequence
        state.events.removeFirst(dropped)
      }
      for event in events {
        for interest in event.interests {
          for id in state.byInterest[interest] ?? [] { state.wake(id, for: event.sequence) }
        }
      }
    }
  }

  /// Wakes all, so that each shows that it is there.
  func wakeAll() {
    state.withLock { state in
      for follower in state.followers.values { follower.wake.yield() }
    }
  }

  /// Ends all, and takes no more.
  func close() {
    state.withLock { state in
      state.isClosed = true
      for follower in state.followers.values { follower.wake.finish() }
    }
  }

  // MARK: - The followers' side

  /// Takes a follower in.
  ///
  /// - Parameters:
  ///   - interests: What wakes it.
  ///   - first: The entry that it begins with.
  ///   - size: Of the durable log: where events begin to be kept if it is the only follower.
  /// - Returns: `nil` where there are as many as there may be, or the service ends.
  func join(
    _ interests: [Interest], from first: SequenceNumber, size: UInt64
  ) -> (id: UInt64, wakes: AsyncStream<Void>)? {
    let (stream, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    return state.withLock { state in
      guard !state.isClosed, state.followers.count < followersMax else { return nil }
      if state.followers.isEmpty {
        state.events = []
        (state.first, state.end) = (SequenceNumber(size), SequenceNumber(size))
      }
      followerCount.add(1, ordering: .relaxed)
      state.newestID += 1
      let id = state.newestID
      state.followers[id] = Waiting(interests: interests, pending: first, wake: wake)
      for interest in interests { state.byInterest[interest, default: []].insert(id) }
      wake.yield()
      return (id, stream)
    }
  }

  func leave(_ id: UInt64) {
    state.withLock { state in
      guard let follower = state.followers.removeValue(forKey: id) else { return }
      followerCount.subtract(1, ordering: .relaxed)
      for interest in follower.interests {
        state.byInterest[interest]?.remove(id)
        if state.byInterest[interest]?.isEmpty ?? false { state.byInterest[interest] = nil }
      }
    }
  }

  /// What a follower has before it.
  enum Next {
    /// Nothing: it has been through all entries before that one.
    case nothing(before: SequenceNumber)
    /// Events, which bring it to that entry.
    case events([LedgerEvent], to: SequenceNumber)
    /// Entries from there on that are in the store alone.
    case stored(from: SequenceNumber)
  }

  /// Takes the next events of a follower.
  ///
  /// - Parameters:
  ///   - id: Of the follower.
  ///   - countMax: Events that are looked at.
  /// - Returns: What it has not been through yet.
  func next(of id: UInt64, countMax: Int) -> Next {
    state.withLock { state in
      guard let pending = state.followers[id]?.pending else { return .nothing(before: state.end) }
      guard pending < state.end else {
        // Not announced yet: it is woken once it is.
        return .nothing(before: pending)
      }
      guard pending >= state.first else { return .stored(from: pending) }
      let start = state.index(of: pending)
      let taken = state.events[start...].prefix(countMax)
      let isRest = start + taken.count == state.events.count
      let end = isRest ? state.end : taken.last.map(\.sequence.next) ?? state.end
      state.followers[id]?.pending = isRest ? nil : end
      return .events(Array(taken), to: end)
    }
  }

  /// A follower has been through the store, up to an entry.
  func advance(_ id: UInt64, to next: SequenceNumber) {
    state.withLock { $0.followers[id]?.pending = next == $0.end ? nil : next }
  }
}

extension EventTail.State {
  /// Wakes a follower for an entry, unless it has been through it.
  mutating func wake(_ id: UInt64, for sequence: SequenceNumber) {
    guard let follower = followers[id] else { return }
    if let pending = follower.pending {
      guard pending <= sequence else { return }
    } else {
      followers[id]?.pending = sequence
    }
    follower.wake.yield()
  }

  /// Where the first event at or after an entry is.
  func index(of sequence: SequenceNumber) -> Int {
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
