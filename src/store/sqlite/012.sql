-- Suppressed mailboxes by the keyed hash of their address (`.franking/suppression-key`): a person who was forgotten has no
-- address here.
create table suppression_by_hash (
    hash        text primary key,
    -- Null after `forget`.
    address_key text unique,
    reason      text not null,
    -- The word of the system from which the suppression was imported.
    detail      text,
    evidence    text,
    at          integer not null
) strict;

-- SQL cannot compute the hash. The first command that may write and has the key replaces these values.
insert into suppression_by_hash (hash, address_key, reason, evidence, at)
    select 'address:' || address_key, address_key, reason, evidence, at from suppression;
drop table suppression;
alter table suppression_by_hash rename to suppression;
create index suppression_without_hash on suppression (address_key) where hash like 'address:%';

-- Each suppression and its end. Rows are only added; `forget` removes the addresses.
create table suppression_event (
    id          integer primary key,
    at          integer not null,
    hash        text not null,
    address_key text,
    -- `suppress` or `unsuppress`.
    action      text not null,
    -- The reason of the suppression that began or ended.
    reason      text not null,
    why         text
) strict;
create index suppression_event_by_hash on suppression_event (hash);

-- A code made with the suppression key: with another key, the hashes of the ledger cannot be compared.
create table suppression_key (
    is_one integer not null unique default 1 check (is_one = 1),
    code   text not null
) strict;

-- After how many days the addresses and names of the campaign's deliveries were removed; null while they are there.
alter table send add column removed_after integer;
