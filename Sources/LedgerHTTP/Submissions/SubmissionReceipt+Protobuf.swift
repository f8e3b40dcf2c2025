import HTTPTypes
import LedgerModel
import LedgerService
import LedgerWire

extension SubmissionReceipt {
  /// The protobuf form (proto/specie/v1/api.proto).
  ///
  /// Written by hand, because answers of a thousand instructions are on the hot path; held against
  /// the generated code by LedgerHTTPTests.
  var protobuf: [UInt8] {
    var message = ProtobufWriter(capacity: 32 + 40 * instructions.count)
    append(to: &message)
    return message.bytes
  }

  /// The same as one answer of a stream, behind its length.
  var streamed: [UInt8] {
    .streamed(capacity: 48 + 40 * instructions.count) { answer in
      answer.message(16) { append(to: &$0) }
    }
  }

  private func append(to message: inout ProtobufWriter) {
    message.field(1, sequence.value)
    message.field(2, time.microseconds)
    for instruction in instructions { message.message(3) { instruction.append(to: &$0) } }
  }
}

extension Problem {
  /// One answer of a stream, behind its length.
  var streamed: [UInt8] {
    .streamed(capacity: 128) { answer in
      answer.message(17) { problem in
        problem.field(1, UInt64(status.code))
        problem.field(2, code)
        problem.field(3, detail)
        problem.field(4, UInt64(retryAfterSeconds ?? 0))
      }
    }
  }
}

extension [UInt8] {
  /// A `SubmissionAnswer` behind its length, as a varint.
  fileprivate static func streamed(
    capacity: Int, _ body: (inout ProtobufWriter) -> Void
  ) -> [UInt8] {
    var answer = ProtobufWriter(capacity: capacity)
    body(&answer)
    return answer.delimited
  }
}

extension InstructionReceipt {
  fileprivate func append(to message: inout ProtobufWriter) {
    message.field(1, id.value)
    message.field(2, sequence.value)
    message.field(3, firstSequence.value)
    guard case .rejected(let code, let rule, let pack) = outcome else {
      message.message(16) { accepted in
        guard case .remarked(let remarks) = outcome else { return }
        for remark in remarks { accepted.remark(remark) }
      }
      return
    }
    message.field(4, words(for: code))
    if let breach { message.breach(SideData.Breach(breach), field: 5) }
    if isWithheld { message.field(6, 1) }
    message.message(17) { $0.rejected(code, rule, pack) }
  }
}
