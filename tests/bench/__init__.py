"""`make bench`: every figure of the documentation, measured side by side in one run on one machine."""
