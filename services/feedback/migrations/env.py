from feedback.store.tables import METADATA
from kit import migrations

migrations.run(METADATA)
