# @note The same as pipeline/stream/unpack.ts and quarantine.ts do, value by value.
import hashlib
import zlib

AGGREGATE = b"\xf3\x89\x9a\xc2"
GZIP = b"\x1f\x8b"
LONGEST_EVENT = 16 * 1024 * 1024


def unpacked(value):
    """The events in a record that is an aggregate of the Kinesis Producer Library, compressed with gzip, or both.

    What cannot be unpacked comes as it is.
    """
    if value is None:
        return None
    value = bytes(value)
    records = records_in(value)
    return [unzipped(record) for record in ([value] if records is None else records)]


def unzipped(value):
    """The content of all members, if a value has any and they are no longer than an event may be."""
    if not value.startswith(GZIP):
        return value
    parts, size, rest = [], 0, value
    try:
        # Zeros may follow the last member.
        while rest and rest[0] != 0:
            member = zlib.decompressobj(wbits=31)
            part = member.decompress(rest, LONGEST_EVENT + 1 - size)
            parts.append(part)
            size += len(part)
            if size > LONGEST_EVENT or not member.eof:
                return value
            rest = member.unused_data
    except zlib.error:
        return value
    return b"".join(parts)


def records_in(value):
    """Magic number, protocol buffer and its MD5; none when it is no aggregate, or damaged.

    https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
    """
    if not value.startswith(AGGREGATE) or len(value) < len(AGGREGATE) + 16:
        return None
    message = value[len(AGGREGATE) : -16]
    if hashlib.md5(message).digest() != value[-16:]:
        return None
    try:
        records = [fields_of(record) for number, record in fields_of(message) if number == 3]
        return [[data for number, data in record if number == 3][-1] for record in records]
    except (IndexError, TypeError, ValueError):
        return None


def fields_of(message):
    """Numbers and contents of a protocol buffer's fields. https://protobuf.dev/programming-guides/encoding/"""
    fields, at = [], 0
    while at < len(message):
        tag, at = variable_integer(message, at)
        wire_type, content = tag % 8, None
        if wire_type == 0:
            _, at = variable_integer(message, at)
        elif wire_type == 2:
            length, at = variable_integer(message, at)
            content = message[at : at + length]
            at += length
        else:
            at += {1: 8, 5: 4}.get(wire_type, len(message) + 1)
        if at > len(message):
            raise ValueError("A field ends behind its message.")
        fields.append((tag // 8, content))
    return fields


def variable_integer(message, start):
    """Seven bits a byte, the lowest first; the last byte is below 128."""
    value = 0
    for at in range(start, min(start + 10, len(message))):
        value |= message[at] % 128 << 7 * (at - start)
        if message[at] < 128:
            return value, at + 1
    raise ValueError("An integer has no end.")
