-- The triggers of SQLite's `016.sql`, with the same meanings.
drop trigger consent_stays on consent;
create trigger consent_stays before delete on consent for each row
when (old.address_key is not null)
execute function refuse_change();
drop trigger consent_is_unchanged on consent;
create trigger consent_is_unchanged before update on consent for each row
when (new.address_key is not null and new.address_key is distinct from old.address_key
    or (new.id, new.hash, new.at, new.confirmed_at, new.import, new.file, new.line, new.form_version, new.text_digest,
        new.recorded_at)
    is distinct from
       (old.id, old.hash, old.at, old.confirmed_at, old.import, old.file, old.line, old.form_version, old.text_digest,
        old.recorded_at)
    or new.ip is not null and new.ip is distinct from old.ip
    or new.confirmed_ip is not null and new.confirmed_ip is distinct from old.confirmed_ip
    or new.columns is not null and new.columns is distinct from old.columns
    or new.source is not null and new.source is distinct from old.source and new.source not like '%[removed]%')
execute function refuse_change();

drop trigger import_file_stays on import_file;
create trigger import_file_stays before delete on import_file for each row execute function refuse_change();
create trigger import_file_is_unchanged before update on import_file for each row
when (new.name <> '' or (new.import, new.number, new.sha256, new.format)
    is distinct from (old.import, old.number, old.sha256, old.format))
execute function refuse_change();
