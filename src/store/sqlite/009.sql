-- The reply code (RFC 5321) and the enhanced status code (RFC 3463) of the reply in `why`.
alter table delivery add column reply_code integer;
alter table delivery add column enhanced_status text;

-- Earlier versions kept a reply as text only: `550 5.1.1 no such user`, after a prefix if the delivery had expired.
update delivery set
    reply_code = old.code,
    enhanced_status = case
        when old.word glob (old.code / 100) || '.[0-9]*.[0-9]*' and old.word not glob '*[^0-9.]*'
            and length(old.word) <= 9 and length(old.word) - length(replace(old.word, '.', '')) = 2
        then old.word end
from (
    select send, number, cast(substr(reply, 1, 3) as integer) as code,
        ltrim(substr(ltrim(substr(reply, 5)), 1, instr(ltrim(substr(reply, 5)) || ' ', ' ') - 1), '#') as word
    from (
        select send, number,
            case when why like 'given up after % tries in 48 hours: %'
                then substr(why, instr(why, ' tries in 48 hours: ') + 20) else why end as reply
        from delivery where why is not null and state <> 'excluded'
    )
    where reply glob '[2-5][0-9][0-9] *'
) as old
where delivery.send = old.send and delivery.number = old.number;
