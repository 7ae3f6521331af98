"""The simulated district: what is true there, before any department writes it down."""
