"""Text and data mining: Directive (EU) 2019/790 Arts. 3-4 and its German form."""
