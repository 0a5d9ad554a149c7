"""A body as it comes off the wire, decompressed while it is counted, so that no bomb is ever held in memory."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import brotli  # type: ignore[import-untyped]

_STEP = 256 * 1024
_TELLING = 6
_PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?[<{\s][\s!-~]{2,}", re.DOTALL)
"""How documents begin, and compressed bytes all but never."""
_OTHERS = frozenset(("zstd", "compress", "x-compress", "dcb", "dcz", "aes128gcm", "exi", "pack200-gzip", "lzma", "xz"))
"""Ways to compress that we do not ask for."""


class TooLarge(Exception):
    """More bytes than allowed; the text names the limit."""


class BadCompression(Exception):
    """Bytes that are not what Content-Encoding says."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes inside `data`, in steps of bounded size; raises BadCompression."""

    @property
    def finished(self) -> bool:
        """Whether the stream came to its end."""


class _Identity:
    finished = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Claimed:
    """What claims to be compressed, and may be plain text all the same: the first bytes tell."""

    def __init__(self, inner: _Decoder) -> None:
        self._inner = inner
        self._head = b""
        self._settled = False

    @property
    def finished(self) -> bool:
        return self._inner.finished

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not self._settled:
            self._head += data
            if len(self._head) < _TELLING:
                return
            data, self._head, self._settled = self._head, b"", True
            if _PLAIN.fullmatch(data[:_TELLING]):
                self._inner = _Identity()
        yield from self._inner.feed(data)


class _Zlib:
    """gzip with one or more members, or deflate with or without its header; what is no gzip passes as it is."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._head = b""
        self._inner: zlib._Decompress | None = None
        self._plain = False
        self.finished = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inner is None and not self._plain:
            self._head += data
            if len(self._head) < 2:
                return
            data, self._head = self._head, b""
            self._start(data)
        if self._plain:
            yield data
            return
        yield from self._inflate(data)

    def _start(self, data: bytes) -> None:
        if self._gzip and data[:2] != b"\x1f\x8b":
            self._plain = self.finished = True
            return
        wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        self._inner = zlib.decompressobj(wbits=31 if self._gzip else 15 if wrapped else -15)

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        assert self._inner is not None
        while True:
            try:
                out = self._inner.decompress(data, _STEP)
            except zlib.error as error:
                raise BadCompression(str(error)) from None
            yield out
            self.finished = self._inner.eof
            if self._inner.eof:
                data = self._inner.unused_data
                if not self._gzip or data[:2] != b"\x1f\x8b":
                    return
                self._inner = zlib.decompressobj(wbits=31)
                continue
            data = self._inner.unconsumed_tail
            if not data and len(out) < _STEP:
                return


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self.finished = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            yield self._inner.process(data, output_buffer_limit=_STEP)
            while not self._inner.can_accept_more_data() and not self._inner.is_finished():
                yield self._inner.process(b"", output_buffer_limit=_STEP)
        except brotli.error as error:
            raise BadCompression(str(error) or "not brotli") from None
        self.finished = self._inner.is_finished()


class Body:
    """Collects the chunks of one response."""

    def __init__(self, encoding: str, max_wire: int, max_decoded: int) -> None:
        self._parts: list[bytes] = []
        self._wire = 0
        self._decoded = 0
        self._max_wire = max_wire
        self._max_decoded = max_decoded
        self._decoder = _decoder(encoding.strip().lower())

    def take(self, chunk: bytes) -> None:
        """One more chunk off the wire; raises TooLarge or BadCompression."""
        self._wire += len(chunk)
        if self._wire > self._max_wire:
            raise TooLarge(f"more than {self._max_wire / 1e6:g} MB on the wire")
        for part in self._decoder.feed(chunk):
            self._decoded += len(part)
            if self._decoded > self._max_decoded:
                raise TooLarge(f"more than {self._max_decoded / 1e6:g} MB after decompression")
            self._parts.append(part)

    @property
    def whole(self) -> bool:
        """Whether the compressed stream came to its end."""
        return self._decoder.finished or not self._wire

    @property
    def content(self) -> bytes:
        """All that came, decompressed."""
        return b"".join(self._parts)


def _decoder(claims: str) -> _Decoder:
    """By Content-Encoding, in which servers also write charsets and words for none."""
    kinds = [kind for claim in claims.split(",") if (kind := _KINDS.get(claim.strip(), claim.strip())) in _WAYS]
    if not kinds:
        return _Identity()
    way = _WAYS[kinds[0]]
    if len(kinds) > 1 or way is None:
        raise BadCompression(f"Content-Encoding is {claims[:40]!r}, which was not asked for")
    return way()


_KINDS = {"x-gzip": "gzip"}
_WAYS: Mapping[str, Callable[[], _Decoder] | None] = {
    "gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Claimed(_Zlib(gzip=False)),
    "br": lambda: _Claimed(_Brotli()),
    **dict.fromkeys(_OTHERS),
}
