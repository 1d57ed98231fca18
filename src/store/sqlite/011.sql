-- The subscriber list, if `[list]` `source` is `store`. A person who has left also has a row in `suppression`, which
-- counts more than `status`.
create table subscriber (
    -- The order of the list.
    id          integer primary key,
    address     text not null,
    address_key text not null unique,
    -- The key with its domain in Unicode, if that differs.
    unicode_key text,
    -- The full name.
    name        text,
    -- `active` or `pending`.
    status      text not null,
    -- In lower case.
    language    text,
    -- The tags, attributes and values, one a line, as audience rules and placeholders look for them.
    terms       text not null,
    -- The bytes of all values.
    weight      integer not null,
    -- Whether a campaign examines it: a message for it may be impossible to send.
    is_unusual  integer not null,
    -- The subscriber as JSON.
    data        text not null,
    -- In Unix seconds.
    added_at    integer not null,
    changed_at  integer not null
) strict;
create index unusual_subscriber on subscriber (id) where is_unusual = 1;

-- How often the list has changed.
create table list (
    is_one   integer not null unique default 1 check (is_one = 1),
    revision integer not null
) strict;
insert into list (revision) values (0);

-- The names of all attributes that a subscriber has or had.
create table subscriber_attribute (
    name text primary key
) strict, without rowid;

-- Whether the recipients are complete. A campaign that is not frozen does not exist for any other command.
alter table send add column is_frozen integer not null default 1;
-- Whether the list in the store decides who has left since the campaign began.
alter table send add column follows_list integer not null default 0;
