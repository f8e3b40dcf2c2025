import CExpat

/// Reads XML 1.0 with namespaces, less than all of it: no document type, and so no entities but the
/// five predefined; no processing instructions; no CDATA sections; comments between elements only.
///
/// What a payment says must not depend on which parser reads it, and these are where parsers
/// differ. Expat does the reading; this stops it at the first thing that is not wanted.
struct XMLReader {
  /// What was read: all of it, or what came before the fault.
  let tree: XMLTree
  let fault: ISOFault?

  init(_ bytes: [UInt8], limits: ISOLimits) {
    guard bytes.count <= limits.messageBytesMax else {
      (tree, fault) = (XMLTree(), .tooLarge(bytes: bytes.count, max: limits.messageBytesMax))
      return
    }
    // Expat refuses bad sequences as well; here they have a name of their own, as UTF-16 has.
    guard String(validating: bytes, as: UTF8.self) != nil else {
      (tree, fault) = (XMLTree(), .notUTF8)
      return
    }
    // The parser is made for UTF-8 whatever the document declares, which the handler checks. No
    // namespace has a form feed in it, for XML has none, so it parts namespace and name.
    guard let parser = unsafe XML_ParserCreateNS("UTF-8", XML_Char(bitPattern: separator)) else {
      preconditionFailure("no memory for a parser")
    }
    defer { unsafe XML_ParserFree(parser) }
    unsafe specie_expat_forbid_amplification(parser)

    let collector = unsafe Collector(parser: parser, limits: limits)
    // Safe: the parser holds the collector only while it parses, and that is within its lifetime.
    let status = withExtendedLifetime(collector) {
      unsafe XML_SetUserData(parser, Unmanaged.passUnretained(collector).toOpaque())
      unsafe Self.setHandlers(of: parser)
      return unsafe bytes.withUnsafeBytes { buffer in
        unsafe XML_Parse(
          parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), 1)
      }
    }
    tree = collector.tree
    fault =
      collector.fault ?? (status == XML_STATUS_OK ? nil : unsafe Self.malformed(parser))
  }

  private static func malformed(_ parser: OpaquePointer) -> ISOFault {
    .malformedXML(
      line: unsafe Int(XML_GetCurrentLineNumber(parser)),
      column: unsafe Int(XML_GetCurrentColumnNumber(parser)) + 1,
      problem: unsafe text(XML_ErrorString(XML_GetErrorCode(parser))) ?? "not well-formed")
  }

  private static func setHandlers(of parser: OpaquePointer) {
    unsafe XML_SetXmlDeclHandler(parser) { data, version, encoding, _ in
      unsafe collector(data).declaration(version: text(version), encoding: text(encoding))
    }
    unsafe XML_SetElementHandler(
      parser,
      { data, name, attributes in
        unsafe collector(data).start(text(name) ?? "", pairs(attributes))
      }, { data, _ in unsafe collector(data).end() })
    unsafe XML_SetCharacterDataHandler(parser) { data, characters, count in
      guard let characters = unsafe characters else { return }
      let bytes = unsafe UnsafeRawBufferPointer(start: characters, count: Int(count))
      unsafe collector(data).characters(Array(bytes))
    }
    unsafe XML_SetCommentHandler(parser) { data, _ in unsafe collector(data).comment() }
    unsafe XML_SetProcessingInstructionHandler(parser) { data, _, _ in
      unsafe collector(data).forbidden(.processingInstruction)
    }
    unsafe XML_SetStartCdataSectionHandler(parser) { data in
      unsafe collector(data).forbidden(.cdataSection)
    }
    unsafe XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
      unsafe collector(data).forbidden(.documentType)
    }
  }
}

/// Form feed.
private let separator: UInt8 = 0x0C

// MARK: - What Expat hands over

private func collector(_ data: UnsafeMutableRawPointer?) -> Collector {
  guard let data = unsafe data else { preconditionFailure("a handler without its collector") }
  // Safe: set from a collector that outlives the parsing.
  return unsafe Unmanaged<Collector>.fromOpaque(data).takeUnretainedValue()
}

private func text(_ characters: UnsafePointer<XML_Char>?) -> String? {
  // Safe: Expat ends its strings with a zero, and they are valid in the handler.
  unsafe characters.map { unsafe String(cString: $0) }
}

/// Names and values in turn, up to a null pointer.
private func pairs(
  _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
) -> [(name: String, value: String)] {
  guard let attributes = unsafe attributes else { return [] }
  var pairs: [(String, String)] = []
  var offset = 0
  while let name = unsafe text(attributes[offset]), let value = unsafe text(attributes[offset + 1])
  {
    pairs.append((name, value))
    offset += 2
  }
  return pairs
}

