"""The three database roles: what the application and the reader may do with the tables that follow.

The roles must exist before the first migration (the embedded database makes them; `deploy/roles.sql` does elsewhere),
since a role that may make roles should not be needed to migrate.
"""

from django.db import migrations

FORWARD = """
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_roles WHERE rolname IN ('buurtpot_app', 'buurtpot_reader')) < 2 THEN
        RAISE EXCEPTION 'the roles buurtpot_app and buurtpot_reader must exist first: see deploy/roles.sql';
    END IF;
END $$;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO buurtpot_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO buurtpot_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO buurtpot_reader;
-- Made before this file could speak.
GRANT SELECT ON django_migrations TO buurtpot_app, buurtpot_reader;
"""

BACKWARD = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM buurtpot_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE USAGE, SELECT ON SEQUENCES FROM buurtpot_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM buurtpot_reader;
"""


class Migration(migrations.Migration):
    # Before every other table, so that the default privileges cover them all.
    run_before = [("contenttypes", "0001_initial"), ("sessions", "0001_initial"), ("people", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
