#!/bin/sh
# One role and one database a service, made once when the data folder is empty; no service sees another's tables.
set -eu
for service in scoring evidence feedback notification collection; do
  variable="$(echo "$service" | tr '[:lower:]' '[:upper:]')_DB_PASSWORD"
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set role="$service" --set password="$(printenv "$variable")" <<'SQL'
create role :"role" login password :'password';
create database :"role" owner :"role";
revoke all on database :"role" from public;
SQL
done
