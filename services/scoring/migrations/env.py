from sqlalchemy import MetaData

from kit import migrations
from scoring.appraisal.store.tables import METADATA as APPRAISAL
from scoring.ledger.store.tables import metadata as ledger

both = MetaData()
for room in (ledger, APPRAISAL):
    for table in room.sorted_tables:
        table.to_metadata(both)

migrations.run(both, schemas=("ledger", "appraisal"))
