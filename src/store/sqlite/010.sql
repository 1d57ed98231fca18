-- How the last run of the campaign ended although work was left: the kind, the reason, when, and since when every run has
-- ended in this way. Null if it ended normally. In Unix seconds.
alter table send add column stop text;
alter table send add column stop_why text;
alter table send add column stop_at integer;
alter table send add column stop_since integer;
-- Whether the program set the brake, and not a person.
alter table send add column brake_is_automatic integer not null default 0;
update send set brake_is_automatic = 1 where brake = 'held';
