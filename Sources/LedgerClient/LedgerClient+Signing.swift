import Glibc
public import LedgerModel
public import LedgerWire

extension InstructionID {
  /// Chooses an id of now, at random: once for each order, before it is first sent, and kept until
  /// its outcome is known.
  ///
  /// - Source: RFC 9562, section 5.7 (UUIDv7).
  public static func new() -> InstructionID {
    InstructionID(
      milliseconds: LedgerClient.now.microseconds / 1_000,
      random: (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max)))
  }
}

extension LedgerClient {
  /// How long a statement can be sequenced, unless the ledger allows less.
  private static let lifetime = Duration.seconds(9 * 60)

  /// This machine's wall clock.
  static var now: LedgerTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return LedgerTime(
      microseconds: UInt64(max(0, time.tv_sec)) * 1_000_000 + UInt64(time.tv_nsec / 1_000))
  }

  /// Signs orders of a party without sending them: `submit` the result as often as it takes, which
  /// executes it once.
  ///
  /// - Parameters:
  ///   - orders: 1 to 10,000, each under an id of its own.
  ///   - party: Who orders.
  ///   - keys: As many as the party's orders need.
  ///   - lifetime: How long they can be sequenced; `nil` for 9 minutes. Where the ledger allows
  ///     less, nine tenths of that, since clocks differ.
  /// - Returns: The signed statement with its orders.
  /// - Throws: ``ClientError``, where the ledger does not say what it allows.
  public func sign(
    _ orders: [Instruction], of party: Party, with keys: [SigningKey], lifetime: Duration? = nil
  ) async throws(ClientError) -> Submission {
    let allowed = Duration.microseconds(
      Int64(clamping: try await info().horizonMicroseconds(of: party) / 10 * 9))
    let length = min(lifetime ?? Self.lifetime, allowed)
    return Submission(
      orders, of: party, on: trust.ledger,
      expiry: Self.now.advanced(byMicroseconds: UInt64(max(0, length / .microseconds(1)))),
      signedBy: keys)
  }
}
