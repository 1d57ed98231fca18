-- Brakes: `paused` by a person or by an accident, `held` after a gap, `cancelled` for good.
alter table send add column brake text;
alter table send add column brake_why text;
alter table send add column brake_at integer;
-- When a run last worked on the campaign, and until when it waits because a quota is used up. In Unix seconds.
alter table send add column touched_at integer;
alter table send add column waits_until integer;
-- The number of the edition that new messages are written from; `digest` and `subject` are those of this edition.
alter table send add column edition integer not null default 1;

-- Every edition that the campaign has had: a correction adds one.
create table send_edition (
    send    integer not null references send (id),
    number  integer not null,
    digest  text not null references edition (digest),
    subject text not null,
    -- The Date field of its messages, in Unix seconds.
    since   integer not null,
    primary key (send, number)
) strict, without rowid;
insert into send_edition select id, 1, digest, subject, started_at from send;

-- The edition whose message may have left, so that every retry has the same bytes; null while none has.
alter table delivery add column edition integer;
update delivery set edition = 1 where attempts > 0 or state in ('in_data', 'accepted', 'uncertain');
