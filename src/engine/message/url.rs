//! Where a message may lead, judged as a browser's URL parser would read it (reliability.md section 5).

/// What an address is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use<'a> {
    /// It is followed: https, tel, mailto, the schemes that the page registered, http only on this very machine.
    Link(&'a [String]),
    /// It is a picture: https.
    Picture,
}

/// Never, whoever registers them.
const NEVER: [&str; 7] = ["javascript", "data", "vbscript", "blob", "file", "filesystem", "http"];

/// Whether an address is allowed; within the shop it always is.
pub fn is_allowed(url: &str, its: Use) -> bool {
    // The parser skips controls and spaces before it, and tabs and newlines wherever they are.
    let shown = url.bytes().skip_while(|byte| *byte <= b' ');
    let read: Vec<u8> = shown.filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r')).collect();
    let is_end = |byte: &u8| matches!(byte, b'/' | b'\\' | b'?' | b'#');
    let until = read.iter().position(|byte| *byte == b':' || is_end(byte)).unwrap_or(read.len());
    let (scheme, [b':', rest @ ..]) = read.split_at_checked(until).unwrap_or_default() else {
        // Two slashes of either kind lead to another host.
        return !matches!(read.as_slice(), [b'/' | b'\\', b'/' | b'\\', ..]);
    };
    let is = |known: &str| scheme.eq_ignore_ascii_case(known.as_bytes());
    let host = rest.iter().skip_while(|byte| matches!(byte, b'/' | b'\\')).take_while(|byte| !is_end(byte));
    let host: Vec<u8> = host.copied().collect();
    // Who may log in is no business of a message, and hides where it leads.
    let bare = !host.is_empty() && !host.contains(&b'@');
    let Use::Link(schemes) = its else { return is("https") && bare };
    let here =
        |name: &str| host.strip_prefix(name.as_bytes()).is_some_and(|port| port.is_empty() || port.starts_with(b":"));
    let registered = || !NEVER.iter().any(|never| is(never)) && schemes.iter().any(|one| is(one));
    let http = is("http") && (here("localhost") || here("127.0.0.1"));
    is("mailto") || bare && (is("https") || is("tel") || http || registered())
}
