-- What teams need: rosters that heads name, renewed secrets, whose device one
-- is, what is kept beside a document, and who has what.

-- The hashes of statements that heads name, one after another. A head has the
-- number of its row, so that a keystroke names them in a byte or two; null for a
-- head that names none.
CREATE TABLE rosters (
  num    INTEGER PRIMARY KEY,
  hashes BLOB NOT NULL UNIQUE
) STRICT;
ALTER TABLE changes ADD COLUMN roster INTEGER; -- that of sig
ALTER TABLE heads ADD COLUMN roster INTEGER;

-- A checksum over what bytes does not tell of the row: see rowSum. Null in rows
-- of earlier versions.
ALTER TABLE changes ADD COLUMN sum INTEGER;

-- The secrets of a space, the newest at place 0.
CREATE TABLE secrets (
  space  BLOB NOT NULL,
  place  INTEGER NOT NULL,
  secret BLOB NOT NULL,
  PRIMARY KEY (space, place)
) STRICT, WITHOUT ROWID;
INSERT INTO secrets (space, place, secret) SELECT id, 0, secret FROM spaces WHERE secret <> x'';
ALTER TABLE spaces DROP COLUMN secret;
ALTER TABLE spaces ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;

ALTER TABLE people ADD COLUMN consent BLOB NOT NULL DEFAULT x'';
ALTER TABLE people ADD COLUMN same INTEGER NOT NULL DEFAULT 0;

-- Changes that do not count for now, in the order in which they stood, and the
-- heads that sign them. device and nonce are null where they are not known.
CREATE TABLE beside (
  num      INTEGER PRIMARY KEY AUTOINCREMENT,
  doc      INTEGER NOT NULL REFERENCES documents,
  actor    BLOB NOT NULL,
  seq      INTEGER NOT NULL,
  start_op INTEGER NOT NULL,
  max_op   INTEGER NOT NULL,
  time     INTEGER NOT NULL,
  hash     BLOB NOT NULL,
  deps     BLOB NOT NULL,
  bytes    BLOB NOT NULL,
  why      TEXT NOT NULL,
  UNIQUE (doc, hash)
) STRICT;
CREATE TABLE beside_heads (
  num    INTEGER PRIMARY KEY,
  doc    INTEGER NOT NULL REFERENCES documents,
  actor  BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  sig    BLOB NOT NULL,
  device BLOB NOT NULL,
  nonce  BLOB NOT NULL,
  import INTEGER NOT NULL,
  roster INTEGER,
  UNIQUE (doc, hash, device, import)
) STRICT;

-- Up to where a device has said that it holds a document, in the form of
-- encodeVector.
CREATE TABLE acks (
  doc    INTEGER NOT NULL REFERENCES documents,
  device BLOB NOT NULL,
  covers BLOB NOT NULL,
  PRIMARY KEY (doc, device)
) STRICT, WITHOUT ROWID;
