"""Make the tables of wordings, and publish the one that came with the portal."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import grants.wordings.models
from grants.wordings.shipped import SHIPPED, shipped_content, shipped_rows
from vetting_portal.canonical import sha256_of
from vetting_portal.guards import InstallGuards, LiftGuards


def publish_the_shipped(apps, schema_editor):  # noqa: ARG001 Django's signature
    """Add the shipped wordings as the first published versions, where they are not there yet; nobody stands behind
    them.
    """
    versions = apps.get_model("grants", "WordingVersion")
    passages = apps.get_model("grants", "Passage")
    now = timezone.now()
    for name in SHIPPED:
        if versions.objects.filter(name=name).exists():
            continue
        content = shipped_content(name)
        shipped = versions.objects.create(
            name=name,
            language=content["language"],
            placeholders=content["placeholders"],
            is_shipped=True,
            created_at=now,
            published_at=now,
            content=content,
            sha256=sha256_of(content),
        )
        passages.objects.bulk_create(passages(wording=shipped, **row) for row in shipped_rows(content))


class Migration(migrations.Migration):
    """Tables, the shipped wording, triggers; then every agreement can name its wording."""

    dependencies = [
        ("grants", "0003_seals"),
        ("partners", "0003_embargoes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.CreateModel(
            name="Passage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "lineage",
                    models.CharField(default=grants.wordings.models.new_lineage, editable=False, max_length=40),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("highlight", "Highlight"),
                            ("part", "Part"),
                            ("clause", "Clause"),
                            ("certification", "Certification"),
                            ("named", "Text of a schedule, a choice or a consent"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=40)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("title", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField(blank=True)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["wording", "position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="WordingEditor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["wording", "pk"],
            },
        ),
        migrations.CreateModel(
            name="WordingVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=16, unique=True)),
                ("language", models.CharField(default="en", max_length=8)),
                ("placeholders", models.JSONField(default=dict)),
                ("is_shipped", models.BooleanField(default=False)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("discarded_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("content", models.JSONField(blank=True, null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "wording",
                "ordering": ["-pk"],
            },
        ),
        migrations.AlterConstraint(
            model_name="grant",
            name="grant_ratio_positive",
            constraint=models.CheckConstraint(
                condition=models.Q(("ratio_p__gte", 1), ("ratio_q__gte", 1)),
                name="grant_ratio_positive",
                violation_error_message="Both numbers of the ratio are 1 or more: with 0 nothing is matched.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="grant",
            name="grant_donor_cap_positive",
            constraint=models.CheckConstraint(
                condition=models.Q(("donor_cap_minor__isnull", True), ("donor_cap_minor__gt", 0), _connector="OR"),
                name="grant_donor_cap_positive",
                violation_error_message="The cap a donor is more than zero, or there is none.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="grant",
            name="grant_gift_cap_positive",
            constraint=models.CheckConstraint(
                condition=models.Q(("gift_cap_minor__isnull", True), ("gift_cap_minor__gt", 0), _connector="OR"),
                name="grant_gift_cap_positive",
                violation_error_message="The cap a gift is more than zero, or there is none.",
            ),
        ),
        migrations.AddField(
            model_name="passage",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="wordingeditor",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="wordingversion",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="wordingversion",
            name="copied_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copies",
                to="grants.wordingversion",
            ),
        ),
        migrations.AddField(
            model_name="wordingversion",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="wordingversion",
            name="discarded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="wordingversion",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="wordingeditor",
            name="wording",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="editors", to="grants.wordingversion"
            ),
        ),
        migrations.AddField(
            model_name="passage",
            name="wording",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="passages", to="grants.wordingversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "^[0-9]{4}-[0-9]+$")), name="wording_name_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(condition=models.Q(("edition__gte", 1)), name="wording_edition_positive"),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("discarded_at__isnull", True), ("published_at__isnull", True)),
                fields=("language",),
                name="wording_one_draft_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sha256", ""), _negated=True), fields=("sha256",), name="wording_hash_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("created_by__isnull", True), ("is_shipped", True), ("published_by__isnull", True)),
                    models.Q(("created_by__isnull", False), ("is_shipped", False)),
                    _connector="OR",
                ),
                name="wording_somebody_started_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                    models.Q(("is_shipped", True), ("published_at__isnull", False)),
                    models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                    _connector="OR",
                ),
                name="wording_published_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", True), ("published_at__isnull", True), ("sha256", "")),
                    models.Q(
                        ("content__isnull", False), ("published_at__isnull", False), ("sha256__regex", "^[0-9a-f]{64}$")
                    ),
                    _connector="OR",
                ),
                name="wording_published_has_its_hash",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("published_at__isnull", True), ("discarded_at__isnull", True), _connector="OR"),
                name="wording_published_never_discarded",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                    models.Q(("changed_at__isnull", True), ("changed_by__isnull", True)),
                    _connector="OR",
                ),
                name="wording_changed_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("discarded_at__isnull", False), ("discarded_by__isnull", False)),
                    models.Q(("discarded_at__isnull", True), ("discarded_by__isnull", True)),
                    _connector="OR",
                ),
                name="wording_discarded_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordingeditor",
            constraint=models.UniqueConstraint(fields=("wording", "user"), name="wording_editor_once"),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.UniqueConstraint(fields=("wording", "lineage"), name="passage_lineage_once"),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("wording", "key"), name="passage_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.CheckConstraint(condition=models.Q(("edition__gte", 1)), name="passage_edition_positive"),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "named"), models.Q(("key", ""), _negated=True)),
                    models.Q(models.Q(("kind", "named"), _negated=True), ("key", "")),
                    _connector="OR",
                ),
                name="passage_named_has_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["highlight", "part", "clause", "certification", "named"])),
                name="passage_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                    models.Q(("changed_at__isnull", True), ("changed_by__isnull", True)),
                    _connector="OR",
                ),
                name="passage_changed_pair",
            ),
        ),
        migrations.RunPython(publish_the_shipped, migrations.RunPython.noop),
        # After the row: what is published takes no passage any more.
        InstallGuards("grants"),
    ]
