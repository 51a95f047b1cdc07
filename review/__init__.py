"""Reviews of a stack before it is deployed, for people and for machines.

One `pulumi preview` gives the plan and the verdicts of the policy pack. Every report
is a function of these two, so that a new kind of report needs nothing of the engine.
"""
