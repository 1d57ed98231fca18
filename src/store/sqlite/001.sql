-- The editions that have been sent, by digest: what was reviewed is what is sent, and what is resumed.
create table edition (
    digest text primary key,
    bytes  blob not null
) strict;

create table send (
    id           integer primary key,
    issue        text not null unique,
    digest       text not null references edition (digest),
    subject      text not null,
    started_at   integer not null,
    on_uncertain text not null,
    -- Begun for one reader alone: the others wait until somebody says so, and no timer says it.
    is_held      integer not null default 0,
    -- Counted when the send was frozen, so that a row that is lost would show.
    candidates   integer not null,
    finished_at  integer
) strict;

create table delivery (
    send        integer not null references send (id),
    number      integer not null,
    address     text not null,
    address_key text not null,
    name        text,
    reader      text not null,
    state       text not null,
    why         text,
    attempts    integer not null default 0,
    first_try   integer,
    next_try    integer,
    changed_at  integer,
    primary key (send, number)
) strict, without rowid;

-- What is ready has no `next_try`, so it lies here in the order of the list; what is deferred lies in the order
-- in which it falls due. The next delivery is found without looking at the others, however many there are.
create index delivery_by_state on delivery (send, state, next_try, number);

-- Addresses never to be written to again.
create table suppression (
    address_key text primary key,
    reason      text not null,
    evidence    text,
    at          integer not null
) strict;
