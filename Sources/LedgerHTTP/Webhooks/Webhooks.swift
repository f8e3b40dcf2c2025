package import LedgerService
package import LedgerStorage
package import Logging
import ServiceLifecycle
import LedgerModel
import Synchronization

/// The webhooks of a ledger's readers: each its own reader's, and delivered while this runs.
///
/// - Source: docs/api.md; docs/decisions/0027-webhooks.md.
package final class Webhooks: Service {
  let limits: WebhookLimits

  private let store: any WebhookStore
  private let desk: WebhookDesk
  private let webhooks: Mutex<[WebhookID: Webhook]>
  /// Webhooks that a courier is to take up.
  private let arrivals: AsyncStream<Webhook>
  private let arrival: AsyncStream<Webhook>.Continuation

  /// Reads what is kept; nothing is sent before ``run()``.
  ///
  /// - Parameters:
  ///   - ledger: Whose events are delivered.
  ///   - store: Where webhooks are kept.
  ///   - sender: What sends; `nil` where the server's operator permits no host.
  ///   - isUnderTLS: Whether callers are known by certificates.
  ///   - limits: Every bound.
  ///   - logger: Told of deliveries that fail, and never of what they hold.
  /// - Throws: `StoreError`.
  package init(
    of ledger: any RunningLedger, in store: any WebhookStore, sender: WebhookSender?,
    isUnderTLS: Bool, limits: WebhookLimits = WebhookLimits(), logger: Logger
  ) throws(StoreError) {
    self.limits = limits
    self.store = store
    desk = WebhookDesk(
      ledger: ledger, sender: sender, isUnderTLS: isUnderTLS, limits: limits, logger: logger)
    (arrivals, arrival) = AsyncStream.makeStream()
    var webhooks: [WebhookID: Webhook] = [:]
    for kept in try store.webhooks() {
      let count = try store.deadLetterCount(of: kept.id)
      let webhook = Webhook(kept, deadLetterCount: count, in: store)
      webhooks[kept.id] = webhook
      arrival.yield(webhook)
    }
    self.webhooks = Mutex(webhooks)
  }

  /// Delivers, until graceful shutdown; what is under way then is sent again after the next start.
  package func run() async throws {
    await cancelWhenGracefulShutdown { [desk, arrivals] in
      await withDiscardingTaskGroup { group in
        for await webhook in arrivals {
          group.addTask { await WebhookCourier(webhook: webhook, desk: desk).run() }
        }
      }
    }
  }

  // MARK: - What their owners ask for

  /// How the webhooks of some owners stand, in order; of `nil`, all.
  func readings(of owners: Set<Reader?>? = nil) -> [WebhookReading] {
    let found = webhooks.withLock { webhooks in
      webhooks.values.filter { owners?.contains($0.id.owner) ?? true }
    }
    return found.sorted { $0.id < $1.id }.map { reading(of: $0) }
  }

  /// - Throws: ``WebhookError/notFound``.
  func reading(of id: WebhookID) throws(WebhookError) -> WebhookReading {
    reading(of: try webhook(id))
  }

  /// Makes a webhook, or changes where one sends and what; its position stays then.
  ///
  /// - Throws: ``WebhookError``.
  func put(_ id: WebhookID, _ request: WebhookRequest) throws(WebhookError) -> WebhookReading {
    let url = try permitted(request.url)
    if let account = request.account {
      try stored { () throws(ReadError) in
        _ = try desk.ledger.account(account, for: desk.access(of: id.owner))
      }
    }
    if let webhook = webhooks.withLock({ $0[id] }) {
      let isThere = try kept { () throws(StoreError) in
        try webhook.change(url: url.text, account: request.account, kinds: request.kinds)
      }
      if isThere { return reading(of: webhook) }
    }
    let size = desk.ledger.status().size
    if let after = request.after, after.value >= size { throw .beyondLog(size: size) }
    let made = KeptWebhook(
      id: id, url: url.text, account: request.account, kinds: request.kinds,
      next: request.after?.next ?? SequenceNumber(size))
    let (webhook, isNew) = try add(made)
    if !isNew {
      _ = try kept { () throws(StoreError) in
        try webhook.change(url: url.text, account: request.account, kinds: request.kinds)
      }
    }
    return reading(of: webhook)
  }

  /// Makes a webhook, and has a courier take it up; each has one.
  private func add(
    _ kept: KeptWebhook
  ) throws(WebhookError) -> (webhook: Webhook, isNew: Bool) {
    // Under the lock, so that two who add at once do not pass the bound.
    let made = try webhooks.withLock { webhooks throws(WebhookError) in
      // Made meanwhile by the same request, sent twice.
      if let webhook = webhooks[kept.id] { return (webhook, false) }
      guard webhooks.keys.count(where: { $0.owner == kept.id.owner }) < limits.webhooksPerReaderMax
      else { throw .full(max: limits.webhooksPerReaderMax) }
      guard webhooks.count < limits.webhooksMax else { throw .full(max: limits.webhooksMax) }
      try self.kept { () throws(StoreError) in try store.keep(kept) }
      let webhook = Webhook(kept, deadLetterCount: 0, in: store)
      webhooks[kept.id] = webhook
      return (webhook, true)
    }
    if made.1 { arrival.yield(made.0) }
    return made
  }

  /// Forgets a webhook, its dead letters and its position.
  ///
  /// - Returns: How it stood.
  /// - Throws: ``WebhookError``.
  func remove(_ id: WebhookID) throws(WebhookError) -> WebhookReading {
    let webhook = try webhook(id)
    let last = reading(of: webhook)
    // Under the lock, so that nobody makes one of that name between the two.
    try webhooks.withLock { webhooks throws(WebhookError) in
      guard webhooks[id] === webhook else { throw .notFound }
      try kept { () throws(StoreError) in try webhook.remove() }
      webhooks[id] = nil
    }
    return last
  }

  /// Sets a position back, so that all after an entry is delivered again.
  ///
  /// - Throws: ``WebhookError/notBack(to:from:)`` where the position is before that.
  func replay(_ id: WebhookID, after: SequenceNumber) throws(WebhookError) -> WebhookReading {
    let webhook = try webhook(id)
    let reading = reading(of: webhook)
    var isBack = after < reading.next
    if isBack {
      isBack = try kept { () throws(StoreError) in try webhook.replay(from: after.next) }
    }
    guard isBack else { throw .notBack(to: after, from: reading.next) }
    return self.reading(of: webhook)
  }

  /// A page of dead letters, from an entry on.
  func deadLetters(
    of id: WebhookID, from sequence: SequenceNumber
  ) throws(WebhookError) -> [DeadLetter] {
    _ = try webhook(id)
    return try kept { () throws(StoreError) in
      try store.deadLetters(of: id, from: sequence, countMax: limits.deadLettersPerPageMax)
    }
  }

  /// Has dead letters sent again, those after an entry.
  func resend(_ id: WebhookID, after: SequenceNumber) throws(WebhookError) -> WebhookReading {
    let webhook = try webhook(id)
    try kept { () throws(StoreError) in try webhook.resend(from: after.next) }
    return reading(of: webhook)
  }

  /// Gives dead letters up.
  func removeDeadLetters(of id: WebhookID) throws(WebhookError) -> WebhookReading {
    let webhook = try webhook(id)
    try kept { () throws(StoreError) in try webhook.removeDeadLetters() }
    return reading(of: webhook)
  }

  private func webhook(_ id: WebhookID) throws(WebhookError) -> Webhook {
    guard let webhook = webhooks.withLock({ $0[id] }) else { throw .notFound }
    return webhook
  }

  private func reading(of webhook: Webhook) -> WebhookReading {
    webhook.reading(size: desk.ledger.status().size, at: SystemClock().now)
  }

  private func permitted(_ text: String) throws(WebhookError) -> WebhookURL {
    let url: WebhookURL
    do throws(WebhookURL.Fault) {
      url = try WebhookURL(text, bytesMax: limits.urlBytesMax)
    } catch {
      throw .invalidURL(text, problem: error.description)
    }
    guard desk.sender?.permits(url) ?? false else { throw .hostNotPermitted(url.host) }
    return url
  }

  private func kept<Value>(
    _ body: () throws(StoreError) -> Value
  ) throws(WebhookError) -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      throw .read(.storage(detail: error.description))
    }
  }

  private func stored(_ body: () throws(ReadError) -> Void) throws(WebhookError) {
    do throws(ReadError) {
      try body()
    } catch {
      throw .read(error)
    }
  }
}

/// Why a webhook is not made, changed or read.
enum WebhookError: Error, Hashable, Sendable {
  case notFound
  case invalidURL(String, problem: String)
  case hostNotPermitted(WebhookHost)
  /// One owner has, or all have, as many as may be.
  case full(max: Int)
  /// The log has not come to the entry to begin after.
  case beyondLog(size: UInt64)
  /// A replay that goes forward would leave events out.
  case notBack(to: SequenceNumber, from: SequenceNumber)
  case read(ReadError)
}
