-- Evidence of consent is deleted some time after the person left: a row without an address may go. Beside the address, a
-- row may lose what identifies a person who was forgotten, and no other value; `[removed]` stands for it in a source.
drop trigger consent_stays;
create trigger consent_stays before delete on consent when old.address_key is not null begin
    select raise(abort, 'evidence of consent is append-only');
end;
drop trigger consent_is_unchanged;
create trigger consent_is_unchanged before update on consent
when new.address_key is not null and new.address_key is not old.address_key
    or new.id is not old.id or new.hash is not old.hash or new.at is not old.at
    or new.confirmed_at is not old.confirmed_at or new.import is not old.import or new.file is not old.file
    or new.line is not old.line or new.form_version is not old.form_version
    or new.text_digest is not old.text_digest or new.recorded_at is not old.recorded_at
    or new.ip is not null and new.ip is not old.ip
    or new.confirmed_ip is not null and new.confirmed_ip is not old.confirmed_ip
    or new.columns is not null and new.columns is not old.columns
    or new.source is not null and new.source is not old.source and new.source not like '%[removed]%'
begin
    select raise(abort, 'evidence of consent is append-only');
end;

-- The name of a file may contain that of a person who was forgotten: it becomes empty.
drop trigger import_file_is_unchanged;
create trigger import_file_is_unchanged before update on import_file
when new.name <> '' or new.import <> old.import or new.number <> old.number or new.sha256 <> old.sha256
    or new.format <> old.format
begin
    select raise(abort, 'the history of imports is append-only');
end;
