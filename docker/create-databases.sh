#!/bin/bash
# Runs once, on an empty data volume: a database and an owner each for Airflow and the warehouse.
set -euo pipefail

create() { # NAME VARIABLE_WITH_PASSWORD OPTIONS
  psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres -v name="$1" <<SQL
\getenv password $2
CREATE ROLE :"name" LOGIN $3 PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" LOCALE_PROVIDER libc LOCALE 'C.UTF-8' TEMPLATE template0;
SQL
}

create airflow AIRFLOW_PASSWORD ""
# The warehouse makes its own group roles for BI readers (minsheng_reader, minsheng_bi_owner).
create minsheng WAREHOUSE_PASSWORD CREATEROLE
# BI readers, too, may connect to the warehouse; to Airflow's database nobody but Airflow.
psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres \
  -c "REVOKE CONNECT, TEMPORARY ON DATABASE airflow FROM PUBLIC"
