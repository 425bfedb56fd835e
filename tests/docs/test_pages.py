"""Every block of code of the README and of the documentation: it does what its page says."""

from pathlib import Path

import pytest
from page_blocks import PAGES, pages
from page_folder import PageFolder

pytestmark = pytest.mark.slow

TOP = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("page", PAGES)
def test_every_block_does_what_its_page_says(page: str, subtests: pytest.Subtests) -> None:
    with PageFolder():
        for block in pages.parse(TOP / page):
            with subtests.test(line=block.line):
                block.evaluate()
