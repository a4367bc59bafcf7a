"""What every source over HTTP stands on."""
