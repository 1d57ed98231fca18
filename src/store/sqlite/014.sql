-- The imports of files into the list. Rows are only added.
create table list_import (
    id     integer primary key,
    at     integer not null,
    -- The number of rows by what came of them, as JSON.
    counts text not null
) strict;

-- The files of an import.
create table import_file (
    import integer not null references list_import (id),
    -- From 0.
    number integer not null,
    name   text not null,
    -- Of the file, or of the archive that has it.
    sha256 text not null,
    format text not null,
    primary key (import, number)
) strict;
create index import_file_by_digest on import_file (sha256);

-- Evidence of consent. Rows are only added; `forget` removes the address.
create table consent (
    id           integer primary key,
    hash         text not null,
    -- Null after `forget`.
    address_key  text,
    -- When the person subscribed and confirmed, in RFC 3339, and from which IP addresses.
    at           text,
    ip           text,
    confirmed_at text,
    confirmed_ip text,
    -- Times without a time zone, as the columns of the file have them: JSON.
    columns      text,
    -- Where and how the person agreed.
    source       text,
    -- The file and the line, if it was imported.
    import       integer,
    file         integer,
    line         integer,
    -- The version of the form and the digest of the text that it showed, if it was one.
    form_version text,
    text_digest  text,
    recorded_at  integer not null,
    foreign key (import, file) references import_file (import, number)
) strict;
create index consent_by_hash on consent (hash);

create trigger consent_stays before delete on consent begin
    select raise(abort, 'evidence of consent is append-only');
end;
create trigger consent_is_unchanged before update on consent
when new.address_key is not null
    or new.id is not old.id or new.hash is not old.hash or new.at is not old.at or new.ip is not old.ip
    or new.confirmed_at is not old.confirmed_at or new.confirmed_ip is not old.confirmed_ip
    or new.columns is not old.columns or new.source is not old.source or new.import is not old.import
    or new.file is not old.file or new.line is not old.line or new.form_version is not old.form_version
    or new.text_digest is not old.text_digest or new.recorded_at is not old.recorded_at
begin
    select raise(abort, 'evidence of consent is append-only');
end;
create trigger list_import_stays before delete on list_import begin
    select raise(abort, 'the history of imports is append-only');
end;
create trigger list_import_is_unchanged before update on list_import begin
    select raise(abort, 'the history of imports is append-only');
end;
create trigger import_file_stays before delete on import_file begin
    select raise(abort, 'the history of imports is append-only');
end;
create trigger import_file_is_unchanged before update on import_file begin
    select raise(abort, 'the history of imports is append-only');
end;
