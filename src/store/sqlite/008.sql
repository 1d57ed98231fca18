-- The digest of what an edition says, whatever the head of its issue is: a copy with another number, subject or date is
-- known by it. Editions of older versions have none; their copies are known by number, subject and date alone.
alter table send_edition add column content text;
