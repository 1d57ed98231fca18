-- The columns of SQLite's `009.sql`, filled from the text of older rows.
alter table delivery add column reply_code bigint;
alter table delivery add column enhanced_status text;

update delivery set
    reply_code = substr(old.reply, 1, 3)::bigint,
    enhanced_status = case
        when old.reply ~ '^([2-5])[0-9]{2} +#*\1\.[0-9]{1,3}\.[0-9]{1,3}( |$)'
        then substring(old.reply from '^[0-9]{3} +#*([0-9]\.[0-9]+\.[0-9]+)') end
from (
    select send, number, regexp_replace(why, '^given up after [0-9]+ tries in 48 hours: ', '') as reply
    from delivery where why is not null and state <> 'excluded'
) as old
where delivery.send = old.send and delivery.number = old.number and old.reply ~ '^[2-5][0-9]{2} ';
