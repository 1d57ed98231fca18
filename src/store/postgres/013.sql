-- The tables and columns of SQLite's `013.sql`, with the same names and meanings.
create table token (
    digest  bytea primary key,
    mailbox text not null,
    at      bigint not null
);

alter table suppression_key add column are_tokens_hashed bigint not null default 0;

create table token_key (
    number bigint primary key,
    code   text not null
);

alter table send_edition add column token_key bigint;

alter table send add column tokens_added bigint;
update send set tokens_added = 0 where is_rehearsal = 0;
