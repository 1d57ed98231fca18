-- The columns and the table of SQLite's `006.sql`, with the same names and meanings.
alter table send add column brake text;
alter table send add column brake_why text;
alter table send add column brake_at bigint;
alter table send add column touched_at bigint;
alter table send add column waits_until bigint;
alter table send add column edition bigint not null default 1;

create table send_edition (
    send    bigint not null references send (id),
    number  bigint not null,
    digest  text not null references edition (digest),
    subject text not null,
    since   bigint not null,
    primary key (send, number)
);
insert into send_edition select id, 1, digest, subject, started_at from send;

alter table delivery add column edition bigint;
update delivery set edition = 1 where attempts > 0 or state in ('in_data', 'accepted', 'uncertain');
