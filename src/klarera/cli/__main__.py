"""python -m klarera.cli"""

from klarera.cli import main

main()
