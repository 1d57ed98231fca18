-- What the domains of a send have said of us, and how long they are left alone.
create table domain (
    send        integer not null references send (id),
    name        text not null,
    -- How often it has asked for a rest, and until when it has it, in Unix seconds.
    suspensions integer not null default 0,
    until       integer not null default 0,
    -- Its reply.
    why         text not null,
    -- How many readers it has refused because it takes us for a sender of spam.
    blocked     integer not null default 0,
    primary key (send, name)
) strict, without rowid;

-- Addresses that have been refused for a reason that may pass: with how many issues, one after the other. What
-- arrives there takes them out.
create table bounce (
    address_key text not null,
    kind        text not null,
    issues      integer not null,
    first_at    integer not null,
    last_at     integer not null,
    primary key (address_key, kind)
) strict, without rowid;
