#!/bin/sh
# Starts Postgres; on an empty volume it creates the cluster, user and database first, as the official image does.
#   POSTGRES_PASSWORD  the user's password; needed for the first start only
#   POSTGRES_USER      the superuser (default: postgres)
#   POSTGRES_DB        the database (default: the user's name)
#   PGDATA             where the cluster is
set -eu

if [ "${1:-}" != postgres ]; then
  exec "$@"
fi

fail() {
  echo "postgres: $1" >&2
  exit 1
}

# The cluster grows beside its place and is renamed into it complete: a crash on the way leaves nothing half-made.
create_cluster() {
  [ -n "${POSTGRES_PASSWORD:-}" ] || fail "the volume is empty and POSTGRES_PASSWORD is not set; set it for the first start"
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  growing="$PGDATA.growing"
  rm -rf "$growing"

  # The password goes through a file only this user can read: an argument would be seen by everyone on the machine.
  password_file=$(umask 077 && mktemp)
  trap 'rm -f "$password_file"' EXIT
  printf '%s\n' "$POSTGRES_PASSWORD" > "$password_file"
  # Trust holds on the socket inside the container only, where backups run; whoever is there can read the files anyway.
  initdb --pgdata="$growing" --username="$user" --pwfile="$password_file" \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions > /dev/null
  rm -f "$password_file"
  trap - EXIT

  if [ "$database" != postgres ]; then
    quoted=$(printf '%s' "$database" | sed 's/"/""/g')
    printf 'CREATE DATABASE "%s"\n' "$quoted" | postgres --single -D "$growing" postgres > /dev/null
  fi
  echo "listen_addresses = '*'" >> "$growing/postgresql.conf"
  echo "host all all all scram-sha-256" >> "$growing/pg_hba.conf"
  initdb --sync-only --pgdata="$growing" > /dev/null
  [ ! -d "$PGDATA" ] || rmdir "$PGDATA"
  mv "$growing" "$PGDATA"
  echo "postgres: created the cluster with user $user and database $database"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -d "$PGDATA" ] && [ -n "$(ls -A "$PGDATA")" ]; then
    fail "$PGDATA holds files but no cluster; empty the volume, or mount the right one"
  fi
  create_cluster
fi
unset POSTGRES_PASSWORD
exec "$@"
