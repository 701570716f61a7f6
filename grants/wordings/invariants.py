"""What must be true of every wording."""

from collections.abc import Callable, Iterator

from grants.wordings.models import WordingEditor, WordingVersion
from vetting_portal.canonical import sha256_of


def wordings_have_their_hash() -> Iterator[str]:
    """A published wording still says what its hash was taken of, in its content and in its texts."""
    for version in WordingVersion.objects.published().select_related("copied_from"):
        if sha256_of(version.content) != version.sha256:
            yield f"{version} does not have its hash"
        if version.made_content() != version.content:
            yield f"the texts of {version} are not those that were published"


def wordings_were_published_by_a_second_person() -> Iterator[str]:
    """Nobody published a wording that they started or changed."""
    for version in WordingVersion.objects.published().filter(is_shipped=False):
        if WordingEditor.objects.filter(wording=version, user=version.published_by_id).exists():
            yield f"{version} was published by somebody who changed it"


INVARIANTS: list[Callable[[], Iterator[str]]] = [wordings_have_their_hash, wordings_were_published_by_a_second_person]
