from kit import migrations
from notification.store.tables import METADATA

migrations.run(METADATA)
