-- The tables of SQLite's `002.sql`, with the same names and meanings.
create table domain (
    send        bigint not null references send (id),
    name        text not null,
    suspensions bigint not null default 0,
    until       bigint not null default 0,
    why         text not null,
    blocked     bigint not null default 0,
    primary key (send, name)
);

create table bounce (
    address_key text not null,
    kind        text not null,
    issues      bigint not null,
    first_at    bigint not null,
    last_at     bigint not null,
    primary key (address_key, kind)
);
