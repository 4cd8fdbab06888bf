"""Workbooks that go out to be answered and come back through intake: refused rows to correct, entries to tell apart.

`hand_back` gives every school its own refused rows, `ask_who` gives the bureau the entries that may be one child. Both
leave through `disclosure`, and both openings of the restricted tables are logged.
"""

from baoxue.returns.candidates import ask_who
from baoxue.returns.refused import hand_back

__all__ = ["ask_who", "hand_back"]
