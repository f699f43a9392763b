"""Public formats as deliveries: one module a format, and what they all need (report, text tables, delivery folder)."""