/// Builds the tree, and stops the parser at the first fault.
///
/// Safe: the parser outlives it, and nothing else is done with the parser while it is used.
@safe private final class Collector {
  private(set) var tree = XMLTree()
  private(set) var fault: ISOFault?
  private let parser: OpaquePointer
  private let limits: ISOLimits
  private var open: [Open] = []

  /// An element whose end tag is still to come.
  private struct Open {
    let index: Int
    var text: [UInt8] = []
    var hasComment = false
    /// How many children each name has.
    var occurrences: [String: Int] = [:]
  }

  init(parser: OpaquePointer, limits: ISOLimits) {
    unsafe self.parser = unsafe parser
    self.limits = limits
  }

  private var path: String { open.last.map { tree.path(of: $0.index) } ?? "/" }

  private func stop(_ fault: ISOFault) {
    // Expat may call a few handlers yet; the first fault is the answer.
    if self.fault == nil { self.fault = fault }
    _ = unsafe XML_StopParser(parser, 0)
  }

  func declaration(version: String?, encoding: String?) {
    // The declaration of a text that an entity brings in has no version; there is no such text.
    if version != "1.0" { stop(.constructForbidden(.otherVersion, path: path)) }
    if let encoding, encoding.uppercased() != "UTF-8" { stop(.encodingNotUTF8) }
  }

  func forbidden(_ construct: XMLConstruct) { stop(.constructForbidden(construct, path: path)) }

  func comment() {
    guard fault == nil, !open.isEmpty else { return }
    open[open.count - 1].hasComment = true
  }

  func start(_ name: String, _ attributes: [(name: String, value: String)]) {
    guard fault == nil else { return }
    guard open.count < limits.depthMax else {
      return stop(.limitPassed(.depth, max: limits.depthMax, path: path))
    }
    guard tree.nodes.count < limits.elementsMax else {
      return stop(.limitPassed(.elements, max: limits.elementsMax, path: path))
    }
    let (namespace, local) = Self.split(name)
    let parent = open.last?.index
    var occurrence = 0
    if let parent {
      guard Self.isBlank(open[open.count - 1].text) else {
        return stop(.textUnexpected(path: path))
      }
      open[open.count - 1].text = []
      tree.nodes[parent].children.append(tree.nodes.count)
      occurrence = open[open.count - 1].occurrences[local, default: 0]
      open[open.count - 1].occurrences[local] = occurrence + 1
    }
    open.append(Open(index: tree.nodes.count))
    tree.nodes.append(
      XMLTree.Node(
        namespace: namespace, name: local,
        attributes: attributes.prefix(limits.attributesMax).map { name, value in
          let (namespace, local) = Self.split(name)
          return XMLTree.Attribute(namespace: namespace, name: local, value: value)
        }, parent: parent, occurrence: occurrence))
    if attributes.count > limits.attributesMax {
      stop(.limitPassed(.attributes, max: limits.attributesMax, path: path))
    }
    if attributes.contains(where: { $0.value.utf8.count > limits.textBytesMax }) {
      stop(.limitPassed(.text, max: limits.textBytesMax, path: path))
    }
  }

  func characters(_ bytes: [UInt8]) {
    guard fault == nil, !open.isEmpty else { return }
    let last = open.count - 1
    guard tree.nodes[open[last].index].children.isEmpty else {
      if !Self.isBlank(bytes) { stop(.textUnexpected(path: path)) }
      return
    }
    guard open[last].text.count + bytes.count <= limits.textBytesMax else {
      return stop(.limitPassed(.text, max: limits.textBytesMax, path: path))
    }
    open[last].text.append(contentsOf: bytes)
  }

  func end() {
    guard fault == nil, let element = open.last else { return }
    if tree.nodes[element.index].children.isEmpty {
      // Parsers differ on text around a comment: some have two texts there.
      guard !element.hasComment else {
        return stop(.constructForbidden(.commentInText, path: path))
      }
      tree.nodes[element.index].text = String(decoding: element.text, as: UTF8.self)
    }
    open.removeLast()
  }

  private static func isBlank(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  private static func split(_ name: String) -> (namespace: String, local: String) {
    guard let place = name.utf8.firstIndex(of: separator) else { return ("", name) }
    return (String(name[..<place]), String(name[name.utf8.index(after: place)...]))
  }
}
