"""Every write to the record of the seal's certificates."""

from grants.sealing.actions.keys import denounce_seal_key as denounce_seal_key
from grants.sealing.actions.keys import present_certificate as present_certificate
from grants.sealing.actions.keys import rotate_seal_key as rotate_seal_key
