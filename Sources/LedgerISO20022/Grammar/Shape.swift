import LedgerModel

/// What an element may hold: a message's grammar is one of these.
///
/// A dictionary literal is a sequence, in its order. The end of a name says how often the element
/// stands there: once, `?` at most once, `*` any number, `+` once at least, `*7` at most seven
/// times.
indirect enum Shape: Sendable {
  case value(ValueForm)
  /// A decimal with its currency in `Ccy`.
  case amount
  case sequence([Particle])
  /// Exactly one of them.
  case choice([Particle])
  /// An element that the schema has and the ledger does not take, and why.
  case refused(String)

  struct Particle: Sendable {
    let name: String
    let count: ClosedRange<Int>
    let shape: Shape
  }
}

extension Shape: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral elements: (String, Shape)...) {
    self = .sequence(elements.map { Particle($0, $1) })
  }

  static func oneOf(_ alternatives: KeyValuePairs<String, Shape>) -> Shape {
    .choice(alternatives.map { Particle($0, $1) })
  }

  static func text(_ max: Int) -> Shape { .value(.text(max: max)) }

  static func code(_ words: String...) -> Shape { .value(.code(words)) }
}

extension Shape.Particle {
  /// Reads a name with its multiplicity.
  init(_ text: String, _ shape: Shape) {
    let place = text.firstIndex { "?*+".contains($0) } ?? text.endIndex
    name = String(text[..<place])
    self.shape = shape
    switch text[place...] {
    case "": count = 1...1
    case "?": count = 0...1
    case "*": count = 0...Int.max
    case "+": count = 1...Int.max
    default:
      guard text[place] == "*", let max = Int(text[place...].dropFirst()) else {
        preconditionFailure("`\(text)` has no multiplicity")
      }
      count = 0...max
    }
  }
}

extension Shape {
  /// Holds an element and all in it, of one namespace, against the shape, in document order.
  ///
  /// - Throws: The first fault.
  /// - Complexity: O(elements · alternatives).
  func check(_ element: XMLElement, namespace: String) throws(ISOFault) {
    guard element.namespace == namespace else {
      throw .namespaceWrong(path: element.path, wanted: namespace)
    }
    switch self {
    case .refused(let why): throw .elementNotSupported(path: element.path, why: why)
    case .value(let form): try Self.check(element, form)
    case .amount:
      guard let currency = element.attributes.first(where: { $0.name == "Ccy" }) else {
        throw .attributeMissing(path: element.path, name: "Ccy")
      }
      guard CurrencyCode(currency.value) != nil else {
        throw .valueInvalid(
          path: element.path + "/@Ccy", value: Shown.value(currency.value),
          wanted: ValueForm.currency.wanted)
      }
      try Self.check(
        element, .decimal(fractionDigits: DecimalText.fractionDigitsMax), attribute: "Ccy")
    case .sequence(let particles):
      try Self.checkElementsAlone(element)
      try Self.check(element, particles, namespace)
    case .choice(let particles):
      try Self.checkElementsAlone(element)
      guard let child = element.children.first else {
        throw .elementMissing(path: element.path + "/" + particles[0].name)
      }
      guard let particle = particles.first(where: { $0.name == child.name }) else {
        throw .elementUnexpected(path: child.path, wanted: particles.map(\.name))
      }
      try Self.check(element, [particle], namespace)
    }
  }

  /// Children against particles, each in its turn.
  private static func check(
    _ element: XMLElement, _ particles: [Particle], _ namespace: String
  ) throws(ISOFault) {
    var rest = element.children[...]
    // What could have stood here instead: since the last child, up to the next that must be there.
    var wanted: [String] = []
    for particle in particles {
      var count = 0
      while let child = rest.first, child.name == particle.name, count < particle.count.upperBound {
        try particle.shape.check(child, namespace: namespace)
        count += 1
        rest.removeFirst()
        wanted = []
      }
      if case .refused = particle.shape {
      } else if count < particle.count.upperBound {
        wanted.append(particle.name)
      }
      guard count >= particle.count.lowerBound else {
        guard let child = rest.first else {
          throw .elementMissing(path: element.path + "/" + particle.name)
        }
        throw .elementUnexpected(path: child.path, wanted: wanted)
      }
    }
    if let child = rest.first { throw .elementUnexpected(path: child.path, wanted: wanted) }
  }

  private static func check(
    _ element: XMLElement, _ form: ValueForm, attribute: String? = nil
  ) throws(ISOFault) {
    try checkAttributes(of: element, except: attribute)
    if let child = element.children.first { throw .elementUnexpected(path: child.path, wanted: []) }
    guard form.admits(element.text) else {
      throw .valueInvalid(
        path: element.path, value: form.isShown ? Shown.value(element.text) : nil,
        wanted: form.wanted)
    }
  }

  private static func checkElementsAlone(_ element: XMLElement) throws(ISOFault) {
    try checkAttributes(of: element, except: nil)
    guard element.text.utf8.allSatisfy({ $0 <= 0x20 }) else {
      throw .textUnexpected(path: element.path)
    }
  }

  private static func checkAttributes(
    of element: XMLElement, except name: String?
  ) throws(ISOFault) {
    let other = element.attributes.first { !$0.namespace.isEmpty || $0.name != name }
    if let other { throw .attributeUnexpected(path: element.path, name: Shown.name(other.name)) }
  }
}
