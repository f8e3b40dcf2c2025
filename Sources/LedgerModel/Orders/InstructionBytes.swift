/// The exact bytes of several instructions, one range each of one buffer.
///
/// One buffer, because a submission of thousands of instructions is then two allocations: the body
/// of a request is kept as it came, and the ranges say where each instruction lies.
public struct InstructionBytes: Sendable {
  /// All bytes; what lies between the ranges is nobody's.
  public let buffer: [UInt8]
  private let ranges: [Range<Int32>]

  /// Creates the list of the ranges of a buffer, in order.
  ///
  /// - Precondition: Each range lies within the buffer, whose length an `Int32` holds.
  public init(_ buffer: [UInt8], ranges: [Range<Int32>]) {
    for range in ranges {
      precondition(
        0 <= range.lowerBound && Int(range.upperBound) <= buffer.count,
        "bytes \(range) of \(buffer.count)")
    }
    self.buffer = buffer
    self.ranges = ranges
  }

  /// Creates the list of instructions that lie apart, and are copied.
  public init(_ instructions: [[UInt8]]) {
    var buffer: [UInt8] = []
    buffer.reserveCapacity(instructions.reduce(0) { $0 + $1.count })
    var ranges: [Range<Int32>] = []
    ranges.reserveCapacity(instructions.count)
    for instruction in instructions {
      let start = Int32(buffer.count)
      buffer.append(contentsOf: instruction)
      ranges.append(start..<Int32(buffer.count))
    }
    self.init(buffer, ranges: ranges)
  }

  /// Where the bytes of the instruction lie in ``buffer``.
  public func range(_ index: Int) -> Range<Int> {
    Int(ranges[index].lowerBound)..<Int(ranges[index].upperBound)
  }
}

extension InstructionBytes: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { ranges.count }

  public subscript(index: Int) -> ArraySlice<UInt8> { buffer[range(index)] }
}

extension InstructionBytes: Hashable {
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.elementsEqual(rhs) }

  public func hash(into hasher: inout Hasher) {
    for bytes in self { hasher.combine(bytes) }
  }
}
