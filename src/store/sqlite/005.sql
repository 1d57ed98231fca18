-- Which ledger this is, wherever it is moved to.
create table ledger (
    is_one integer not null unique default 1 check (is_one = 1),
    id     text not null
) strict;
insert into ledger (id) values (lower(hex(randomblob(16))));

-- One for each start and end of a run. The newsletter's directory keeps the last one in `.franking/marker`: a ledger
-- without it is older than that run, or another one.
create table generation (
    token  text primary key,
    -- Two machines may begin at once, and then share a number.
    number integer not null,
    at     integer not null
) strict;

-- A code made with the key of the newsletter: with another key, unsubscribe links in mailed messages stop working.
create table signature (
    is_one integer not null unique default 1 check (is_one = 1),
    code   text not null
) strict;
