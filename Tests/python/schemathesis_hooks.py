"""Lets schemathesis send protobuf: as bytes, which mostly are none."""

import schemathesis


@schemathesis.serializer("application/x-protobuf")
def protobuf(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
