"""The only room that knows the order: read → find → facts → decide → act → evidence.

screen.py  first pass over the input: what is there        settle.py  facts → decisions, no text
write.py   decisions → parts, held, edits                  run.py     what was asked, to go on after a kill
change.py  one change of OUT: decide, measure, write       commit.py  what its commit says of it and names
case.py    law, reading, facts of project and sources      registered.py  the names and tables of the register
clear.py   the commands clear, decide, apply in this order: what they change is one commit each
"""
