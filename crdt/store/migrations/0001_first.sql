-- The first schema. Times are nanoseconds since 1970 unless a comment says
-- otherwise; 0 means never. Blobs named id, hash, device, nonce and space are
-- the raw bytes of those values.

-- One row while the last stop was clean: which machine and which file it was.
CREATE TABLE stop (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  machine BLOB NOT NULL,
  file    BLOB NOT NULL
) STRICT;

CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE spaces (
  id     BLOB PRIMARY KEY,
  name   TEXT NOT NULL,
  secret BLOB NOT NULL,
  joined INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE statements (
  num   INTEGER PRIMARY KEY,
  space BLOB NOT NULL,
  hash  BLOB NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (space, hash)
) STRICT;

CREATE TABLE people (
  device  BLOB PRIMARY KEY,
  name    TEXT NOT NULL,
  colour  TEXT NOT NULL,
  paired  INTEGER NOT NULL,
  address TEXT NOT NULL,
  typed   TEXT NOT NULL,
  seen    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
  num     INTEGER PRIMARY KEY,
  id      BLOB NOT NULL UNIQUE,
  space   BLOB NOT NULL,
  title   TEXT NOT NULL,
  created INTEGER NOT NULL, -- seconds since 1970
  updated INTEGER NOT NULL  -- seconds since 1970
) STRICT;
CREATE INDEX documents_space ON documents (space);

-- seq and hash are the last change held without a gap. An actor is retired
-- when one of its changes could not be read: it must not number new ones.
CREATE TABLE actors (
  num     INTEGER PRIMARY KEY,
  doc     INTEGER NOT NULL REFERENCES documents,
  id      BLOB NOT NULL,
  seq     INTEGER NOT NULL,
  hash    BLOB NOT NULL,
  device  BLOB,
  nonce   BLOB,
  retired INTEGER NOT NULL DEFAULT 0,
  UNIQUE (doc, id)
) STRICT;

-- num is the document's number times 2^32 plus the change's place in the
-- order of commits, so that a document's changes lie together in that order.
-- Places start at 2^31; those below serve changes that come a second time
-- because a snapshot could not be read. bytes is null when the row could not
-- be read and what it held was set aside; deps is then the hash that those
-- bytes have, as nobody knows whether they or the hash beside them are right.
CREATE TABLE changes (
  num      INTEGER PRIMARY KEY,
  actor    INTEGER NOT NULL REFERENCES actors,
  seq      INTEGER NOT NULL,
  start_op INTEGER NOT NULL,
  max_op   INTEGER NOT NULL,
  time     INTEGER NOT NULL, -- the author's clock, seconds since 1970
  hash     BLOB NOT NULL,
  deps     BLOB NOT NULL,    -- hashes, one after another
  bytes    BLOB,
  UNIQUE (actor, seq)
) STRICT;

CREATE TABLE heads (
  actor INTEGER NOT NULL REFERENCES actors,
  seq   INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  sig   BLOB NOT NULL,
  PRIMARY KEY (actor, seq)
) STRICT, WITHOUT ROWID;

-- At most one for each document. covers is its vector, in the form of
-- encodeVector; hash is the SHA-256 of bytes, which is null when it could not
-- be read and was set aside.
CREATE TABLE snapshots (
  num    INTEGER PRIMARY KEY AUTOINCREMENT,
  doc    INTEGER NOT NULL UNIQUE REFERENCES documents,
  covers BLOB NOT NULL,
  hash   BLOB NOT NULL,
  bytes  BLOB
) STRICT;

CREATE TABLE aside (
  num    INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL,
  doc    BLOB NOT NULL,
  device BLOB NOT NULL,
  reason TEXT NOT NULL,
  hash   BLOB NOT NULL,
  bytes  BLOB NOT NULL,
  at     INTEGER NOT NULL,
  UNIQUE (kind, doc, hash)
) STRICT;

CREATE TABLE texts (
  doc   INTEGER PRIMARY KEY REFERENCES documents,
  title TEXT NOT NULL,
  body  TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (
  title, body,
  content = 'texts', content_rowid = 'doc',
  tokenize = 'unicode61 remove_diacritics 2',
  prefix = '2 3'
);
CREATE TRIGGER texts_insert AFTER INSERT ON texts BEGIN
  INSERT INTO search (rowid, title, body) VALUES (new.doc, new.title, new.body);
END;
CREATE TRIGGER texts_delete AFTER DELETE ON texts BEGIN
  INSERT INTO search (search, rowid, title, body) VALUES ('delete', old.doc, old.title, old.body);
END;
CREATE TRIGGER texts_update AFTER UPDATE ON texts BEGIN
  INSERT INTO search (search, rowid, title, body) VALUES ('delete', old.doc, old.title, old.body);
  INSERT INTO search (rowid, title, body) VALUES (new.doc, new.title, new.body);
END;
