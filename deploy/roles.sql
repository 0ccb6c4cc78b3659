-- The three roles and the database. Run once, as a superuser, on an empty server (PostgreSQL 18), before the first
-- migration. The passwords come from the environment, so that they stand in no command line and no history:
--
--   export BUURTPOT_OWNER_PASSWORD=… BUURTPOT_APP_PASSWORD=… BUURTPOT_READER_PASSWORD=…
--   psql --set ON_ERROR_STOP=1 --file roles.sql "postgresql://postgres@…/postgres"
--
-- compose.yaml does this by itself at the first start.

\getenv owner_password BUURTPOT_OWNER_PASSWORD
\getenv app_password BUURTPOT_APP_PASSWORD
\getenv reader_password BUURTPOT_READER_PASSWORD

-- Owns the tables and migrates them. Its password is known to the one-shot `migrate` and to the backup, not to the site.
CREATE ROLE buurtpot_owner LOGIN PASSWORD :'owner_password';

-- The site and its workers. May post through the ledger's functions; cannot change or truncate what is posted.
CREATE ROLE buurtpot_app LOGIN PASSWORD :'app_password';

-- Exports of the books. Reads, on the primary or on a streaming replica: a replica has these same roles by itself.
CREATE ROLE buurtpot_reader LOGIN PASSWORD :'reader_password';

CREATE DATABASE buurtpot OWNER buurtpot_owner;
REVOKE CONNECT ON DATABASE buurtpot FROM PUBLIC;
GRANT CONNECT ON DATABASE buurtpot TO buurtpot_app, buurtpot_reader;
-- What each role may do with the tables is in the migrations, from common/0001_roles on.
