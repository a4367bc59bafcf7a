"""What the units of sources are made of: the unit itself, its policy, cursors, passes and debts."""
