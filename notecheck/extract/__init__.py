"""From the text of a note to its mentions: a medspaCy pipeline, one file a component."""

import warnings

with warnings.catch_warnings():  # medspaCy silences every warning of the process when it is imported; this gives them back
    import medspacy.context
    import medspacy.target_matcher  # noqa: F401
