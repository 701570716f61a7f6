"""The ground floor's records."""

from vetting_portal.models.funder import Funder as Funder
from vetting_portal.models.people import Role as Role
from vetting_portal.models.people import RoleAssignment as RoleAssignment
from vetting_portal.models.people import StaffInvitation as StaffInvitation
from vetting_portal.models.people import User as User
from vetting_portal.models.policy import SigningPolicy as SigningPolicy
from vetting_portal.models.rounds import DailyRound as DailyRound
from vetting_portal.models.stored import StoredFile as StoredFile
from vetting_portal.models.trail import AuditEntry as AuditEntry
from vetting_portal.models.trail import AuditHead as AuditHead
from vetting_portal.models.trail import AuditWords as AuditWords
