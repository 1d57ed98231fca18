//! Phrases in the text of replies by what they are about, in lower case.

/// The domain accepts fewer messages: Yahoo's codes, and what others write instead.
pub(super) const DOMAIN_WORDS: [&str; 4] =
    ["[tss04]", "[tss05]", "temporarily deferred", "ratelimit"];

pub(super) const GREYLISTED: [&str; 3] = ["greylist", "graylist", "grey list"];

/// A request to retry later, and nothing else.
pub(super) const LATER: [&str; 3] = ["later", "try again", "come back"];

pub(super) const TOO_MANY: [&str; 2] = ["too many", "toomany"];

/// A limit of the session.
pub(super) const SESSION: [&str; 10] = [
    "per session",
    "per-session",
    "per connection",
    "per-connection",
    "this session",
    "this connection",
    "one session",
    "one connection",
    "session limit",
    "session quota",
];

/// The relay requires TLS or a login.
pub(super) const UNAUTHENTICATED: [&str; 8] = [
    "tls required",
    "tls is required",
    "starttls",
    "encryption",
    "authentication required",
    "authentication is required",
    "must authenticate",
    "not logged in",
];

/// The relay does not relay for this sender.
pub(super) const UNAUTHORIZED: [&str; 7] = [
    "relay access denied",
    "relaying denied",
    "not permitted to relay",
    "relay not permitted",
    "sender address rejected",
    "client host rejected",
    "helo command rejected",
];

/// The message is too large for the relay, if the reply has no enhanced status code.
pub(super) const TOO_LARGE: [&str; 4] =
    ["message size", "message too large", "too big", "size limit"];

pub(super) const DISABLED: [&str; 3] = ["disabled", "inactive", "suspend"];

pub(super) const MAILBOX_FULL: [&str; 4] =
    ["quota", "mailbox full", "mailbox is full", "full mailbox"];

/// A rule of the recipient or the recipient's organisation, in the words of Exchange, Google and others.
pub(super) const OWN_RULE: [&str; 7] = [
    "transport rule",
    "transport.rules",
    "gcdp",
    "user-blocked",
    "blocked by user",
    "blocked by the recipient",
    "recipient has blocked",
];

pub(super) const TAKEN_FOR_SPAM: [&str; 7] = [
    // Matches `spamhaus` too.
    "spam",
    "blocked",
    "block list",
    "blocklist",
    "blacklist",
    "reputation",
    "dnsbl",
];

/// The domain does not exist, after 5.4.4.
pub(super) const NO_SUCH_DOMAIN: [&str; 5] = [
    "nxdomain",
    "domain not found",
    "host not found",
    "no such domain",
    "non-existent domain",
];

pub(super) const NO_SUCH_USER: [&str; 12] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "does not exist",
    "doesn't exist",
    "mailbox not found",
    "recipient not found",
    "unknown recipient",
    "invalid recipient",
    "user not found",
];
