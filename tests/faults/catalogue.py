"""Every fault of the rig, in the order of the table."""

from __future__ import annotations

from tests.faults import ari_faults, daemon_faults, door_faults, line_faults, store_faults
from tests.faults.fault import Fault, nothing

NONE = Fault("nothing", "nothing is broken", nothing, nothing)
"""First of all, to see what the machine does by itself."""

BY_ARI = Fault("nothing-by-ari", "nothing is broken, calls ask by ARI", nothing, nothing, way="ari")

FAULTS = (
    NONE,
    *store_faults.FAULTS,
    *line_faults.FAULTS,
    *daemon_faults.FAULTS,
    *door_faults.FAULTS,
    BY_ARI,
    *ari_faults.FAULTS,
)
