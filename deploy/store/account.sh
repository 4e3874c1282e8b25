#!/bin/sh
# The evidence service's own key: it can neither delete under lock nor bypass a lock, nor make or change a bucket.
set -eu
mcli alias set store http://store:9000 "$MINIO_ROOT_USER" "$MINIO_ROOT_PASSWORD" >/dev/null
mcli admin policy create store uploader /deploy/uploader.json
mcli admin user add store "$UPLOADER_KEY" "$UPLOADER_SECRET"
mcli admin policy attach store uploader --user "$UPLOADER_KEY" || mcli admin policy entities store --user "$UPLOADER_KEY" | grep -q uploader
