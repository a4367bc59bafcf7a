"""What the censuses of units are made of: listing, groups, parents, and what is owed afterwards."""
