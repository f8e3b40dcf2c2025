import LedgerModel
import LedgerService
import LedgerStorage
import Logging

/// Delivery by one plan: what is at hand, and what was tried.
struct DeliveryRound {
  /// What to do next.
  enum Next {
    case again
    /// To wait to be woken, or for so long.
    case wait(Duration?)
    /// To begin anew, by what the webhook then is.
    case anew
  }

  let plan: Webhook.Plan
  private let webhook: Webhook
  private let desk: WebhookDesk
  private var follower: EventFollower?
  /// Why there is none, though the owner reads.
  private var fault: ReadError?
  /// Events that were read and not delivered, and the entry that they reach up to.
  private var events: ArraySlice<LedgerEvent> = []
  private var before: SequenceNumber
  /// Events to be sent one by one, since they were refused together.
  private var singles = 0
  private var failures = 0
  private var refusals = 0
  private var pauseEnd: ContinuousClock.Instant?

  init(webhook: Webhook, plan: Webhook.Plan, desk: WebhookDesk) {
    self.webhook = webhook
    self.plan = plan
    self.desk = desk
    before = plan.kept.next
    failures = plan.failures
  }

  /// Begins to follow the log, where the owner may.
  mutating func open() -> EventFollower? {
    let kept = plan.kept
    let filter = EventFilter(account: kept.account, kinds: kept.kinds.map { Set($0) })
    // The genesis makes no event, so that there is always an entry to begin after.
    let after = SequenceNumber(max(kept.next.value, 1) - 1)
    do throws(ReadError) {
      follower = try desk.ledger.follow(
        after: after, filter, for: desk.access(of: kept.id.owner))
    } catch {
      fault = error
    }
    return follower
  }

  /// Does the next thing.
  mutating func step() async -> Next {
    guard let current = webhook.plan, current.revision == plan.revision else { return .anew }
    if let pauseEnd, ContinuousClock.now < pauseEnd { return .wait(nil) }
    if pauseEnd != nil, follower == nil { return .anew }
    pauseEnd = nil
    let access = desk.access(of: plan.kept.id.owner)
    guard access.isReader else {
      events = []
      follower = nil
      return rest(as: .noAccess)
    }
    guard let follower else {
      // Not found is the account, which is not the owner's.
      return fault == .notFound
        ? rest(as: .noAccess)
        : retry("the server cannot follow the log", asked: nil, fault?.description)
    }
    guard let sender = desk.sender,
      let url = try? WebhookURL(plan.kept.url, bytesMax: desk.limits.urlBytesMax),
      sender.permits(url)
    else { return rest(as: .hostNotPermitted) }
    do {
      if let letter = try webhook.dueDeadLetter() {
        return try await resend(letter, for: access, by: sender, to: url)
      }
      if events.isEmpty, let next = try read(follower, access) { return next }
      return try await deliver(by: sender, to: url)
    } catch {
      return retry("the server could not read", asked: nil, "\(error)")
    }
  }

  /// Reads on, until there are as many events as are sent at once, or no more.
  ///
  /// A page may have one event or none; to send each by itself would be as slow as the way there.
  ///
  /// - Returns: What to do; `nil` where there are events to deliver.
  private mutating func read(
    _ follower: EventFollower, _ access: Access
  ) throws(ReadError) -> Next? {
    var isMore = true
    for _ in 0..<desk.limits.pagesPerReadMax
    where isMore && events.count < desk.limits.eventsPerDeliveryMax {
      let page = try follower.next(for: access)
      // At once: the follower does not give them again, also where the next page cannot be read.
      events += page.events
      before = max(before, page.before)
      isMore = page.isMore
    }
    guard events.isEmpty else {
      tellFound()
      return nil
    }
    webhook.found(nil, reach: before, isCaughtUp: !isMore, plan)
    keepReach(margin: desk.limits.entriesUnkeptMax)
    return isMore ? .again : .wait(nil)
  }

  private func tellFound() {
    guard let first = events.first else { return }
    webhook.found(first.time, reach: first.sequence, isCaughtUp: false, plan)
  }

  /// Sends the next events.
  private mutating func deliver(by sender: WebhookSender, to url: WebhookURL) async throws -> Next {
    let (count, body) = batch()
    let answer = await sender.post(body, to: url)
    guard !Task.isCancelled else { return .wait(nil) }
    let now = SystemClock().now
    switch DeliveryVerdict(answer) {
    case .delivered:
      goOn(behind: count)
      webhook.delivered(to: reach, answer.words, at: now, plan)
      keepReach(margin: 1)
    case .tryAgain(let asked): return retry(answer.words, asked: asked, answer.detail)
    case .refused where count > 1:
      singles = count
    case .refused:
      refusals += 1
      guard refusals >= desk.limits.refusedAttemptsMax, let event = events.first else {
        return retry(answer.words, asked: nil, answer.detail)
      }
      let letter = DeadLetter(
        sequence: event.sequence, attempts: refusals, time: now, answer: answer.words)
      let next = events.count == 1 ? before : event.sequence.next
      let max = desk.limits.deadLettersMax
      guard try webhook.bury(letter, goingOnWith: next, max: max, plan) else {
        return retry(answer.words, asked: nil, isFull: true)
      }
      desk.warn(
        "an event is a dead letter", webhook.id,
        ["entry": "\(event.sequence)", "answer": "\(answer.words)"])
      goOn(behind: 1)
    }
    tellFound()
    return .again
  }

