"""What Azure demands of a private Azure Machine Learning network.

Data and pure functions only: every fact is a row of a table with the Azure page it
comes from, and no module here imports Pulumi. The components build from these tables,
the policy pack judges by them.
"""
