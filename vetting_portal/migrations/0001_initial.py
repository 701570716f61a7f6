"""People, the funder, the audit trail and background work: the tables."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import vetting_portal.models.funder
from django.conf import settings
from django.db import migrations, models

from vetting_portal.schema import Together


class Migration(migrations.Migration):
    """Every table at once, with its constraints and indexes: none is built twice."""

    initial = True

    dependencies = [
    ]

    operations = [Together(
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                ('prev_hash', models.CharField(max_length=64, unique=True)),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('schema', models.PositiveSmallIntegerField(default=1)),
                ('at', models.DateTimeField()),
                ('event', models.CharField(max_length=64)),
                ('subject_type', models.CharField(max_length=64)),
                ('subject_id', models.CharField(max_length=64)),
                ('from_state', models.CharField(blank=True, max_length=24)),
                ('to_state', models.CharField(blank=True, max_length=24)),
                ('actor_id', models.BigIntegerField()),
                ('facts', models.JSONField()),
                ('words_hash', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'seq'], name='audit_subject')],
            },
        ),
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='audit_head_single')],
            },
        ),
        migrations.CreateModel(
            name='DailyRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day_on', models.DateField(unique=True)),
                ('enqueued_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-day_on'],
            },
        ),
        migrations.CreateModel(
            name='Funder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('tax_number', models.CharField(max_length=40)),
                ('address', models.TextField()),
                ('country', models.CharField(default='US', max_length=2)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('time_zone', models.CharField(default='America/Los_Angeles', max_length=64)),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('contact_email', models.EmailField(blank=True, max_length=254)),
                ('governing_law', models.CharField(blank=True, max_length=120)),
                ('courts', models.CharField(blank=True, max_length=120)),
                ('signing_policy', models.JSONField(default=vetting_portal.models.funder.default_signing_policy)),
                ('is_example', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='funder_version_positive')],
            },
        ),
        migrations.CreateModel(
            name='RoleAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_assignments', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('reviewer', 'Reviewer'), ('programme_officer', 'Programme officer'), ('director', 'Director'), ('finance_officer', 'Finance officer'), ('auditor', 'Auditor'), ('administrator', 'Administrator')], max_length=24)),
                ('since_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_at__isnull', True)), fields=('user', 'role'), name='role_held_once'), models.CheckConstraint(condition=models.Q(('role__in', ['reviewer', 'programme_officer', 'director', 'finance_officer', 'auditor', 'administrator'])), name='role_known'), models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gte', models.F('since_at')), _connector='OR'), name='role_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='StaffInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('roles', models.JSONField()),
                ('token_sha256', models.CharField(max_length=64, unique=True)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='staff_invitation_accepted_pair'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='staff_invitation_revoked_pair'), models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('revoked_at__isnull', True), _connector='OR'), name='staff_invitation_ends_one_way')],
            },
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('size', models.BigIntegerField()),
                ('media_type', models.CharField(max_length=127)),
                ('stored_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('size__gte', 0)), name='stored_file_size_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('languages', models.JSONField(blank=True, default=list)),
                ('is_active', models.BooleanField(default=True)),
                ('is_system', models.BooleanField(default=False)),
                ('joined_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once')],
            },
        ),
        migrations.CreateModel(
            name='AuditWords',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='words', serialize=False, to='vetting_portal.auditentry')),
                ('salt', models.CharField(blank=True, max_length=64)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(blank=True, max_length=200)),
                ('note', models.TextField(blank=True)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('name', ''), ('note', ''), ('role', ''), ('salt', '')), _connector='OR'), name='audit_words_erased_whole')],
            },
        ),
    )]
