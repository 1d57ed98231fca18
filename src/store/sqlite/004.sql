-- How many letters a relay's day has room for, at least: counted when that has to be known, then counted down by
-- whoever takes some, so that not every batch costs a count. `terms` says what was allowed when it was counted.
create table room (
    relay   text primary key,
    terms   text not null,
    letters integer not null
) strict, without rowid;
