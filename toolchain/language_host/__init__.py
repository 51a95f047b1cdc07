"""The Python language host: starts programs, policy packs and component plugins.

The Pulumi engine speaks to it over the `LanguageRuntime` protocol. It stands in
for the official `pulumi-language-python` on machines that do not have that.
"""
