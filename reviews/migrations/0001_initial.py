import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('partners', '0001_initial'),
        ('vetting_portal', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', django_fsm.FSMField(choices=[('invited', 'Invited'), ('in_progress', 'In progress'), ('submitted', 'Submitted'), ('recused', 'Stepped aside'), ('ended', 'Ended by the officer')], default='invited', max_length=24, protected=True)),
                ('version', models.PositiveSmallIntegerField(default=0)),
                ('advice', models.TextField(blank=True)),
                ('advice_edition', models.PositiveIntegerField(default=0)),
                ('due_on', models.DateField()),
                ('invited_at', models.DateTimeField()),
                ('begun_at', models.DateTimeField(blank=True, null=True)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('reopened_at', models.DateTimeField(blank=True, null=True)),
                ('reopened_reason', models.TextField(blank=True)),
                ('recused_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL)),
                ('seen_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.submissionversion')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='partners.submission')),
            ],
            options={
                'ordering': ['submission', 'pk'],
                'indexes': [models.Index(fields=['reviewer', 'state', 'due_on'], name='review_of_reviewer')],
                'constraints': [models.UniqueConstraint(fields=('submission', 'reviewer'), name='review_once'), models.CheckConstraint(condition=models.Q(('state__in', ['invited', 'in_progress', 'submitted', 'recused', 'ended'])), name='review_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['in_progress', 'submitted']), _negated=True), models.Q(('begun_at__isnull', False), ('seen_version__isnull', False)), _connector='OR'), name='review_begun_stamps'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['submitted']), _negated=True), ('submitted_at__isnull', False), _connector='OR'), name='review_submitted_stamps'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['recused']), _negated=True), ('recused_at__isnull', False), _connector='OR'), name='review_recused_stamps'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['ended']), _negated=True), ('ended_at__isnull', False), _connector='OR'), name='review_ended_stamps'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), _connector='OR'), name='review_ended_pair'), models.CheckConstraint(condition=models.Q(models.Q(('submitted_at__isnull', True), ('version', 0)), models.Q(('submitted_at__isnull', False), ('version__gte', 1)), _connector='OR'), name='review_version_counts_submits'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'submitted'), _negated=True), ('version__gte', 1), _connector='OR'), name='review_submitted_has_version'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'invited'), _negated=True), ('version', 0), _connector='OR'), name='review_invited_has_none')],
            },
        ),
        migrations.CreateModel(
            name='ReviewVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('submitted_at', models.DateTimeField()),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='reviews.review')),
                ('submission_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.submissionversion')),
            ],
            options={
                'ordering': ['review', 'number'],
                'constraints': [models.UniqueConstraint(fields=('review', 'number'), name='review_version_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='review_version_positive')],
            },
        ),
        migrations.CreateModel(
            name='SanctionsList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('ofac-sdn', 'OFAC SDN list'), ('ofac-consolidated', 'OFAC consolidated list'), ('un', 'UN Security Council list'), ('opensanctions', 'OpenSanctions')], max_length=24)),
                ('published_on', models.DateField(blank=True, null=True)),
                ('sha256', models.CharField(max_length=64)),
                ('entry_count', models.PositiveIntegerField(default=0)),
                ('name_count', models.PositiveIntegerField(default=0)),
                ('is_current', models.BooleanField(default=False)),
                ('imported_at', models.DateTimeField()),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['source', '-imported_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['ofac-sdn', 'ofac-consolidated', 'un', 'opensanctions'])), name='sanctions_list_source_known'), models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('source',), name='sanctions_list_current_once'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='sanctions_list_hash_whole'), models.CheckConstraint(condition=models.Q(('is_current', False), models.Q(('entry_count__gte', 1), ('name_count__gte', 1)), _connector='OR'), name='sanctions_list_current_holds_names')],
            },
        ),
        migrations.CreateModel(
            name='ListEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('person', 'Person'), ('organisation', 'Organisation'), ('any', 'Person or organisation'), ('other', 'Ship, aircraft or other thing')], max_length=12)),
                ('name', models.TextField()),
                ('born', models.TextField(blank=True)),
                ('country', models.TextField(blank=True)),
                ('gender', models.CharField(blank=True, max_length=24)),
                ('programme', models.TextField(blank=True)),
                ('listed_on', models.CharField(blank=True, max_length=24)),
                ('remarks', models.TextField(blank=True)),
                ('fingerprint', models.CharField(max_length=64)),
                ('sanctions_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='reviews.sanctionslist')),
            ],
            options={
                'verbose_name_plural': 'list entries',
                'ordering': ['sanctions_list', 'number'],
                'constraints': [models.UniqueConstraint(fields=('sanctions_list', 'number'), name='list_entry_number_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='list_entry_has_name'), models.CheckConstraint(condition=models.Q(('kind__in', ['person', 'organisation', 'any', 'other'])), name='list_entry_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('not_applicable', models.BooleanField(default=False)),
                ('justification', models.TextField(blank=True)),
                ('edition', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='partners.criterion')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='reviews.review')),
            ],
            options={
                'ordering': ['review', 'criterion__position'],
                'constraints': [models.UniqueConstraint(fields=('review', 'criterion'), name='score_once'), models.CheckConstraint(condition=models.Q(('value__isnull', True), ('value__lte', 4), _connector='OR'), name='score_on_scale'), models.CheckConstraint(condition=models.Q(('not_applicable', False), ('value__isnull', True), _connector='OR'), name='score_or_not_applicable'), models.CheckConstraint(condition=models.Q(('edition__gte', 1)), name='score_edition_positive')],
            },
        ),
        migrations.CreateModel(
            name='Citation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.PositiveIntegerField()),
                ('passage', models.CharField(blank=True, max_length=200)),
                ('cited_at', models.DateTimeField()),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='partners.document')),
                ('score', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='reviews.score')),
            ],
            options={
                'ordering': ['score', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('score', 'document', 'page', 'passage'), name='citation_once', violation_error_message='This page is cited here already.'), models.CheckConstraint(condition=models.Q(('page__gte', 1)), name='citation_page_positive')],
            },
        ),
        migrations.CreateModel(
            name='Screening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lists', models.JSONField()),
                ('subjects_fingerprint', models.CharField(max_length=64)),
                ('name_count', models.PositiveSmallIntegerField()),
                ('candidate_count', models.PositiveSmallIntegerField()),
                ('new_count', models.PositiveSmallIntegerField()),
                ('screened_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='screenings', to='partners.organisation')),
                ('screened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-screened_at'],
                'indexes': [models.Index(fields=['organisation', '-screened_at'], name='screening_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name_count__gte', 1)), name='screening_has_names'), models.CheckConstraint(condition=models.Q(('new_count__lte', models.F('candidate_count'))), name='screening_new_among_candidates'), models.CheckConstraint(condition=models.Q(('lists', []), _negated=True), name='screening_has_lists')],
            },
        ),
        migrations.CreateModel(
            name='ScreeningHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('ofac-sdn', 'OFAC SDN list'), ('ofac-consolidated', 'OFAC consolidated list'), ('un', 'UN Security Council list'), ('opensanctions', 'OpenSanctions')], max_length=24)),
                ('entry_number', models.CharField(max_length=80)),
                ('state', django_fsm.FSMField(choices=[('open', 'To decide'), ('cleared', 'Not the same'), ('confirmed', 'The same')], default='open', max_length=24, protected=True)),
                ('score', models.PositiveSmallIntegerField()),
                ('our_name', models.TextField()),
                ('listed_name', models.TextField()),
                ('entry', models.JSONField()),
                ('found_at', models.DateTimeField()),
                ('subject_fingerprint', models.CharField(max_length=64)),
                ('entry_fingerprint', models.CharField(max_length=64)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('found_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hits', to='reviews.screening')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='screening_hits', to='partners.organisation')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='screening_hits', to='partners.person')),
            ],
            options={
                'verbose_name': 'candidate',
                'ordering': ['organisation', 'pk'],
                'indexes': [models.Index(fields=['state', 'found_at'], name='screening_hit_queue')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'cleared', 'confirmed'])), name='screening_hit_state_known'), models.CheckConstraint(condition=models.Q(('source__in', ['ofac-sdn', 'ofac-consolidated', 'un', 'opensanctions'])), name='screening_hit_source_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['cleared', 'confirmed']), _negated=True), ('decided_at__isnull', False), _connector='OR'), name='screening_hit_decided_stamps'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), _connector='OR'), name='screening_hit_decided_pair'), models.CheckConstraint(condition=models.Q(models.Q(('asked_at__isnull', False), ('asked_by__isnull', False)), models.Q(('asked_at__isnull', True), ('asked_by__isnull', True)), _connector='OR'), name='screening_hit_asked_pair'), models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='screening_hit_decision_says_why'), models.CheckConstraint(condition=models.Q(('score__lte', 100)), name='screening_hit_score_on_scale'), models.UniqueConstraint(condition=models.Q(('person__isnull', True)), fields=('organisation', 'source', 'entry_number'), name='screening_hit_organisation_once'), models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('person', 'source', 'entry_number'), name='screening_hit_person_once')],
            },
        ),
        migrations.CreateModel(
            name='ConflictDeclaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_role', models.CharField(choices=[('reviewer', 'Reviewer'), ('programme_officer', 'Programme officer'), ('director', 'Director')], max_length=24)),
                ('has_interest', models.BooleanField()),
                ('note', models.TextField(blank=True)),
                ('declared_at', models.DateTimeField()),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='partners.submission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['submission', 'declared_at'],
                'constraints': [models.UniqueConstraint(fields=('submission', 'user', 'as_role', 'has_interest'), name='declaration_once', violation_error_message='You have declared this already.'), models.CheckConstraint(condition=models.Q(('as_role__in', ['reviewer', 'programme_officer', 'director'])), name='declaration_role_known')],
            },
        ),
        migrations.CreateModel(
            name='ListName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('is_weak', models.BooleanField(default=False)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='reviews.listentry')),
            ],
            options={
                'ordering': ['entry', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='list_name_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Moderation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('concerns', models.CharField(max_length=200)),
                ('resolution', models.TextField()),
                ('resolved_at', models.DateTimeField()),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='partners.criterion')),
                ('resolved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='partners.submission')),
            ],
            options={
                'ordering': ['submission', 'criterion__position', 'resolved_at'],
                'constraints': [models.UniqueConstraint(fields=('submission', 'criterion', 'concerns'), name='moderation_once', violation_error_message='A resolution for these scores is recorded already.'), models.CheckConstraint(condition=models.Q(('resolution', ''), _negated=True), name='moderation_has_resolution')],
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('recommend', 'Recommend'), ('conditions', 'Recommend with conditions'), ('decline', 'Decline')], max_length=12)),
                ('composite_exact', models.CharField(max_length=80)),
                ('composite_text', models.CharField(max_length=8)),
                ('band', models.CharField(max_length=12)),
                ('review_count', models.PositiveSmallIntegerField()),
                ('gates', models.JSONField()),
                ('disagreements', models.JSONField(default=list)),
                ('figures', models.JSONField(default=dict)),
                ('conditions', models.JSONField(default=list)),
                ('reason', models.TextField()),
                ('is_override', models.BooleanField(default=False)),
                ('recommended_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('recommended_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recommendations', to='partners.submission')),
            ],
            options={
                'ordering': ['submission', 'recommended_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('submission',), name='recommendation_current_once'), models.CheckConstraint(condition=models.Q(('outcome__in', ['recommend', 'conditions', 'decline'])), name='recommendation_outcome_known'), models.CheckConstraint(condition=models.Q(('band__in', ['recommend', 'conditions', 'decline'])), name='recommendation_band_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='recommendation_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'conditions'), _negated=True), models.Q(('conditions', []), _negated=True), _connector='OR'), name='recommendation_conditions_are_named'), models.CheckConstraint(condition=models.Q(('review_count__gte', 2)), name='recommendation_rests_on_two_reviews'), models.CheckConstraint(condition=models.Q(('is_override', True), ('outcome', 'decline'), ('band', 'recommend'), models.Q(('band', 'conditions'), ('outcome', 'conditions')), _connector='OR'), name='recommendation_within_band')],
            },
        ),
    ]
