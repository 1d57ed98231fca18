-- The column of SQLite's `008.sql`.
alter table send_edition add column content text;
