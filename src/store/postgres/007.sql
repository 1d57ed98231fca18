-- The column of SQLite's `007.sql`, and what it says of older campaigns.
alter table send add column is_rehearsal bigint not null default 0;

update send set is_rehearsal = 1
where exists (
    select 1 from delivery where delivery.send = send.id and state = 'accepted' and relay = 'outbox'
) and not exists (
    select 1 from delivery where delivery.send = send.id and state in ('accepted', 'uncertain', 'in_data')
    and coalesce(relay, '') <> 'outbox'
);

-- Counts the transactions of a sender. When the answer to a commit is lost with the connection, the number shows whether
-- it was committed.
alter table sender add column batch bigint not null default 0;
