from sqlalchemy import MetaData

from kit import migrations
from scoring.ledger.store.tables import metadata as ledger

both = MetaData()
for room in (ledger,):
    for table in room.sorted_tables:
        table.to_metadata(both)

migrations.run(both, schemas=("ledger",))
