import HTTPTypes
import Hummingbird
import LedgerService
import LedgerWire
import NIOCore
import Synchronization

/// The two forms of a submission and of its answer.
enum WireForm: Hashable, Sendable {
  case protobuf
  case json

  /// Reads one media type, parameters aside; `nil` where it is neither.
  init?(mediaType: some StringProtocol) {
    let name = String(mediaType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" })
      .lowercased()
    switch name {
    case "application/x-protobuf", "application/protobuf": self = .protobuf
    case "application/json": self = .json
    default: return nil
    }
  }

  /// The first of the media ranges in an `Accept` header that is known; `standard` for a wildcard.
  ///
  /// Weights are not read: there are two forms, and a caller that wants one names it.
  static func accepted(_ ranges: String, standard: WireForm) -> WireForm? {
    for range in ranges.split(separator: ",") {
      let name = range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
      if name == "*/*" || name == "application/*" { return standard }
      if let form = WireForm(mediaType: range) { return form }
    }
    return nil
  }
}

extension APIResponder {
  func submit(_ request: Request) async throws(Problem) -> Response {
    let contentType = request.headers[.contentType]
    guard let contentType, let form = WireForm(mediaType: contentType) else {
      throw .unsupportedMediaType(contentType)
    }
    if let coding = request.headers[.contentEncoding], coding != "identity" {
      throw .contentCoded(coding)
    }
    var answerForm = form
    if let accept = request.headers[.accept] {
      guard let accepted = WireForm.accepted(accept, standard: form) else {
        throw .notAcceptable(accept)
      }
      answerForm = accepted
    }
    let bytes = try await intake.collect(request)
    // Counted until it is answered: the bytes are held as long.
    defer { intake.release(bytes.count) }
    let receipt: SubmissionReceipt
    do throws(SubmitError) {
      receipt = try await ledger.submit(try submission(bytes, form))
    } catch {
      throw Problem(error, limits)
    }
    switch answerForm {
    case .protobuf: return .protobuf(receipt.protobuf)
    case .json: return .json(receipt.json)
    }
  }

  private func submission(_ bytes: [UInt8], _ form: WireForm) throws(SubmitError) -> Submission {
    do throws(WireError) {
      switch form {
      case .protobuf: return try Submission(protobuf: bytes)
      case .json: return try Submission(json: bytes)
      }
    } catch {
      throw .invalid(error)
    }
  }
}

/// Reads bodies, of which each has a bound, and all together.
final class BodyIntake: Sendable {
  private let limits: HTTPLimits
  private let bytesInFlight = Mutex(0)

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// Reads a whole body, whose bytes count until they are released.
  func collect(_ request: Request) async throws(Problem) -> [UInt8] {
    let stated = request.headers[.contentLength].flatMap { Int($0) }
    if let stated, stated > limits.bodyBytesMax { throw .bodyTooLarge(limits) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(stated ?? 0, 1 << 20))
    var isCollected = false
    defer { if !isCollected { release(bytes.count) } }
    do {
      for try await buffer in request.body {
        guard bytes.count + buffer.readableBytes <= limits.bodyBytesMax else {
          throw Problem.bodyTooLarge(limits)
        }
        try take(buffer.readableBytes)
        bytes.append(contentsOf: buffer.readableBytesView)
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      throw .incompleteBody
    }
    isCollected = true
    return bytes
  }

  private func take(_ count: Int) throws(Problem) {
    let isTaken = bytesInFlight.withLock { total in
      guard total + count <= limits.bodyBytesInFlightMax else { return false }
      total += count
      return true
    }
    guard isTaken else { throw .bodiesFull(limits, retryAfterSeconds: 1) }
  }

  func release(_ count: Int) {
    bytesInFlight.withLock { $0 -= count }
  }
}
