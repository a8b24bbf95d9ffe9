"""The shape of what programs send, with the sentences for what is wrong."""
