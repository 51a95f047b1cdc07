"""The emulated Azure: a provider process that answers the engine as azure-native.

It stands at the boundary between the Pulumi engine and its provider, checks inputs as
Azure and the SDK describe them, keeps what is created in a store on disk, and refuses
what Azure refuses. It shares no code with the rest of the project: it is the second
opinion on what Azure demands. The page docs/emulator.md says what it does not do.
"""
