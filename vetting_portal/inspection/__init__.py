"""The document vault's checks: pure of Django, of the database and of the network (a configured scanner aside)."""

from vetting_portal.inspection.findings import Finding as Finding
from vetting_portal.inspection.findings import Verdict as Verdict
from vetting_portal.inspection.inspecting import inspect_file as inspect_file
from vetting_portal.inspection.sandbox import check_upload as check_upload
from vetting_portal.inspection.sandbox import inspect_in_subprocess as inspect_in_subprocess
