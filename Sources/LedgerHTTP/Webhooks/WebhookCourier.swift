import LedgerModel
import LedgerService
import LedgerStorage
import Logging

/// Takes one webhook's events to its receiver, in the order of the log, until it is removed.
///
/// One task's: there is at most one request under way, and the next event waits for the answer to
/// the one before it.
struct WebhookCourier: Sendable {
  let webhook: Webhook
  let desk: WebhookDesk

  /// Returns once the webhook is removed, or the task is cancelled.
  func run() async {
    while !Task.isCancelled, let plan = webhook.plan {
      var round = DeliveryRound(webhook: webhook, plan: plan, desk: desk)
      await follow(&round)
    }
  }

  /// Delivers by one plan, until its owner changes it, or access has to be looked up again.
  private func follow(_ round: inout DeliveryRound) async {
    await withDiscardingTaskGroup { group in
      defer { group.cancelAll() }
      if let follower = round.open() {
        group.addTask { [webhook] in for await _ in follower.wakes { webhook.ring() } }
      }
      webhook.ring()
      for await _ in webhook.wakes {
        repeat {
          switch await round.step() {
          case .again:
            // A long log is gone through without ever waiting, and others want the thread, too.
            await Task.yield()
            continue
          case .anew: return
          case .wait(nil): break
          case .wait(let duration?):
            group.addTask { [webhook] in
              guard (try? await Task.sleep(for: duration)) != nil else { return }
              webhook.ring()
            }
          }
          break
        } while !Task.isCancelled
      }
    }
    do throws(StoreError) {
      try webhook.keepReach(round.plan)
    } catch {
      desk.warn("a webhook's position is not kept", webhook.id, ["why": "\(error)"])
    }
  }
}

/// What all couriers share.
struct WebhookDesk: Sendable {
  let ledger: any RunningLedger
  /// `nil` where the server's operator permits no host.
  let sender: WebhookSender?
  /// Whether callers are known; without TLS, the webhooks of nobody in particular are served.
  let isUnderTLS: Bool
  let limits: WebhookLimits
  let logger: Logger

  /// What a webhook's owner reads now.
  func access(of owner: Reader?) -> Access {
    guard let owner else { return isUnderTLS ? .certificate([]) : .open }
    return ledger.access(of: owner)
  }

  func warn(_ message: Logger.Message, _ id: WebhookID, _ metadata: Logger.Metadata = [:]) {
    let names: Logger.Metadata = ["reader": "\(id.ownerText)", "webhook": "\(id.name)"]
    logger.warning(message, metadata: names.merging(metadata) { $1 })
  }
}
