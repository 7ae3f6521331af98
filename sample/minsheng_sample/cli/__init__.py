"""The commands `minsheng sample` and `minsheng demo`."""
