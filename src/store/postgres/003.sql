-- The column of SQLite's `003.sql`.
alter table delivery add column relay text;
