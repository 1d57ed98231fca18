-- Changes of the list by commands. Rows are only added; `forget` removes the addresses.
create table list_event (
    id          integer primary key,
    at          integer not null,
    -- Null for a change of many subscribers.
    address_key text,
    -- `add`, `update`, `remove`, `tag` or `untag`.
    action      text not null,
    detail      text
) strict;
create index list_event_by_address on list_event (address_key);
