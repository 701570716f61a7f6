"""The law that governs agreements and the courts that decide, in the funder's record."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """No trigger names the table."""

    dependencies = [("vetting_portal", "0003_staff_invitations_withdrawn")]

    operations = [
        migrations.AddField("funder", "governing_law", models.CharField(blank=True, max_length=120)),
        migrations.AddField("funder", "courts", models.CharField(blank=True, max_length=120)),
    ]
