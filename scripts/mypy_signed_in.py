"""The mypy plugin of django-stubs, with one difference: ``request.user`` is our User, never anonymous.

LoginRequiredMiddleware lets nobody else into a view. The few public views say so with ``login_not_required`` and ask
``is_authenticated`` first.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext
from mypy.types import Instance, Type, UnionType, get_proper_type
from mypy_django_plugin.main import NewSemanalDjangoPlugin


def _without_anonymous(found: Type) -> Type:
    union = get_proper_type(found)
    if not isinstance(union, UnionType):
        return found
    items = [get_proper_type(item) for item in union.items]
    named = [item for item in items if not (isinstance(item, Instance) and item.type.name == "AnonymousUser")]
    return UnionType.make_union(named)


class SignedIn(NewSemanalDjangoPlugin):
    """Everything as in django-stubs, but for the ``user`` of a request."""

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        """Answer as django-stubs does, less the anonymous user."""
        theirs = super().get_attribute_hook(fullname)
        if fullname != "django.http.request.HttpRequest.user":
            return theirs
        return lambda context: _without_anonymous(theirs(context) if theirs else context.default_attr_type)


def plugin(version: str) -> type[SignedIn]:  # noqa: ARG001 - mypy's signature
    """Return the plugin, as mypy asks for it."""
    return SignedIn
