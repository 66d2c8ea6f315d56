"""What every vendor owes: one suite over all operations of all vendors, made from their tables."""
