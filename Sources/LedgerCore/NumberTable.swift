/// Numbers found by hash: open addressing, eight bytes a place, at most three quarters full.
///
/// The keys stand elsewhere, dense, so that they are held once. Numbers are only ever added.
package struct NumberTable: Sendable {
  /// The upper half of the hash, and the number plus one; zero is a free place.
  private var places: [UInt64] = []
  private var mask: UInt64 = 0
  package private(set) var count = 0

  package init() {}

  /// Creates a table that takes `count` numbers before it grows.
  init(expecting count: Int) {
    guard count > 0 else { return }
    let size = max(8, (count / 3 * 4 + 4).roundedUpToPowerOf2)
    places = [UInt64](repeating: 0, count: size)
    mask = UInt64(size - 1)
  }

  /// Returns the number under a hash that `isMatch` takes, or `nil`.
  ///
  /// - Complexity: O(1), expected.
  @inline(__always)  // Used with a closure for each account and id of a payment.
  func number(hash: UInt64, isMatch: (Int) -> Bool) -> Int? {
    guard !places.isEmpty else { return nil }
    var index = hash & mask
    while true {
      let place = places[Int(truncatingIfNeeded: index)]
      if place == 0 { return nil }
      if place >> 32 == hash >> 32 {
        let number = Int(truncatingIfNeeded: place & 0xFFFF_FFFF) - 1
        if isMatch(number) { return number }
      }
      index = (index + 1) & mask
    }
  }

  /// What is at the place where a search for the hash begins; for the cache alone.
  func trace(of hash: UInt64) -> UInt64 {
    places.isEmpty ? 0 : places[Int(truncatingIfNeeded: hash & mask)]
  }

  /// Adds a number, which the table does not hold yet.
  ///
  /// - Parameters:
  ///   - number: `0 ..< 2^32 - 1`.
  ///   - hash: Of its key.
  ///   - hashOf: The same for the numbers added before, when the table grows.
  /// - Complexity: O(1), amortised.
  mutating func insert(_ number: Int, hash: UInt64, hashOf: (Int) -> UInt64) {
    precondition(0 <= number && number < Int(UInt32.max), "number \(number) in a table")
    if count + 1 > places.count / 4 * 3 { grow(hashOf) }
    put(number, hash)
    count += 1
  }

  private mutating func put(_ number: Int, _ hash: UInt64) {
    var index = hash & mask
    while places[Int(truncatingIfNeeded: index)] != 0 { index = (index + 1) & mask }
    places[Int(truncatingIfNeeded: index)] = (hash & 0xFFFF_FFFF_0000_0000) | UInt64(number + 1)
  }

  private mutating func grow(_ hashOf: (Int) -> UInt64) {
    let old = places
    let size = max(8, 2 * old.count)
    precondition(size <= 1 << 32, "a table of \(size) places")
    places = [UInt64](repeating: 0, count: size)
    mask = UInt64(size - 1)
    for place in old where place != 0 {
      let number = Int(truncatingIfNeeded: place & 0xFFFF_FFFF) - 1
      put(number, hashOf(number))
    }
  }
}

extension Int {
  /// - Precondition: `0 < self`.
  fileprivate var roundedUpToPowerOf2: Int {
    self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
  }
}
