import LedgerClient
import LedgerModel

/// Someone who hears events over a line that breaks, and begins again behind the newest that was
/// heard where its certificate ends.
struct DayFollower: Sendable {
  /// What was heard, in its order.
  struct Record: Sendable {
    let name: String
    var events: [EventAnswer] = []
  }

  let name: String
  let url: String
  let pass: DayPass
  /// `nil` for all.
  let kinds: Set<String>?
  /// Whose last orders of the day it awaits.
  let awaited: Set<String>

  func follow() async throws -> Record {
    var record = Record(name: name)
    var awaited = awaited
    var deadline = ContinuousClock.now + DayPass.patience
    while !awaited.isEmpty {
      do throws(ClientError) {
        let client = try pass.client(name, url: url)
        var events = client.events(
          after: record.events.last?.sequence ?? .genesis, kinds: kinds
        ).makeAsyncIterator()
        while !awaited.isEmpty, let event = try await events.next() {
          record.events.append(event)
          deadline = ContinuousClock.now + DayPass.patience
          if event.reference == DayBank.lastReference {
            awaited.remove(event.party.description)
          }
        }
        if Task.isCancelled { return record }
      } catch {
        guard error.mayPass, ContinuousClock.now < deadline else { throw error }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    return record
  }
}
