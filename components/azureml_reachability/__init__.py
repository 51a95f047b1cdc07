"""Packets as sets: what a network lets through, decided for every possible packet.

``addresses``, ``ports`` and ``packets`` are the sets and their exact operations;
``places`` reads what a rule's sides mean in a network; ``security_groups`` decides what
a group lets through. Only the standard library and the rulebook are imported.
"""
