"""From the text of a note to its mentions: a medspaCy pipeline, one file a component."""
