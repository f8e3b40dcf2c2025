/// One signature line of a note: who signed, and the signature as its algorithm lays it out.
///
/// - Source: C2SP signed-note, "Format"; C2SP tlog-cosignature, "Format".
public struct NoteSignature: Hashable, Sendable {
  /// The name of the key.
  public let name: KeyName

  /// Which of the keys of that name.
  public let keyID: KeyID

  /// The signature, in the layout of the key's algorithm; never empty.
  public let bytes: [UInt8]

  /// Signs `text`, the text of a note, with `key`.
  ///
  /// - Parameters:
  ///   - text: The text, with its last line feed.
  ///   - key: The public half of the signing key; an ``KeyAlgorithm/ed25519`` key.
  ///   - sign: Returns the 64-byte Ed25519 signature over a message.
  /// - Throws: What `sign` throws.
  public init<Failure: Error>(
    signing text: [UInt8], by key: VerifierKey,
    with sign: (_ message: [UInt8]) throws(Failure) -> [UInt8]
  ) throws(Failure) {
    precondition(key.algorithm == .ed25519, "key \(key) does not sign notes")
    let signature = try sign(key.algorithm.message(text: text, timestampSeconds: nil))
    precondition(signature.count == Self.ed25519ByteCount, "\(signature.count) bytes signed")
    name = key.name
    keyID = key.id
    bytes = signature
  }

  /// Cosigns `text`, the text of a checkpoint, with `key`: a witness's word that the log was
  /// consistent up to it at that time.
  ///
  /// - Parameters:
  ///   - text: The text, with its last line feed.
  ///   - key: The public half of the witness's key; an ``KeyAlgorithm/ed25519Cosignature`` key.
  ///   - timestampSeconds: When, in POSIX seconds; at most 2^63 - 1.
  ///   - sign: Returns the 64-byte Ed25519 signature over a message.
  /// - Throws: What `sign` throws.
  public init<Failure: Error>(
    cosigning text: [UInt8], by key: VerifierKey, timestampSeconds: UInt64,
    with sign: (_ message: [UInt8]) throws(Failure) -> [UInt8]
  ) throws(Failure) {
    precondition(key.algorithm == .ed25519Cosignature, "key \(key) does not cosign")
    precondition(timestampSeconds <= Self.timestampSecondsMax, "time \(timestampSeconds)")
    let signature = try sign(
      key.algorithm.message(text: text, timestampSeconds: timestampSeconds))
    precondition(signature.count == Self.ed25519ByteCount, "\(signature.count) bytes signed")
    name = key.name
    keyID = key.id
    bytes =
      stride(from: 56, through: 0, by: -8)
      .map { UInt8(truncatingIfNeeded: timestampSeconds >> UInt64($0)) } + signature
  }

  /// Creates a signature from its line, which may end in a line feed; such as a witness answers.
  public init?(line: String) {
    let bytes = Array(line.utf8)
    self.init(line: bytes.last == Note.lineFeed ? bytes.dropLast() : bytes[...])
  }

  /// Creates a signature from its line, without the line feed.
  init?(line: ArraySlice<UInt8>) {
    guard line.starts(with: Self.linePrefix) else { return nil }
    let fields = line.dropFirst(Self.linePrefix.count).split(
      separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard fields.count == 2,
      let nameText = String(validating: fields[0], as: UTF8.self),
      let name = try? KeyName(nameText),
      let blob = Base64.decode(fields[1]), blob.count > KeyID.byteCount
    else { return nil }
    self.name = name
    self.keyID = KeyID(blob.prefix(KeyID.byteCount))
    self.bytes = Array(blob.dropFirst(KeyID.byteCount))
  }

  /// The line, with its line feed.
  public var line: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the line, with its line feed.
  func append(to note: inout [UInt8]) {
    note.append(contentsOf: Self.linePrefix)
    note.append(contentsOf: name.utf8)
    note.append(UInt8(ascii: " "))
    Base64.append(keyID.bytes + bytes, to: &note)
    note.append(Note.lineFeed)
  }

  /// Whether both say that they are by the same key.
  func isLabelled(like other: NoteSignature) -> Bool {
    name == other.name && keyID == other.keyID
  }

  /// Returns what the signature consists of, or `nil` if it is none of that algorithm.
  func parts(
    for algorithm: KeyAlgorithm
  ) -> (timestampSeconds: UInt64?, signature: [UInt8])? {
    switch algorithm {
    case .ed25519:
      return bytes.count == Self.ed25519ByteCount ? (nil, bytes) : nil
    case .ed25519Cosignature:
      guard bytes.count == 8 + Self.ed25519ByteCount else { return nil }
      let timestampSeconds = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard timestampSeconds <= Self.timestampSecondsMax else { return nil }
      return (timestampSeconds, Array(bytes.dropFirst(8)))
    }
  }

  /// An em dash, U+2014, and a space.
  private static let linePrefix: [UInt8] = [0xe2, 0x80, 0x94, 0x20]
  private static let ed25519ByteCount = 64
  private static let timestampSecondsMax = UInt64(Int64.max)
}

extension KeyID {
  /// The length of a key ID, in bytes.
  static let byteCount = 4
}

extension KeyAlgorithm {
  /// Returns the bytes that are signed for a note of the given text.
  func message(text: [UInt8], timestampSeconds: UInt64?) -> [UInt8] {
    switch self {
    case .ed25519:
      return text
    case .ed25519Cosignature:
      let header = "cosignature/v1\ntime \(timestampSeconds ?? 0)\n"
      return Array(header.utf8) + text
    }
  }
}
