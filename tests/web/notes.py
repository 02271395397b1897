"""Invented notes for the server's tests."""

NOTE = """CHIEF COMPLAINT: Low back pain radiating to the left foot, 7/10, for 3 months.
EXAM: Strength 5/5 in both legs. Straight leg raise positive on the left.
ASSESSMENT: Lumbar radiculopathy.
"""
SECRET = "Zebulon Quartermain, born 02/03/1951"  # what no answer to a faulty request and no log may repeat
