"""What holds up under a bad line, faults and hours of use, in figures beside their goals."""
