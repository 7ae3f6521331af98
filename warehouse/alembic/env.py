"""Alembic's entry: runs the revisions on the connection that `etl.database.migrate` hands over.

There is no alembic.ini: `minsheng db upgrade` is the only way in, since it
holds the lock that makes two upgrades at once safe.
"""

from alembic import context

context.configure(**context.config.attributes)
context.run_migrations()
