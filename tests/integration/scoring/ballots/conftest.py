from tests.integration.scoring.appraisal.conftest import room, template

__all__ = ["room", "template"]
