-- The tables of SQLite's `005.sql`, with the same names and meanings.
create table ledger (
    is_one boolean primary key default true check (is_one),
    id     text not null
);
insert into ledger (id) values (replace(gen_random_uuid()::text, '-', ''));

create table generation (
    token  text primary key,
    number bigint not null,
    at     bigint not null
);
