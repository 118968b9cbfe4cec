-- What opens a document at once, and what judges a change to one that is not
-- open.

-- The compact form of a document, which can be made again from its changes.
-- covers is its vector, in the form of encodeVector; hash is the SHA-256 of
-- bytes; version is the form's own.
CREATE TABLE forms (
  doc     INTEGER PRIMARY KEY REFERENCES documents,
  version INTEGER NOT NULL,
  covers  BLOB NOT NULL,
  hash    BLOB NOT NULL,
  bytes   BLOB NOT NULL
) STRICT;

-- clock says what a change builds on, directly or not, in the form of
-- clock.encode; empty if that is not known. It is null where that follows from
-- the actor's previous change: its deps are that change alone, or none in an
-- actor's first change.
ALTER TABLE changes ADD COLUMN clock BLOB;
UPDATE changes SET clock = x'' WHERE NOT (seq = 1 AND deps = x'') AND NOT EXISTS (
  SELECT 1 FROM changes p WHERE p.actor = changes.actor AND p.seq = changes.seq - 1 AND p.hash = changes.deps);
CREATE INDEX changes_clock ON changes (actor, seq) WHERE clock IS NOT NULL;

-- The signature of a device's head of this change, so that a keystroke writes
-- to one page less. heads has those of imports, and of changes that have no row.
ALTER TABLE changes ADD COLUMN sig BLOB;

-- What a snapshot's rows told that its chunk does not tell at once. tips is, in
-- the form of encodeBases, the greatest operation and the clock of the last
-- change of each actor inside. sweep is the snapshot's num while changes and
-- heads that it replaces may still be there, which readers pass over, and then 0.
CREATE TABLE compacted (
  doc   INTEGER PRIMARY KEY REFERENCES documents,
  tips  BLOB NOT NULL,
  sweep INTEGER NOT NULL
) STRICT;

-- Both null but in a head of an import, whose actor is not the device's.
ALTER TABLE heads ADD COLUMN device BLOB;
ALTER TABLE heads ADD COLUMN nonce BLOB;
CREATE INDEX heads_import ON heads (actor) WHERE device IS NOT NULL;

-- Documents with changes that were stored and not fully checked: the place of
-- the first, and the last of each actor in the form of encodeVector.
CREATE TABLE unchecked (
  num    INTEGER PRIMARY KEY AUTOINCREMENT,
  doc    INTEGER NOT NULL UNIQUE REFERENCES documents,
  first  INTEGER NOT NULL,
  covers BLOB NOT NULL
) STRICT;

-- The hash of a change that was refused, which is refused from then on.
ALTER TABLE aside ADD COLUMN change BLOB;
CREATE INDEX aside_change ON aside (doc, change) WHERE change IS NOT NULL;
