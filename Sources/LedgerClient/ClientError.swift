public import LedgerModel
public import MerkleLog

/// Why a client has no answer that it believes.
public enum ClientError: Error, Hashable, Sendable {
  case invalidURL(String)
  /// Certificates or keys that cannot be used.
  case tls(String)
  /// The server's problem: the caller's mistake, or a passing trouble that did not pass in time.
  case refused(ServerProblem)
  /// The server took nothing of what this call submitted, and never will; what an earlier call did
  /// with the same bytes, the status of its ids tells.
  case notTaken(ServerProblem)
  /// No connection, or it broke. A submission may have been taken: send the same bytes again, or
  /// ask for the status of its ids.
  case unreachable(url: String, reason: String)
  case timedOut(waitingFor: String)
  case untrusted(Distrust)
  /// The server answered what no server of this version answers.
  case malformedAnswer(path: String, reason: String)
}

/// What a problem answer says (RFC 9457).
public struct ServerProblem: Hashable, Sendable {
  public let status: Int
  /// The stable wire name: docs/errors.md.
  public let code: String
  public let detail: String
  public let retryAfterSeconds: Int?
}

/// Which answer is false: reason to call the operator and the auditor.
public enum Distrust: Hashable, Sendable {
  case otherLedger(found: LedgerID, pinned: LedgerID)
  case otherLogKey(found: String, pinned: String)
  case checkpoint(CheckpointError)
  /// A newer checkpoint was seen before this one was asked for.
  case wentBack(from: UInt64, to: UInt64)
  /// Two checkpoints of one size with two roots.
  case forked(size: UInt64)
  /// An entry that was heard of is in the log no more.
  case lostEntries(heard: SequenceNumber, size: UInt64)
  case proof(SequenceNumber, LogProofError)
  case entry(SequenceNumber, problem: String)
  case receipt(problem: String)
  /// Orders that are said to be made of a message, and are not of these bytes, ledger or sender.
  case message(DocumentDigest)
}

extension ClientError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidURL(let text):
      "`\(text)` is no address of a server: use `https://` and a host, or `http://` and a loopback "
        + "host, such as `http://127.0.0.1:7070`"
    case .tls(let reason): reason
    case .refused(let problem), .notTaken(let problem):
      "\(problem.detail) (`\(problem.code)`, \(problem.status))"
    case .unreachable(let url, let reason): "`\(url)` does not answer: \(reason)"
    case .timedOut(let noun): "\(noun) did not come in time"
    case .untrusted(let distrust): "the server's answer is not to be believed: \(distrust)"
    case .malformedAnswer(let path, let reason): "the answer of `\(path)` is malformed: \(reason)"
    }
  }
}

extension Distrust: CustomStringConvertible {
  public var description: String {
    switch self {
    case .otherLedger(let found, let pinned):
      "it serves ledger `\(found)`, the trust file pins `\(pinned)`"
    case .otherLogKey(let found, let pinned):
      "its log key is `\(found)`, the trust file pins `\(pinned)`"
    case .checkpoint(let error): "\(error)"
    case .wentBack(let from, let to):
      "a checkpoint of size `\(from)` was seen before, and now one of `\(to)`"
    case .forked(let size): "two checkpoints of size `\(size)` have two roots"
    case .lostEntries(let heard, let size):
      "entry \(heard) was heard of, and now the log has `\(size)` entries"
    case .proof(let sequence, let error): "entry \(sequence): \(error)"
    case .entry(let sequence, let problem): "entry \(sequence): \(problem)"
    case .receipt(let problem): "the receipt: \(problem)"
    case .message(let document):
      "the orders of document `\(document)` are not made of the message that was sent"
    }
  }
}
