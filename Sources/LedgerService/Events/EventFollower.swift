package import LedgerModel
import MerkleLog
import Synchronization

/// One who follows the log, from any entry on and for as long as it likes; one task's.
///
/// Only what is durable is shown, in the order of the log, and nothing twice.
package final class EventFollower: Sendable {
  /// Some events, and how far the follower has come with them.
  package struct Page: Sendable {
    package let events: [LedgerEvent]
    /// All entries before this one have been looked at.
    package let before: SequenceNumber
    /// Whether there may be more at once.
    package let isMore: Bool
  }

  /// A wake whenever there may be something, and now and then where there is not; it ends with the
  /// service.
  package let wakes: AsyncStream<Void>

  private let id: UInt64
  private let tail: EventTail
  private let view: DurableView
  private let filter: EventFilter
  /// Through what is in the store alone.
  private let reader: Mutex<EventReader>

  /// - Throws: ``ReadError/followersFull(max:)``.
  init(
    of view: DurableView, _ tail: EventTail, after: SequenceNumber?, _ filter: EventFilter,
    for access: Access
  ) throws(ReadError) {
    let size = view.head.tree.size
    let first = after.map(\.next) ?? SequenceNumber(size)
    let joined = tail.join(filter.interests(of: access), from: first, size: size)
    guard let joined else { throw .followersFull(max: view.limits.followersMax) }
    (id, wakes) = joined
    self.view = view
    self.tail = tail
    self.filter = filter
    reader = Mutex(EventReader(from: first))
  }

  deinit { tail.leave(id) }

  /// The next events.
  ///
  /// - Parameter access: Of who asks, as it is now.
  /// - Returns: Those that it may see and asked for; none, though there may be more at once, where
  ///   others' were looked at.
  /// - Throws: ``ReadError/storage(detail:)``.
  /// - Complexity: A row is read where the follower is far behind.
  package func next(for access: Access) throws(ReadError) -> Page {
    switch tail.next(of: id, countMax: view.limits.eventsPerPageMax) {
    case .nothing(let before): return Page(events: [], before: before, isMore: false)
    case .events(let events, let end): return page(events, to: end, access)
    case .stored(let first):
      let (events, end) = try reader.withLock { reader throws(ReadError) in
        try reader.read(from: first, in: view)
      }
      tail.advance(id, to: end)
      return page(events, to: end, access)
    }
  }

  private func page(_ events: [LedgerEvent], to end: SequenceNumber, _ access: Access) -> Page {
    let shown = events.filter { $0.isFor(access) && filter.admits($0) }
    return Page(
      events: shown.map { $0.showing { view.mayShowSideData(of: $0, to: access) } }, before: end,
      isMore: true)
  }
}
