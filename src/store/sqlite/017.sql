-- An import of many rows builds the index of the addresses after it has inserted them. SQLite can drop only an index that is
-- not part of the table, so the table is made anew without `unique`; its columns are those of `011.sql`.
create table subscriber_without_index (
    id          integer primary key,
    address     text not null,
    address_key text not null,
    unicode_key text,
    name        text,
    status      text not null,
    language    text,
    terms       text not null,
    weight      integer not null,
    is_unusual  integer not null,
    data        text not null,
    added_at    integer not null,
    changed_at  integer not null
) strict;
insert into subscriber_without_index select * from subscriber order by id;
drop table subscriber;
alter table subscriber_without_index rename to subscriber;
create unique index subscriber_by_address on subscriber (address_key);
create index unusual_subscriber on subscriber (id) where is_unusual = 1;
-- A check looks for the recipient with the longest values.
create index subscriber_by_weight on subscriber (weight);
