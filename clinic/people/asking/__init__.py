"""Asking who is coming: one set of forms for everything that is booked, asked for or bought.

Not a face of this slice but a part that the slices above build their own forms and pages with;
docs/decisions/0028 says why it stands here.
"""
