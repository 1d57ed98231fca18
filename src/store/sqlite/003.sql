-- Over which relay a letter went, or was about to go: `host:port`, or `outbox`. Nobody has written it down of what is
-- older than this column.
alter table delivery add column relay text;
