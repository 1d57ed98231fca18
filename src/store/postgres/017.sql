-- An import into an empty list builds the indexes after it has inserted the rows: see SQLite's `017.sql`.
alter table subscriber drop constraint subscriber_address_key_key;
create unique index subscriber_by_address on subscriber (address_key);
-- A check looks for the recipient with the longest values.
create index subscriber_by_weight on subscriber (weight);
