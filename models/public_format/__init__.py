"""Public data formats as deliveries: one module a format, its frames in, the frames of a delivery out."""
