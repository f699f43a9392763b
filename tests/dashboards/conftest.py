from pathlib import Path

import pytest

from assets.publication import Publication
from dashboards.municipal import write_site
from tests.dashboards import wide_country
from tests.dashboards.small_country import META, published


@pytest.fixture(scope="session")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    made = Publication(tmp_path_factory.mktemp("home") / "releases")
    made.release(published(), META, write_site)
    return made


@pytest.fixture(scope="session")
def release_dir(publication: Publication) -> Path:
    current = publication.current()
    assert current
    return current.path


@pytest.fixture(scope="session")
def wide_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release every table that there is."""
    made = Publication(tmp_path_factory.mktemp("wide") / "releases")
    return made.release(wide_country.published(), wide_country.META, write_site).path
