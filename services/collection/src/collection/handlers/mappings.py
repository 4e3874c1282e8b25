"""Keeping mappings: versions of a text, checked before they are kept."""

from collection.domain.building import mapping_from
from collection.domain.documents import InvalidMapping, Problem
from collection.handlers.ports import StoredMapping, Work


async def add_mapping(name: str, text: str, *, work: Work) -> StoredMapping:
    """Raises `InvalidMapping`, also where the document has another name than the address."""
    mapping = mapping_from(text)
    if mapping.name != name:
        raise InvalidMapping([Problem("name", f"与地址不同 / is not the address's: {mapping.name}", name)])
    return await work.mappings.add(name, text, by=work.caller, at=work.clock.now())
