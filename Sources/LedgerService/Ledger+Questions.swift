import LedgerCore
package import LedgerModel
import LedgerWire

// What would become of an order, and what a wallet may still pay: asked of the state that decides.

extension Ledger {
  package func dryRun(_ body: Delivery.Body) async throws(SubmitError) -> DryRun {
    let submission = try gateway.verified(body)
    let answer = await ask { state -> (Result<Outcome?, SubmissionRefusal>, UInt64, LedgerTime) in
      let result: Result<Outcome?, SubmissionRefusal>
      do throws(SubmissionRefusal) {
        result = .success(try state.outcome(ofDryRun: submission))
      } catch {
        result = .failure(error)
      }
      return (result, state.nextSequence.value, state.time)
    }
    guard let (result, asOf, time) = answer else {
      throw .overloaded(
        queue: "questions", max: limits.questionsMax, retryAfterSeconds: limits.retryAfterSeconds)
    }
    let outcome: Outcome?
    do throws(SubmissionRefusal) {
      outcome = try result.get()
    } catch {
      throw .invalid(.refused(error))
    }
    guard let outcome else { throw .notForDryRuns }
    return DryRun(
      receipt: try view.receipt(ofDryRun: submission, outcome, at: SequenceNumber(asOf)),
      asOf: asOf, time: time)
  }

  package func headroom(
    of id: AccountID, for access: Access
  ) async throws(ReadError) -> HeadroomReading {
    _ = try view.account(id, for: access)
    let answer = await ask { ($0.headroom(of: id), $0.nextSequence.value, $0.time) }
    guard let (headroom, asOf, time) = answer else { throw .busy }
    guard let headroom else { throw .notFound }
    return HeadroomReading(
      account: id, headroom: headroom, showsShared: access.seesAllAccounts, asOf: asOf, time: time)
  }

  /// Has the sequencer look at its state.
  ///
  /// An idle ledger's time stands still, and with it what was used today: so it is let pass.
  ///
  /// - Returns: What it saw, once all that it rests on is durable; `nil` where too much is asked,
  ///   or the service ends.
  private func ask<Answer: Sendable>(
    _ look: @escaping @Sendable (borrowing LedgerState) -> Answer
  ) async -> Answer? {
    letTimePass()
    return await withCheckedContinuation { (continuation: CheckedContinuation<Answer?, Never>) in
      let isAdded = questions.add(
        Questions.Question(
          look: { state in
            let answer = look(state)
            return { isDurable in continuation.resume(returning: isDurable ? answer : nil) }
          },
          giveUp: { continuation.resume(returning: nil) }))
      if isAdded { wakes.ring(wakes.sequencer) } else { continuation.resume(returning: nil) }
    }
  }
}
