"""The hold of an organisation, for the pages of staff: nobody else learns of one."""

from typing import Any

from django import template

from partners.organisations.models import Hold, Organisation
from vetting_portal.models import User

register = template.Library()


@register.simple_tag
def hold_of(organisation: Organisation | None, user: Any) -> Hold | None:
    """Return the oldest hold of now that ``user`` may know of, or None."""
    if organisation is None or not isinstance(user, User):
        return None
    return Hold.objects.visible_to(user).current().filter(organisation=organisation).first()
