-- The table of the subscribers changes only in SQLite: see its `017.sql`.
create index subscriber_by_weight on subscriber (weight);
