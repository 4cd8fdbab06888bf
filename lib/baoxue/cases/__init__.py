"""Cases (一生一案): who left school, when that became known, what was done and whether the child is back."""
