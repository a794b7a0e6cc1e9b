"""The only room that knows the order: read → find → facts → decide → act → evidence.

screen.py  first pass over the input: what is there        settle.py  facts → decisions, no text
write.py   decisions → parts, held, edits                  run.py     what was asked, to go on after a kill
clear.py   the commands clear, decide, apply in this order: what they change is one commit each
"""
