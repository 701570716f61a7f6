"""The form that chooses two versions to lay side by side."""

from typing import Any, cast

from django import forms

from partners.checklists.models import ChecklistVersion


class VersionField(forms.ModelChoiceField[ChecklistVersion]):
    """A choice of a version, drafts named as such."""

    def label_from_instance(self, obj: ChecklistVersion) -> str:
        """Return what the list shows of a version."""
        return str(obj) if obj.is_published else f"{obj} (draft)"


class CompareForm(forms.Form):
    """Two versions, any two that the visitor may read."""

    older = VersionField(queryset=ChecklistVersion.objects.none(), label="Compare", empty_label=None)
    newer = VersionField(queryset=ChecklistVersion.objects.none(), label="with", empty_label=None)

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("older", "newer"):
            field = cast("VersionField", self.fields[name])
            field.queryset = versions
