import Foundation
import LedgerClient
import LedgerModel
import LedgerWire

/// Sends a file's orders in parts, each under one signature.
struct BatchSender: Sendable {
  let client: LedgerClient
  let party: Party
  let signer: SigningKey
  /// How long a part can be sequenced.
  let lifetimeMicroseconds: UInt64
  let partRows: Int
  let partsInFlight: Int

  private struct Sent: Sendable {
    let index: Int
    let rows: [BatchFile.Row]
    let answer: Result<VerifiedReceipt, ClientError>
  }

  /// Sends all parts, or up to the first that fails; those on their way are waited for.
  ///
  /// - Returns: What failed first; `nil` where every part was answered.
  func send(_ rows: [BatchFile.Row], _ progress: BatchProgress) async -> (any Error)? {
    let signals = EndingSignals { number in
      StandardError.write(progress.openText)
      _exit(128 + number)
    }
    defer { signals.cancel() }
    var failure: (any Error)?
    await withTaskGroup(of: Sent.self) { group in
      for (index, start) in stride(from: 0, to: rows.count, by: partRows).enumerated() {
        if index >= partsInFlight, let sent = await group.next() {
          failure = note(sent, progress) ?? failure
        }
        guard failure == nil else { break }
        let part = Array(rows[start..<min(start + partRows, rows.count)])
        // Ids age, so those that the file leaves open are chosen now.
        let instructions = part.map { $0.instruction() }
        do throws(CommandFault) {
          try progress.begin(index, part, instructions)
        } catch {
          failure = error
          break
        }
        let submission = Submission(
          instructions, of: party, on: client.trust.ledger,
          expiry: WallClock.now.advanced(byMicroseconds: lifetimeMicroseconds),
          signedBy: [signer])
        group.addTask {
          do throws(ClientError) {
            return Sent(
              index: index, rows: part, answer: .success(try await client.submit(submission)))
          } catch {
            return Sent(index: index, rows: part, answer: .failure(error))
          }
        }
      }
      while let sent = await group.next() {
        // Noted in any case: an answer is never dropped for another part's failure.
        let problem = note(sent, progress)
        failure = failure ?? problem
      }
    }
    do throws(CommandFault) {
      try progress.close()
    } catch {
      failure = failure ?? error
    }
    return failure
  }

  private func note(_ sent: Sent, _ progress: BatchProgress) -> (any Error)? {
    do {
      try progress.finish(sent.index, sent.rows, sent.answer.get())
      return nil
    } catch {
      return error
    }
  }
}
