-- The table of SQLite's `004.sql`.
create table room (
    relay   text primary key,
    terms   text not null,
    letters bigint not null
);
