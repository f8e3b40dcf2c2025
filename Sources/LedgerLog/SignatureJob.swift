package import LedgerModel
import LedgerWire

/// One signature of the log, to be checked on any core.
package struct SignatureJob: Hashable, Sendable {
  package let sequence: SequenceNumber
  package let signature: StatementSignature
  package let message: [UInt8]

  package var isValid: Bool {
    Ed25519.isValid(signature.signature, on: message, by: signature.key)
  }

  package var fault: LogFault {
    LogFault(.signature, at: sequence, "the signature of key `\(signature.key)` is not valid")
  }
}
