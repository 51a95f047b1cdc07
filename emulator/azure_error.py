"""A refusal by Azure, in the words that azure-native passes on."""


class AzureError(Exception):
    """Azure's answer to a request that it refuses.

    `status` is the HTTP status, `code` Azure's own error code.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f'Status={status} Code="{code}" Message="{message}"')
        self.status = status
        self.code = code
        self.message = message
