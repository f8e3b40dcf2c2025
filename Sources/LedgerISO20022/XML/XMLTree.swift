/// What a message's XML says, and nothing of how: names are expanded by their namespaces,
/// references are resolved, and comments are gone.
///
/// Elements are in one array, in the order of their start tags; a parent comes before its children.
struct XMLTree: Sendable {
  struct Attribute: Hashable, Sendable {
    /// Empty for an attribute without a prefix.
    let namespace: String
    let name: String
    let value: String
  }

  struct Node: Sendable {
    let namespace: String
    let name: String
    let attributes: [Attribute]
    let parent: Int?
    /// Of the same name and parent, how many come before.
    let occurrence: Int
    /// Empty where it has children.
    var text = ""
    var children: [Int] = []
  }

  var nodes: [Node] = []

  /// The first element, or `nil` where reading ended before it.
  var root: XMLElement? { nodes.isEmpty ? nil : XMLElement(tree: self, index: 0) }

  /// Where an element is, as `/BizMsg/Document/…/CdtTrfTxInf[2]`.
  ///
  /// The index is there from the second of a name on. Names are the sender's own where they are
  /// unknown, and are shown only as far as that is safe.
  func path(of index: Int) -> String {
    let node = nodes[index]
    let step = "/" + Shown.name(node.name) + (node.occurrence > 0 ? "[\(node.occurrence + 1)]" : "")
    return (node.parent.map { path(of: $0) } ?? "") + step
  }
}

/// One element of a tree.
struct XMLElement: Sendable {
  let tree: XMLTree
  let index: Int

  private var node: XMLTree.Node { tree.nodes[index] }
  var namespace: String { node.namespace }
  var name: String { node.name }
  var attributes: [XMLTree.Attribute] { node.attributes }
  var text: String { node.text }
  var path: String { tree.path(of: index) }
  var children: [XMLElement] { node.children.map { XMLElement(tree: tree, index: $0) } }

  /// The first child of that name.
  subscript(name: String) -> XMLElement? {
    node.children.first { tree.nodes[$0].name == name }.map { XMLElement(tree: tree, index: $0) }
  }

  /// The first element at a path of names, as `PmtId/EndToEndId`.
  func first(_ path: String) -> XMLElement? {
    path.split(separator: "/").reduce(self) { element, name in element?[String(name)] }
  }

  func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

/// What of a message may be shown in an error: bounded, in ASCII, and no text for people.
enum Shown {
  static let bytesMax = 40

  static func name(_ name: String) -> String {
    let shown = name.unicodeScalars.prefix(bytesMax).map { $0.isASCII ? Character($0) : "?" }
    return String(shown) + (name.unicodeScalars.count > bytesMax ? "…" : "")
  }

  /// A value that is a code, a number or a time, or `nil` for anything that could be more.
  static func value(_ text: String) -> String? {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: ":"):
        true
      default: false
      }
    }
    return isPlain && text.utf8.count <= bytesMax ? text : nil
  }
}
