package import LedgerModel
package import LedgerWire

/// Names a connection, from its opening on; none comes again while the process runs.
package struct ConnectionID: Hashable, Sendable {
  package let value: UInt64

  package init(_ value: UInt64) { self.value = value }
}

/// A submission as a connection delivers it: nothing of it has been read yet.
package struct Delivery: AdmissionItem {
  package enum Body: Sendable {
    case protobuf([UInt8])
    case json([UInt8])
    /// From a caller in this process.
    case read(Submission)
  }

  package typealias Completion = @Sendable (Result<SubmissionReceipt, SubmitError>) -> Void

  /// Bytes that take as long to read as one signature takes to check, roughly.
  private static let bytesPerCheck = 4_096

  /// Whose share of the gateway it takes.
  package let origin: ConnectionID
  package let body: Body
  /// The id of the one instruction that the caller says it sends; `nil` where it says nothing.
  package let idempotencyKey: InstructionID?
  /// Called once, from any thread: on success, when the submission is durable.
  package let complete: Completion

  package init(
    from origin: ConnectionID, _ body: Body, idempotencyKey: InstructionID? = nil,
    complete: @escaping Completion
  ) {
    self.origin = origin
    self.body = body
    self.idempotencyKey = idempotencyKey
    self.complete = complete
  }

  /// In signature checks.
  package var cost: Int { 1 + byteCount / Self.bytesPerCheck }

  package var byteCount: Int {
    switch body {
    case .protobuf(let bytes), .json(let bytes): bytes.count
    case .read(let submission): submission.instructions.buffer.count
    }
  }

  /// - Throws: What is wrong with the bytes, before anything in them is believed.
  package func read() throws(SubmitError) -> Submission {
    let submission: Submission
    do throws(WireError) {
      submission =
        switch body {
        case .protobuf(let bytes): try Submission(protobuf: bytes)
        case .json(let bytes): try Submission(json: bytes)
        case .read(let submission): submission
        }
    } catch {
      throw .invalid(error)
    }
    guard let idempotencyKey else { return submission }
    guard submission.instructions.count == 1,
      let only = try? Instruction(canonicalBytes: Array(submission.instructions[0])),
      only.id == idempotencyKey
    else { throw .otherIdempotencyKey(idempotencyKey) }
    return submission
  }
}
