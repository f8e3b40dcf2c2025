import FoundationEssentials
import LedgerModel
import LedgerWire
import MerkleLog

extension PaymentEvidence {
  /// Bytes of a file that are read at most.
  package static let fileBytesMax = 4 << 20
  package static let format = "specie-evidence-v1"

  private struct Document: Codable {
    let format: String
    let log: ProvenEntriesDocument
    let instruction: UInt64
    let submission: UInt64
    let path: [String]
    let attestation: SignedEnvelope?
  }

  /// The file: JSON with its keys in order.
  package var json: [UInt8] {
    ProofJSON.encode(
      Document(
        format: Self.format, log: ProvenEntriesDocument(log), instruction: instruction.value,
        submission: submission.value, path: path.map { Base64.encode($0.bytes) },
        attestation: attestation))
  }

  /// Reads a file.
  ///
  /// - Throws: ``EvidenceFault`` of the kind `form`.
  package init(json: [UInt8]) throws(EvidenceFault) {
    let document = try ProofJSON.decode(Document.self, json, format: Self.format)
    var path: [Digest] = []
    for text in document.path { path.append(try Base64Field.digest(text, "path")) }
    self.init(
      log: try document.log.proven(), instruction: SequenceNumber(document.instruction),
      submission: SequenceNumber(document.submission), path: path,
      attestation: document.attestation)
  }
}
