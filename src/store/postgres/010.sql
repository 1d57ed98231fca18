-- The columns of SQLite's `010.sql`, with the same names and meanings.
alter table send add column stop text;
alter table send add column stop_why text;
alter table send add column stop_at bigint;
alter table send add column stop_since bigint;
alter table send add column brake_is_automatic bigint not null default 0;
update send set brake_is_automatic = 1 where brake = 'held';
