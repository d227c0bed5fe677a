"""Some bodies are sent compressed: which, and how, depends on their bytes alone, so that a sequence can be repeated."""

import gzip
import zlib


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def in_snappy_frames(data, most=100):
    """Snappy's framing format, in chunks that are not compressed."""
    out = b"\xff\x06\x00\x00sNaPpY"
    for piece in (data[at : at + most] for at in range(0, len(data), most)):
        crc = crc32c(piece)
        masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
        out += b"\x01" + (len(piece) + 4).to_bytes(3, "little") + masked.to_bytes(4, "little") + piece
    return out


def choice_for(body):
    return zlib.crc32(body) % 20


def is_damaged(body):
    return choice_for(body) in (2, 3)


def coded(body, old):
    """The header fields that go with a body, and its bytes. `old`: as releases before 1.6 take it."""
    fields = {"Content-Type": "text/plain"}
    choice = choice_for(body)
    if choice == 0:
        return fields | {"Content-Encoding": "gzip"}, gzip.compress(body)
    if old or choice > 3:
        return fields, body
    if choice == 1:
        return fields | {"Content-Encoding": "Snappy"}, in_snappy_frames(body)
    packed = gzip.compress(body) if choice == 2 else in_snappy_frames(body)
    damaged = packed[:-1] if len(body) % 2 else packed + b"?"
    return fields | {"Content-Encoding": "gzip" if choice == 2 else "snappy"}, damaged
