/// What is signed: DSSE v1's pre-authentication encoding of a typed payload.
///
/// - Source: DSSE v1.0.2, protocol.md, "Signature Definition".
public enum DSSE {
  /// The payload type of a submission's statement.
  public static let statementType = "application/vnd.specie.statement.v1+protobuf"
  /// The payload type of a genesis.
  public static let genesisType = "application/vnd.specie.genesis.v1+protobuf"

  /// `"DSSEv1" SP len(type) SP type SP len(payload) SP payload`, lengths in decimal bytes.
  public static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
    // Not by interpolation: that costs more than all else that is done to a short statement.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32 + type.utf8.count + payload.count)
    bytes.append(contentsOf: "DSSEv1 ".utf8)
    bytes.append(contentsOf: String(type.utf8.count).utf8)
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: type.utf8)
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: String(payload.count).utf8)
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: payload)
    return bytes
  }
}
