"""The director's brief: read from records, never typed, the same content for the page and for the PDF."""

from grants.agreements.briefing.content import brief_content as brief_content
from grants.agreements.briefing.content import moved_since as moved_since
from grants.agreements.briefing.reading import Read as Read
from grants.agreements.briefing.reading import read_for_brief as read_for_brief