  /// The entry to go on with.
  private var reach: SequenceNumber { events.first?.sequence ?? before }

  private mutating func goOn(behind count: Int) {
    events = events.dropFirst(count)
    singles = max(0, singles - count)
    failures = 0
    refusals = 0
  }

  /// The events that are sent next, as one body.
  private func batch() -> (count: Int, body: [UInt8]) {
    let limits = desk.limits
    var texts: [[UInt8]] = []
    var bytes = 0
    for event in events.prefix(singles > 0 ? 1 : limits.eventsPerDeliveryMax) {
      let text = JSONWriter.object { $0.event(event) }
      bytes += text.count
      guard texts.isEmpty || bytes <= limits.deliveryBytesMax else { break }
      texts.append(text)
    }
    return (texts.count, body(texts))
  }

  private func body(_ events: [[UInt8]]) -> [UInt8] {
    JSONWriter.object {
      $0.string("ledger", desk.ledger.id.description)
      if let owner = plan.kept.id.owner { $0.string("reader", owner.description) }
      $0.string("webhook", plan.kept.id.name)
      $0.array("events", events) { $0.textElement($1) }
    }
  }

  /// Sends a dead letter again, once; as long as nobody answers, again and again.
  private mutating func resend(
    _ letter: DeadLetter, for access: Access, by sender: WebhookSender, to url: WebhookURL
  ) async throws -> Next {
    var left = letter
    left.isDue = false
    left.time = SystemClock().now
    guard let event = try event(at: letter.sequence, for: access) else {
      left.answer = "its owner does not read it any more"
      try webhook.settle(letter, left: left, (left.answer, left.time), plan)
      return .again
    }
    let answer = await sender.post(body([JSONWriter.object { $0.event(event) }]), to: url)
    guard !Task.isCancelled else { return .wait(nil) }
    left.attempts += 1
    left.answer = answer.words
    switch DeliveryVerdict(answer) {
    case .delivered: try webhook.settle(letter, left: nil, (left.answer, left.time), plan)
    case .refused: try webhook.settle(letter, left: left, (left.answer, left.time), plan)
    case .tryAgain(let asked): return retry(answer.words, asked: asked, answer.detail)
    }
    failures = 0
    return .again
  }

  /// The event of an entry, as the log has it.
  private func event(
    at sequence: SequenceNumber, for access: Access
  ) throws(ReadError) -> LedgerEvent? {
    let follower = try desk.ledger.follow(
      after: SequenceNumber(max(sequence.value, 1) - 1), EventFilter(), for: access)
    while true {
      let page = try follower.next(for: access)
      if let first = page.events.first { return first.sequence == sequence ? first : nil }
      guard page.isMore, page.before <= sequence else { return nil }
    }
  }

  /// Waits after a failure, and says so.
  private mutating func retry(
    _ words: String, asked: Duration?, _ detail: String? = nil, isFull: Bool = false
  ) -> Next {
    failures += 1
    var random = SystemRandomNumberGenerator()
    let pause = desk.limits.pause(after: failures, asked: asked, using: &random)
    let now = SystemClock().now
    let time = now.advanced(byMicroseconds: UInt64(pause.nanoseconds / 1_000))
    webhook.stands(
      isFull ? .deadLettersFull(retryAt: time) : .retrying(at: time), failures: failures,
      (words, now), plan)
    desk.warn(
      isFull ? "delivery waits: the dead letters are full" : "a delivery has failed", webhook.id,
      ["answer": "\(detail ?? words)", "failures": "\(failures)", "retry": "\(time)"])
    pauseEnd = .now + pause
    return .wait(pause)
  }

  /// Waits to look again, without a try that could fail.
  private mutating func rest(as standing: Webhook.Standing) -> Next {
    if webhook.stands(standing, failures: 0, nil, plan) {
      desk.warn("a webhook rests", webhook.id, ["why": "\(standing.name)"])
    }
    let pause = desk.limits.restPause
    pauseEnd = .now + pause
    return .wait(pause)
  }

  private func keepReach(margin: UInt64) {
    do throws(StoreError) {
      try webhook.keepReach(margin: margin, plan)
    } catch {
      // What was delivered is delivered again after a restart: at least once.
      desk.warn("a webhook's position is not kept", webhook.id, ["why": "\(error)"])
    }
  }
}
