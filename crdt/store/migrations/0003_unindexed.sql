-- Documents of which the search may not know all changes: each is noted with the
-- first such change, and taken out with a text that has them all.
CREATE TABLE unindexed (
  doc INTEGER PRIMARY KEY REFERENCES documents
) STRICT;

-- Those of earlier versions: a title was stored with the change, the text when
-- it came to rest; and what was being written when the last run was killed.
INSERT INTO unindexed (doc)
  SELECT d.num FROM documents d LEFT JOIN texts t ON t.doc = d.num
  WHERE t.doc IS NULL OR t.title <> d.title;
INSERT OR IGNORE INTO unindexed (doc)
  SELECT num FROM documents
  WHERE NOT EXISTS (SELECT 1 FROM stop) AND updated >= (SELECT max(updated) FROM documents) - 3600;
