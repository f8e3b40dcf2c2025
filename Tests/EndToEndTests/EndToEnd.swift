import Testing

/// What drives the shipped program, one after the other: a process that is started while another
/// one's output is read inherits the pipe, and keeps it open; and what is timed wants both cores.
@Suite(.serialized) enum EndToEnd {}
