"""Ids that pages are sent: numbers that every database can hold, so that a longer one is no fault of ours."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path
from pydantic import Field

BIGGEST: Final = 2**63 - 1

IdInPath = Annotated[int, Path(ge=0, le=BIGGEST)]
IdInForm = Annotated[int, Field(ge=0, le=BIGGEST)]
