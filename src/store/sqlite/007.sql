-- Whether nothing was mailed: the messages became files, because there was no relay. Other campaigns claim their issue.
alter table send add column is_rehearsal integer not null default 0;

-- So far every campaign claimed its issue. What went into the outbox alone was never mailed; of deliveries older than
-- the column `relay` nobody wrote down where they went, and they stay as they are.
update send set is_rehearsal = 1
where exists (
    select 1 from delivery where delivery.send = send.id and state = 'accepted' and relay = 'outbox'
) and not exists (
    select 1 from delivery where delivery.send = send.id and state in ('accepted', 'uncertain', 'in_data')
    and coalesce(relay, '') <> 'outbox'
);
