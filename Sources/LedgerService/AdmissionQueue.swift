import Synchronization

/// What waits in an ``AdmissionQueue``.
package protocol AdmissionItem: Sendable {
  /// Those between whom the queue is fair.
  associatedtype Origin: Hashable, Sendable

  /// Whose share it takes.
  var origin: Origin { get }
  /// How much of a turn it takes; at least 1.
  var cost: Int { get }
  var byteCount: Int { get }
}

/// The bounds of an ``AdmissionQueue``.
package struct AdmissionLimits: Sendable {
  /// What the cost counts, in the words of a refusal.
  package let unit: String
  /// The cost of all that waits.
  package let costMax: Int
  /// The bytes of all that waits.
  package let bytesMax: Int
  /// The cost that one origin may take before the next one has its turn.
  package let turnCost: Int
  /// The cost taken at once, unless one item has more.
  package let takenCostMax: Int
  /// What is told to who finds it full.
  package let retryAfterSeconds: Int
}

/// What waits for a stage: bounded, and fair between those that it comes from.
///
/// An origin may queue as much as is left free, so that there is room for others whenever they
/// come. Origins take turns, and each turn is worth the same cost, so that one with long
/// submissions gets no more than one with short ones.
///
/// - Source: M. Shreedhar and G. Varghese, "Efficient Fair Queueing Using Deficit Round Robin",
///   1995.
package final class AdmissionQueue<Item: AdmissionItem>: Sendable {
  private struct Lane {
    let origin: Item.Origin
    /// `nil` where it is taken.
    var waiting: [Item?] = []
    /// The first that still waits.
    var head = 0
    var cost = 0
    var byteCount = 0
    /// What the origin may still have taken before others have their turn.
    var credit = 0

    var next: Item? { head < waiting.count ? waiting[head] : nil }

    mutating func takeNext(_ item: Item) {
      waiting[head] = nil
      head += 1
      credit -= item.cost
      cost -= item.cost
      byteCount -= item.byteCount
      // Once half is taken: each item is moved once, amortised.
      guard head >= waiting.count - head else { return }
      waiting.removeFirst(head)
      head = 0
    }
  }

  private struct State {
    var lanes: [Lane] = []
    /// Which lane is whose.
    var slots: [Item.Origin: Int] = [:]
    var freeSlots: [Int] = []
    /// Whose turn it is, first one next: the lane of every origin that waits, once.
    var turns: [Int] = []
    var cost = 0
    var byteCount = 0
    var isClosed = false

    func queued(by origin: Item.Origin) -> (cost: Int, byteCount: Int) {
      slots[origin].map { (lanes[$0].cost, lanes[$0].byteCount) } ?? (0, 0)
    }

    /// - Complexity: O(1), amortised.
    mutating func append(_ item: Item) {
      let slot: Int
      if let known = slots[item.origin] {
        slot = known
      } else {
        slot = makeLane(of: item.origin)
        turns.append(slot)
      }
      lanes[slot].waiting.append(item)
      lanes[slot].cost += item.cost
      lanes[slot].byteCount += item.byteCount
      cost += item.cost
      byteCount += item.byteCount
    }

    private mutating func makeLane(of origin: Item.Origin) -> Int {
      let slot = freeSlots.popLast() ?? lanes.count
      let lane = Lane(origin: origin)
      if slot == lanes.count { lanes.append(lane) } else { lanes[slot] = lane }
      slots[origin] = slot
      return slot
    }

    mutating func remove(_ slot: Int) {
      slots[lanes[slot].origin] = nil
      lanes[slot].waiting = []
      freeSlots.append(slot)
    }
  }

  private let limits: AdmissionLimits
  private let state = Mutex(State())

  package init(limits: AdmissionLimits) { self.limits = limits }

  /// Adds an item at the end of its origin's lane.
  ///
  /// - Throws: ``SubmitError/overloaded(queue:max:retryAfterSeconds:)``; ``SubmitError/stopping``
  ///   after ``closeIfEmpty()``.
  package func add(_ item: Item) throws(SubmitError) {
    if let refused = add(all: CollectionOfOne(item)).first { throw refused.error }
  }

  /// Adds items in their order.
  ///
  /// - Returns: Those that are refused, each with what ``add(_:)`` would throw.
  package func add(all items: some Sequence<Item>) -> [(item: Item, error: SubmitError)] {
    state.withLock { state in
      var refused: [(item: Item, error: SubmitError)] = []
      for item in items {
        if let error = refusal(of: item, state) {
          refused.append((item, error))
        } else {
          state.append(item)
        }
      }
      return refused
    }
  }

  private func refusal(of item: Item, _ state: borrowing State) -> SubmitError? {
    if state.isClosed { return .stopping }
    let (queuedCost, queuedBytes) = state.queued(by: item.origin)
    if queuedCost + item.cost > limits.costMax - state.cost {
      return overloaded(limits.unit, limits.costMax)
    }
    if queuedBytes + item.byteCount > limits.bytesMax - state.byteCount {
      return overloaded("bytes", limits.bytesMax)
    }
    return nil
  }

  /// Takes at most what the limit allows at once, but one item at least where any waits.
  package func take() -> [Item] {
    state.withLock { state in
      var taken: [Item] = []
      var cost = 0
      while let slot = state.turns.first, let next = state.lanes[slot].next {
        // The turn is not lost: the origin begins the next time.
        guard taken.isEmpty || cost + next.cost <= limits.takenCostMax else { break }
        if state.lanes[slot].credit < next.cost {
          state.lanes[slot].credit += limits.turnCost
          if state.turns.count > 1 { state.turns.append(state.turns.removeFirst()) }
          continue
        }
        taken.append(next)
        cost += next.cost
        state.cost -= next.cost
        state.byteCount -= next.byteCount
        state.lanes[slot].takeNext(next)
        if state.lanes[slot].next == nil {
          state.remove(slot)
          state.turns.removeFirst()
        }
      }
      return taken
    }
  }

  /// The cost of what waits.
  package var cost: Int { state.withLock { $0.cost } }

  /// Closes the queue if nothing waits in it: whoever comes later is told that the service ends.
  ///
  /// - Returns: Whether it is closed.
  package func closeIfEmpty() -> Bool {
    state.withLock { state in
      if state.turns.isEmpty { state.isClosed = true }
      return state.isClosed
    }
  }

  private func overloaded(_ queue: String, _ max: Int) -> SubmitError {
    .overloaded(queue: queue, max: max, retryAfterSeconds: limits.retryAfterSeconds)
  }
}
