-- The unsubscribe tokens of all mailed messages.
create table token (
    -- The first 16 octets of the SHA-256 of the token in lower case.
    digest  blob primary key,
    -- The hash of the mailbox (`.franking/suppression-key`), or `address:` and the key of its address.
    mailbox text not null,
    -- When a message with it was first about to be sent, in Unix seconds.
    at      integer not null
) strict, without rowid;

-- Whether all tokens refer to their mailboxes by hashes that were made with the key.
alter table suppression_key add column are_tokens_hashed integer not null default 0;

-- Codes made with the keys of tokens (`.franking/key-1`, …): every machine that sends must have the same ones.
create table token_key (
    number integer primary key,
    code   text not null
) strict;

-- The number of the key of the tokens in its messages; null for hexadecimal tokens of earlier versions.
alter table send_edition add column token_key integer;

-- Earlier versions did not record tokens: the number of the last delivery whose token was added; null if none is missing.
alter table send add column tokens_added integer;
update send set tokens_added = 0 where is_rehearsal = 0;
