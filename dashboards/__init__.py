"""What people look at: pages drawn from a release alone."""
