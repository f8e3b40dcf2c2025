/// A small seeded generator: the same seed gives the same numbers on every machine.
///
/// - Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    // Wrapping, as the algorithm is defined.
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension SplitMix64 {
  /// Returns whether an event of that many percent happens.
  package mutating func happens(percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &self) < percent
  }

  /// Returns one of the items.
  ///
  /// - Precondition: There is one.
  package mutating func one<Item>(of items: some Collection<Item>) -> Item {
    guard let item = items.randomElement(using: &self) else {
      preconditionFailure("one of no items")
    }
    return item
  }

  /// Returns the offset of one of the weights, as often as it weighs.
  package mutating func offset(weighted weights: [Int]) -> Int {
    var rest = Int.random(in: 0..<weights.reduce(0, +), using: &self)
    for (offset, weight) in weights.enumerated() {
      if rest < weight { return offset }
      rest -= weight
    }
    preconditionFailure("weights \(weights) have no sum")
  }
}
