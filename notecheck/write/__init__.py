"""From reports to what people and programs open: one module a format."""
