from evidence.store import metadata
from kit import migrations

migrations.run(metadata)
