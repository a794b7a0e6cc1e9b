"""DMA (Regulation (EU) 2022/1925), as far as it decides records."""
