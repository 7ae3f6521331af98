-- Further ids (names in use, old codes) of things that are already registered.
INSERT INTO registry.{registry} ({registry}_id, {registry}_key)
SELECT alias, {registry}_key FROM heard_aliases ORDER BY alias
ON CONFLICT DO NOTHING;
