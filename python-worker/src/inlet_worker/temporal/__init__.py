"""The data plane as Temporal sees it: activities, the payload codec, and the child process each of
them works in.
"""
