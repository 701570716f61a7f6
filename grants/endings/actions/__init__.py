"""Every write of endings: asked, confirmed, carried out, settled; and the good end of a grant."""

from grants.endings.actions.asking import ask_for_ending as ask_for_ending
from grants.endings.actions.confirming import confirm_ending as confirm_ending
from grants.endings.actions.confirming import tend_ending as tend_ending
from grants.endings.actions.confirming import tend_endings as tend_endings
from grants.endings.actions.finishing import close_file as close_file
from grants.endings.actions.finishing import finish_grant as finish_grant
from grants.endings.actions.finishing import settle_completed as settle_completed
from grants.endings.actions.finishing import tend_completed as tend_completed
from grants.endings.actions.returning import record_return as record_return
from grants.endings.actions.returning import write_off_return as write_off_return
from grants.endings.actions.settling import carry_out_ending as carry_out_ending
from grants.endings.actions.settling import settle_ending as settle_ending
from grants.endings.actions.stopping import decline_ending as decline_ending
from grants.endings.actions.stopping import expire_ending as expire_ending
from grants.endings.actions.stopping import withdraw_ending as withdraw_ending
