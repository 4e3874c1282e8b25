from collection.store.tables import metadata
from kit.migrations import run

run(metadata)
