"""minsheng (民生): a district's departmental extracts in, the plan's numbers out."""
