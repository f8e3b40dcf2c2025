import MerkleLog

/// Fields of a proof file that are base64.
enum Base64Field {
  static func bytes(_ text: String, _ field: String) throws(EvidenceFault) -> [UInt8] {
    guard let bytes = Base64.decode(Array(text.utf8)) else {
      throw EvidenceFault(.form, "`\(field)` is no canonical base64")
    }
    return bytes
  }

  static func digest(_ text: String, _ field: String) throws(EvidenceFault) -> Digest {
    guard let digest = try? Digest(try bytes(text, field)) else {
      throw EvidenceFault(.form, "`\(field)` is not the base64 of 32 bytes")
    }
    return digest
  }
}
