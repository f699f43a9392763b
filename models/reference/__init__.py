"""Facts as small tables: municipalities with their dated codes, the school calendar. No policy, no invention."""
