from sqlalchemy import MetaData

from kit import migrations
from scoring.appraisal.store.tables import METADATA as APPRAISAL
from scoring.ballots.store.tables import METADATA as BALLOTS
from scoring.ledger.store.tables import metadata as ledger

every = MetaData()
for room in (ledger, BALLOTS, APPRAISAL):
    for table in room.sorted_tables:
        table.to_metadata(every)

migrations.run(every, schemas=("ledger", "ballots", "appraisal"))
