#!/usr/bin/python3
"""Makes credentials.json, chains.json, malformed.json and identity.json: credentials, chains and broken encodings with
their expected outcome.

Written against the wire format alone, on Python's cryptography, so that agreement with the project's code means
something. Keys follow from their names and ECDSA nonces from RFC 6979, so a second run writes the same bytes.

  /usr/bin/python3 test/vectors/generate-credentials.py test/vectors
"""
import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import uuid

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, ed448
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY = 86400
AT = 1_800_000_000
LAST_SECOND = 253_402_300_799
DOMAIN = "as.example.net"
USER = "zoë"
UUID = uuid.UUID("0f5d1c3e-8a52-4e0b-9a57-5d4f0a6f2b11").bytes
HASHES = {"sha256": 4, "sha384": 5, "sha512": 6}

# Orders: FIPS 186-5 by way of SP 800-186, section 3.2.1. name: code, private key's length, curve, digest, order
SCHEMES = {
    "ed25519": (0x0807, 32, None, None, None),
    "ed448": (0x0808, 57, None, None, None),
    "p256": (0x0403, 32, ec.SECP256R1(), "sha256", 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
    "p384": (0x0503, 48, ec.SECP384R1(), "sha384",
             0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973),
    "p521": (0x0603, 66, ec.SECP521R1(), "sha512",
             (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7),
}


def vec(data):
    n = len(data)
    head = struct.pack("!B", n) if n < 1 << 6 else struct.pack("!H", n | 1 << 14) if n < 1 << 14 else struct.pack("!I", n | 1 << 31)
    return head + data


def labelled(label, content):
    return vec(b"MLS 1.0 " + label.encode()) + vec(content)


class Pair:
    def __init__(self, name, scheme):
        self.scheme = scheme
        self.code, self.size, self.curve, self.digest, self.order = SCHEMES[scheme]
        stream = hashlib.shake_256(b"as-ceremony credential vectors: " + name.encode()).digest(100)
        if self.curve is None:
            self.private = stream[: self.size]
            kind = {"ed25519": ed25519.Ed25519PrivateKey, "ed448": ed448.Ed448PrivateKey}[scheme]
            self.key = kind.from_private_bytes(self.private)
            self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            self.scalar = 1 + int.from_bytes(stream, "big") % (self.order - 1)
            self.private = self.scalar.to_bytes(self.size, "big")
            self.public = self.point(self.scalar)

    def point(self, scalar, form=PublicFormat.UncompressedPoint):
        return ec.derive_private_key(scalar, self.curve).public_key().public_bytes(Encoding.X962, form)

    def nonces(self, digest):
        """RFC 6979 section 3.2."""
        size = self.order.bit_length()

        def to_int(data):
            return int.from_bytes(data, "big") >> max(0, 8 * len(data) - size)

        def mac(*parts):
            return hmac.new(k, b"".join(parts), self.digest).digest()

        seed = self.private + (to_int(digest) % self.order).to_bytes(self.size, "big")
        length = hashlib.new(self.digest).digest_size
        k, v = bytes(length), b"\1" * length
        for mark in (b"\0", b"\1"):
            k = mac(v, mark, seed)
            v = mac(v)
        while True:
            t = b""
            while 8 * len(t) < size:
                v = mac(v)
                t += v
            nonce = to_int(t)
            if 0 < nonce < self.order:
                yield nonce
            k = mac(v, b"\0")
            v = mac(v)

    def sign(self, message, high=False):
        if self.curve is None:
            return self.key.sign(message)
        digest = hashlib.new(self.digest, message).digest()
        e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - self.order.bit_length())
        nonce = next(self.nonces(digest))
        r = int.from_bytes(self.point(nonce)[1 : 1 + self.size], "big") % self.order
        s = pow(nonce, -1, self.order) * (e + r * self.scalar) % self.order
        low = min(s, self.order - s)
        return encode_dss_signature(r, self.order - low if high else low)


STRUCTS = {
    "as_credential": "AsCredential",
    "intermediate_as_credential": "IntermediateAsCredential",
    "client_credential": "ClientCredential",
    "leaf_credential": "LeafCredential",
}
LABELS = {
    "as_credential": "AS CREDENTIAL",
    "intermediate_as_credential": "INTERMEDIATE AS CREDENTIAL",
    "intermediate_as_credential_request": "INTERMEDIATE AS CREDENTIAL REQUEST",
    "client_credential": "CLIENT CREDENTIAL",
    "client_credential_request": "CLIENT CREDENTIAL REQUEST",
    "leaf_credential": "LEAF CREDENTIAL",
}
# Validity around AT, nested, in days.
SPANS = {"as_credential": (-900, 2700), "intermediate_as_credential": (-90, 275), "client_credential": (-10, 80), "leaf_credential": (-1, 20)}


class Credential:
    """`parts` are the encoded fields by name, in wire order, the signatures last."""

    def __init__(self, kind, pair, hash_name, signer=None, *, begins=None, ends=None, domain=DOMAIN, user=USER, client_uuid=UUID,
                 signer_fp=None, self_by=None, signed_by=None, self_label=None, label=None, self_high=False, high=False,
                 spoil_self=None, spoil=None):
        self.kind, self.pair, self.hash_name, self.signer, self.domain, self.user = kind, pair, hash_name, signer, domain, user
        self.begins = AT + SPANS[kind][0] * DAY if begins is None else begins
        self.ends = AT + SPANS[kind][1] * DAY if ends is None else ends
        struct_name = STRUCTS[kind]
        parts = {}
        if kind in ("as_credential", "client_credential"):
            parts["as_domain"] = vec(domain.encode())
        if kind == "client_credential":
            parts["user_name"] = vec(user.encode())
            parts["client_uuid"] = client_uuid
        parts["not_before"] = struct.pack("!Q", self.begins)
        parts["not_after"] = struct.pack("!Q", self.ends)
        parts["hash"] = struct.pack("!B", HASHES[hash_name])
        parts["signature_scheme"] = struct.pack("!H", pair.code)
        parts["public_key"] = vec(pair.public)
        if signer is not None:
            parts["signer_fingerprint"] = vec(signer_fp or signer.fp)
        self.payload = b"".join(parts.values())
        own = (self_by or pair).sign(labelled(self_label or struct_name + "Payload", self.payload), self_high)
        parts["self_signature"] = vec(spoil_self(own) if spoil_self else own)
        self.request = b"".join(parts.values())
        if signer is not None:
            outer = (signed_by or signer.pair).sign(labelled(label or struct_name + "SelfSignedPayload", self.request), high)
            parts["signature"] = vec(spoil(outer) if spoil else outer)
        self.parts = parts
        self.encoded = b"".join(parts.values())
        self.fp = hashlib.new(hash_name, self.encoded).digest()

    def described(self):
        out = {}
        if self.kind == "as_credential":
            out["as_domain"] = self.domain
        if self.kind == "client_credential":
            out["client_id"] = {"as_domain": self.domain, "user_name": self.user, "client_uuid": str(uuid.UUID(bytes=self.parts["client_uuid"]))}
        out.update(not_before=self.begins, not_after=self.ends, ciphersuite={"hash": HASHES[self.hash_name], "signature_scheme": self.pair.code},
                   private_key=self.pair.private.hex(), public_key=self.pair.public.hex())
        if self.signer is not None:
            out["signer_fingerprint"] = self.signer.fp.hex()
        out["payload"] = self.payload.hex()
        if self.signer is not None:
            out["request"] = self.request.hex()
        out["encoded"] = self.encoded.hex()
        out["fingerprint"] = self.fp.hex()
        return out


KINDS = list(STRUCTS)


def build(name, suites, **changes):
    """A chain from the root down; `changes` are by kind without `_credential`: root, intermediate, client, leaf."""
    chain, signer = [], None
    for kind, short, (scheme, hash_name) in zip(KINDS, ("root", "intermediate", "client", "leaf"), suites):
        signer = Credential(kind, Pair(name + "/" + short, scheme), hash_name, signer, **changes.get(short, {}))
        chain.append(signer)
    return chain


def flip(data):
    return data[:-1] + bytes([data[-1] ^ 1])


SUITES = {
    "ed25519-sha256": [("ed25519", "sha256")] * 4,
    "ed448-sha512": [("ed448", "sha512")] * 4,
    "p256-sha256": [("p256", "sha256")] * 4,
    "p384-sha384": [("p384", "sha384")] * 4,
    "p521-sha512": [("p521", "sha512")] * 4,
    "mixed, hashes rising": [("ed25519", "sha256"), ("p256", "sha384"), ("ed448", "sha512"), ("p384", "sha384")],
    "mixed, hashes falling": [("p521", "sha512"), ("p384", "sha384"), ("ed25519", "sha256"), ("ed448", "sha512")],
}
ED, P256 = SUITES["ed25519-sha256"], SUITES["p256-sha256"]


def credentials():
    return [{"name": name, "at": AT, **{c.kind: c.described() for c in build(name, suites)}} for name, suites in SUITES.items()]


def chains():
    cases = []

    def case(phase, name, expect, chain, at=AT, revoked=(), trusted=None, published=None, without=(), extra=(), leaf=None, message=None):
        roots, intermediates, clients = [[c.encoded.hex() for c in [chain[i], *extra] if c.kind == KINDS[i] and i not in without] for i in range(3)]
        one = {"phase": phase, "name": name, "expect": expect, "at": at, "as_credentials": roots, "intermediate_as_credentials": intermediates,
               "client_credentials": clients, "leaf_credential": (leaf or chain[3].encoded).hex(), "revoked": [r.hex() for r in revoked]}
        if trusted is not None:
            one["trusted"] = [t.hex() for t in trusted]
        if published is not None:
            one["published"] = [p.hex() for p in published]
        if message is not None:
            one["message"] = message
        cases.append(one)

    def ed(**changes):
        return build("ed25519-sha256", ED, **changes)

    def p256(**changes):
        return build("p256-sha256", P256, **changes)

    good = ed()
    other = Pair("another", "ed25519")
    for name, suites in SUITES.items():
        chain = build(name, suites)
        case(0, "valid: " + name, "valid", chain, trusted=[chain[0].fp], published=[chain[1].fp])
        text = b"a message in " + name.encode()
        signed = {"label": "FramedContentTBS", "content": text.hex(), "signature": chain[3].pair.sign(labelled("FramedContentTBS", text)).hex()}
        case(10, "message: " + name, "valid", chain, message=signed)
        case(10, "message under another label: " + name, "bad-signature", chain, message={**signed, "label": "FramedContentTBT"})
        case(10, "message by the client's key: " + name, "bad-signature", chain,
             message={**signed, "signature": chain[2].pair.sign(labelled("FramedContentTBS", text)).hex()})
    text = b"high S is no fault of a message"
    case(10, "message with high S", "valid", p256(),
         message={"label": "L", "content": text.hex(), "signature": p256()[3].pair.sign(labelled("L", text), True).hex()})
    case(10, "message with a signature that is no encoding", "bad-signature", good, message={"label": "L", "content": "", "signature": "00"})
    nobody = {"label": "L", "content": "", "signature": bytes(64).hex()}

    case(1, "one byte after the leaf", "trailing-bytes", good, leaf=good[3].encoded + b"\0")
    for i, title in enumerate(("root", "intermediate", "client")):
        case(2, title + " is not at hand", "unknown-signer", good, without=[i])
    case(2, "the client's fingerprint names an AS credential", "unknown-signer", ed(client={"signer_fp": good[0].fp}))
    short_hash = build("mixed, hashes falling", SUITES["mixed, hashes falling"])
    case(2, "the root's fingerprint under the child's hash", "unknown-signer",
         build("mixed, hashes falling", SUITES["mixed, hashes falling"],
               intermediate={"signer_fp": hashlib.sha384(short_hash[0].encoded).digest()}))

    for short in ("root", "intermediate", "client", "leaf"):
        case(3, short + "'s self signature by another key", "bad-self-signature", ed(**{short: {"self_by": other}}))
        case(3, short + "'s self signature spoilt", "bad-self-signature", p256(**{short: {"spoil_self": flip}}))
        case(3, short + "'s self signature with high S", "non-canonical-signature", p256(**{short: {"self_high": True}}))
        case(3, short + "'s self signature under another struct's label", "bad-self-signature",
             ed(**{short: {"self_label": "OtherPayload"}}))
    case(3, "intermediate's self signature under a leaf's label", "bad-self-signature", ed(intermediate={"self_label": "LeafCredentialPayload"}))
    for short in ("intermediate", "client", "leaf"):
        case(4, short + " signed by another key", "bad-signature", ed(**{short: {"signed_by": other}}))
        case(4, short + "'s signature with high S", "non-canonical-signature", p256(**{short: {"high": True}}))
        case(4, short + "'s signature of 63 bytes", "bad-signature-encoding", ed(**{short: {"spoil": lambda s: s[:-1]}}))
        case(4, short + "'s signature with a byte after the DER", "bad-signature-encoding", p256(**{short: {"spoil": lambda s: s + b"\0"}}))
        case(4, short + "'s signature in EdDSA's encoding under a P-256 signer", "bad-signature-encoding", p256(**{short: {"spoil": lambda s: bytes(64)}}))
        case(4, short + "'s signature under its own struct's plain label", "bad-signature", ed(**{short: {"label": "SelfSignedPayload"}}))
    case(4, "intermediate signed under a leaf's label", "bad-signature", ed(intermediate={"label": "LeafCredentialSelfSignedPayload"}))

    for i, short in ((1, "intermediate"), (2, "client"), (3, "leaf")):
        above = good[i - 1]
        case(5, short + " begins with its signer", "valid", ed(**{short: {"begins": above.begins}}))
        case(5, short + " ends with its signer", "valid", ed(**{short: {"ends": above.ends}}))
        case(5, short + " begins a second before its signer", "validity-not-nested", ed(**{short: {"begins": above.begins - 1}}))
        case(5, short + " ends a second after its signer", "validity-not-nested", ed(**{short: {"ends": above.ends + 1}}))
    for i, short in enumerate(("root", "intermediate", "client", "leaf")):
        case(6, short + " is revoked", "revoked", good, revoked=[good[i].fp])
    case(6, "somebody else is revoked", "valid", good, revoked=[hashlib.sha256(b"else").digest()])

    # One encoding for each credential, on every curve: else whoever holds a revoked one makes another of it.
    for name in ("p256-sha256", "p384-sha384", "p521-sha512"):
        def on(**changes):
            return build(name, SUITES[name], **changes)
        for i, short in enumerate(("root", "intermediate", "client", "leaf")):
            plain, turned = on()[i], on(**{short: {"self_high": True}})
            case(3, name + ": " + short + " turned to high S in its self signature", "non-canonical-signature", turned)
            case(3, name + ": revoked " + short + " turned to high S in its self signature", "non-canonical-signature", turned, revoked=[plain.fp])
            case(6, name + ": " + short + " is not revoked by what its high form would be", "valid", on(), revoked=[turned[i].fp])
            if i > 0:
                case(4, name + ": revoked " + short + " turned to high S in its signature", "non-canonical-signature",
                     on(**{short: {"high": True}}), revoked=[plain.fp])

    for i, short in enumerate(("root", "intermediate", "client", "leaf")):
        one = good[i]
        wide = {"begins": good[0].begins, "ends": good[0].ends}
        alone = ed(**{s: dict(wide) for s in ("intermediate", "client", "leaf")[: max(0, i - 1)]})
        # Those above are wide, those below are within this one.
        case(7, short + "'s first second", "valid" if i == 3 else "not-yet-valid", alone, at=one.begins)
        case(7, "a second before " + short + " begins", "not-yet-valid", alone, at=one.begins - 1)
        case(7, short + "'s last second", "valid" if i == 3 else "expired", alone, at=one.ends)
        case(7, "a second after " + short + " ends", "expired", alone, at=one.ends + 1)
    case(8, "root is at hand and not trusted", "untrusted", good, trusted=[])
    case(8, "another root is trusted", "untrusted", good, trusted=[build("else", ED)[0].fp])
    case(8, "intermediate is at hand and not published", "untrusted", good, trusted=[good[0].fp], published=[])
    case(8, "only the client's fingerprint is published", "untrusted", good, trusted=[good[0].fp], published=[good[2].fp])
    case(9, "client of another domain", "domain-mismatch", ed(client={"domain": "other.example.net"}))
    case(9, "client of a domain below", "domain-mismatch", ed(client={"domain": "sub." + DOMAIN}))

    # Two faults of neighbouring phases: the first one names the code.
    case(1, "1 before 2: a byte after the leaf, client not at hand", "trailing-bytes", good, leaf=good[3].encoded + b"\0", without=[2])
    case(2, "2 before 3: root not at hand, leaf's self signature bad", "unknown-signer", ed(leaf={"self_by": other}), without=[0])
    case(3, "3 before 4: leaf's self signature bad, intermediate's signature bad", "bad-self-signature",
         ed(leaf={"self_by": other}, intermediate={"signed_by": other}))
    case(3, "3 before 4: leaf's self signature bad, intermediate's signature no encoding", "bad-self-signature",
         ed(leaf={"self_by": other}, intermediate={"spoil": lambda s: b""}))
    case(4, "4 before 5: leaf's signature bad, intermediate not nested", "bad-signature",
         ed(leaf={"signed_by": other}, intermediate={"ends": good[0].ends + 1}))
    outlives = ed(leaf={"ends": good[2].ends + 1})
    case(5, "5 before 6: leaf not nested, root revoked", "validity-not-nested", outlives, revoked=[outlives[0].fp])
    case(6, "6 before 7: leaf revoked, root expired", "revoked", good, revoked=[good[3].fp], at=good[0].ends + 1)
    case(7, "7 before 8: leaf expired, root untrusted", "expired", good, at=good[3].ends + 1, trusted=[])
    case(7, "7 before 8: leaf not yet valid, intermediate unpublished", "not-yet-valid", good, at=good[3].begins - 1, published=[])
    foreign = ed(client={"domain": "other.example.net"})
    case(8, "8 before 9: root untrusted, another domain", "untrusted", foreign, trusted=[])
    case(8, "8 before 9: intermediate unpublished, another domain", "untrusted", foreign, published=[])
    case(9, "9 before 10: another domain, a bad message", "domain-mismatch", foreign, message=nobody)

    # Two faults of one phase: from the root down.
    case(3, "root down: intermediate's self signature bad, leaf's with high S", "bad-self-signature",
         p256(intermediate={"spoil_self": flip}, leaf={"self_high": True}))
    case(3, "root down: intermediate's self signature with high S, leaf's bad", "non-canonical-signature",
         p256(intermediate={"self_high": True}, leaf={"spoil_self": flip}))
    case(4, "root down: client's signature bad, leaf's no encoding", "bad-signature",
         ed(client={"signed_by": other}, leaf={"spoil": lambda s: b""}))
    case(4, "root down: client's signature no encoding, leaf's bad", "bad-signature-encoding",
         ed(client={"spoil": lambda s: b""}, leaf={"signed_by": other}))
    case(2, "another chain lies there too", "valid", good, extra=build("else", ED)[:3])
    return cases


def malformed():
    cases = []
    chain = build("ed25519-sha256", ED)
    all_kinds = {c.kind: dict(c.parts) for c in chain}
    for kind in ("intermediate_as_credential", "client_credential"):
        all_kinds[kind + "_request"] = {k: v for k, v in all_kinds[kind].items() if k != "signature"}

    def case(kind, name, expect, encoded):
        cases.append({"kind": kind, "name": name, "expect": expect, "encoded": encoded.hex()})

    def with_parts(parts, **changed):
        assert set(changed) <= set(parts), changed
        return b"".join({**parts, **changed}.values())

    def u64(n):
        return struct.pack("!Q", n)

    def domains(parts):
        return {"as_domain": vec(b"Not.A.Domain")}

    for kind, parts in all_kinds.items():
        whole = b"".join(parts.values())
        begins = struct.unpack("!Q", parts["not_before"])[0]

        def at(name, expect, **changed):
            case(kind, name, expect, with_parts(parts, **changed))

        case(kind, "control", "valid", whole)
        for cut in (0, 1, len(whole) // 2, len(whole) - 1):
            case(kind, "cut to %d bytes" % cut, "truncated", whole[:cut])
        case(kind, "a byte too many", "trailing-bytes", whole + b"\0")
        case(kind, "twice over", "trailing-bytes", whole * 2)
        key, signature = parts["public_key"], parts["self_signature"]
        at("public_key's length in two bytes", "non-minimal-length", public_key=b"\x40" + key)
        at("public_key's length in four bytes", "non-minimal-length", public_key=b"\x80\0\0" + key)
        at("self_signature's length in four bytes", "non-minimal-length", self_signature=b"\x80\0\0\x40" + signature[2:])
        at("public_key's length with the prefix 11", "bad-length", public_key=b"\xe0" + key[1:])
        at("self_signature's length with the prefix 11", "bad-length", self_signature=b"\xc0" + signature)
        at("public_key longer than all", "truncated", public_key=b"\xbf\xff\xff\xff" + key[1:])
        at("not_after is not_before", "bad-validity", not_after=u64(begins))
        at("not_after before not_before", "bad-validity", not_after=u64(begins - 1))
        at("not_after a second after not_before", "valid", not_after=u64(begins + 1))
        at("the last second of year 9999", "valid", not_after=u64(LAST_SECOND))
        at("the first second of year 10000", "bad-validity", not_after=u64(LAST_SECOND + 1))
        at("the largest not_after", "bad-validity", not_after=u64(2**64 - 1))
        for code in (0, 3, 7, 255):
            at("hash %d" % code, "unsupported-hash", hash=bytes([code]))
        for code in (0, 0x0402, 0x0806, 0x0809, 0xFFFF):
            at("signature_scheme 0x%04x" % code, "unsupported-signature-scheme", signature_scheme=struct.pack("!H", code))
        at("public_key of 31 bytes", "bad-public-key", public_key=vec(key[1:-1]))
        at("public_key of 33 bytes", "bad-public-key", public_key=vec(key[1:] + b"\0"))
        at("public_key of small order", "bad-public-key", public_key=vec(b"\1" + bytes(31)))
        at("public_key empty", "bad-public-key", public_key=vec(b""))
        for n in (0, 63, 65):
            at("self_signature of %d bytes" % n, "bad-signature-encoding", self_signature=vec(bytes(n)))
        if "signature" in parts:
            at("an outer signature of any encoding is for later", "valid", signature=vec(b"\0"))
            case(kind, "the request alone", "truncated", whole[: -len(parts["signature"])])
        if "signer_fingerprint" in parts:
            for n in (0, 31, 33, 47, 49, 63, 65):
                at("signer_fingerprint of %d bytes" % n, "bad-fingerprint", signer_fingerprint=vec(bytes(n)))
            for n in (32, 48, 64):
                at("signer_fingerprint of %d bytes" % n, "valid", signer_fingerprint=vec(bytes(n)))
        if "as_domain" in parts:
            for text in (b"", b"Upper.example", b"under_score.example", b"-a.example", b"a-.example", b"a..example", b".a", b"a.", b"1.2.3.4", b"9", b"a b",
                         b"a\0b", "ä.example".encode(), b"\xff.example", b"x" * 64 + b".example", b"127.0.0.0x1."):
                at("as_domain %r" % text[:24], "bad-domain", as_domain=vec(text))
            label = b"x" * 63
            longest = b".".join([label, label, label, b"y" * 61])
            assert len(longest) == 253
            at("as_domain of 253 bytes", "valid", as_domain=vec(longest))
            at("as_domain of 254 bytes", "bad-domain", as_domain=vec(longest + b"y"))
            at("as_domain of one label", "valid", as_domain=vec(b"localhost"))
            at("as_domain with digits in its last label", "valid", as_domain=vec(b"a.9z"))
            at("two faults: as_domain's length, as_domain", "non-minimal-length", as_domain=b"\x40\x03A_A")
            at("two faults: as_domain, then a validity", "bad-domain", **domains(parts), not_after=u64(0))
        if "user_name" in parts:
            for title, text in (("empty", b""), ("of 256 bytes", b"u" * 256), ("with NUL", b"a\0"), ("with a newline", b"a\nb"), ("with U+007F", b"\x7f"),
                                ("with U+0080", "\u0080".encode()), ("with U+009F", "a\u009f".encode()), ("not UTF-8", b"\xc3\x28"),
                                ("overlong", b"\xc0\xaf"), ("a surrogate", b"\xed\xa0\x80"), ("above U+10FFFF", b"\xf4\x90\x80\x80"), ("cut short", b"a\xe2\x82")):
                at("user_name " + title, "bad-client-id", user_name=vec(text))
            for title, text in (("of 1 byte", b"u"), ("of 255 bytes", b"u" * 255), ("with U+00A0", "\u00a0".encode()), ("with U+200D", "a\u200db".encode()),
                                ("with a byte-order mark", "\ufeffa".encode()), ("not normalised", "e\u0301".encode()), ("with U+10FFFF", "\U0010ffff".encode())):
                at("user_name " + title, "valid", user_name=vec(text))
            at("two faults: as_domain, then user_name", "bad-domain", as_domain=vec(b""), user_name=vec(b""))
            at("two faults: user_name, then a validity", "bad-client-id", user_name=vec(b""), not_after=u64(0))
        at("two faults: a validity, then the hash", "bad-validity", not_after=u64(0), hash=b"\0")
        at("two faults: the hash, then the scheme", "unsupported-hash", hash=b"\0", signature_scheme=b"\0\0")
        at("two faults: the scheme, then the public key", "unsupported-signature-scheme", signature_scheme=b"\0\0", public_key=vec(b""))
        if "signer_fingerprint" in parts:
            at("two faults: the public key, then the fingerprint", "bad-public-key", public_key=vec(b""), signer_fingerprint=vec(b""))
            at("two faults: the fingerprint, then the self signature", "bad-fingerprint", signer_fingerprint=vec(b""), self_signature=vec(b""))
        at("two faults: the public key, then the self signature", "bad-public-key", public_key=vec(b""), self_signature=vec(b""))
        case(kind, "two faults: a validity, and a byte too many", "trailing-bytes", with_parts(parts, not_after=u64(0)) + b"\0")

    for scheme, sizes in (("ed25519", 32), ("ed448", 57), ("p256", 32), ("p384", 48), ("p521", 66)):
        hash_name = {"ed25519": "sha256", "p256": "sha256", "p384": "sha384"}.get(scheme, "sha512")
        pair = Pair("malformed/" + scheme, scheme)
        root = Credential("as_credential", pair, hash_name)
        parts = root.parts

        def key(name, public, expect="bad-public-key"):
            case("as_credential", "%s: %s" % (scheme, name), expect, with_parts(parts, public_key=vec(public)))

        def signature(name, data, expect="bad-signature-encoding"):
            case("as_credential", "%s: %s" % (scheme, name), expect, with_parts(parts, self_signature=vec(data)))

        key("control", pair.public, "valid")
        key("public key a byte short", pair.public[:-1])
        key("public key a byte long", pair.public + b"\0")
        if pair.curve is None:
            p = 2**255 - 19 if scheme == "ed25519" else 2**448 - 2**224 - 1
            key("public key with y = 0", bytes(sizes))
            key("public key that is the identity", b"\1" + bytes(sizes - 1))
            key("public key with y = p + 1", (p + 1).to_bytes(sizes, "little"))
            key("public key off the curve", b"\2" + bytes(sizes - 1) if scheme == "ed25519" else b"\3" + bytes(sizes - 1))
            key("public key of order 2", (p - 1).to_bytes(sizes, "little"))
        else:
            key("public key compressed", pair.point(pair.scalar, PublicFormat.CompressedPoint))
            key("public key hybrid", bytes([6 + pair.public[-1] % 2]) + pair.public[1:])
            key("public key at infinity", b"\0")
            key("public key without its first byte", pair.public[1:])
            key("public key off the curve", flip(pair.public))
            field = {"p256": 2**256 - 2**224 + 2**192 + 2**96 - 1, "p384": 2**384 - 2**128 - 2**96 + 2**32 - 1, "p521": 2**521 - 1}[scheme]
            key("public key with x = p", b"\4" + field.to_bytes(sizes, "big") + pair.public[1 + sizes :])
            der = pair.sign(labelled("AsCredentialPayload", root.payload))
            signature("self signature raw", bytes(2 * sizes))
            signature("self signature empty", b"")
            signature("self signature with a byte after it", der + b"\0")
            signature("self signature cut", der[:-1])
            signature("self signature of one INTEGER", b"\x30\x03\x02\x01\x01")
            signature("self signature of three INTEGERs", b"\x30\x09" + b"\x02\x01\x01" * 3)
            signature("self signature with a negative INTEGER", b"\x30\x06\x02\x01\x81\x02\x01\x01")
            signature("self signature with a padded INTEGER", b"\x30\x07\x02\x02\0\x01\x02\x01\x01")
            signature("self signature with an empty INTEGER", b"\x30\x05\x02\0\x02\x01\x01")
            signature("self signature of indefinite length", b"\x30\x80\x02\x01\x01\x02\x01\x01\0\0")
            signature("self signature with a BER long length", b"\x30\x81\x06\x02\x01\x01\x02\x01\x01")
            signature("self signature in good form", b"\x30\x06\x02\x01\x01\x02\x01\x01", "valid")
            signature("self signature with r = 0 in good form", b"\x30\x06\x02\x01\0\x02\x01\x01", "valid")

    def pem(label, data, eol="\n", width=64):
        text = base64.b64encode(data).decode()
        lines = [text[i : i + width] for i in range(0, len(text), width)]
        return eol.join(["-----BEGIN %s-----" % label, *lines, "-----END %s-----" % label, ""])

    def file(kind, name, expect, text):
        cases.append({"kind": kind, "name": name, "expect": expect, "file": text})

    for kind, parts in all_kinds.items():
        data, label = b"".join(parts.values()), LABELS[kind]
        text = pem(label, data)
        file(kind, "a PEM file", "valid", text)
        file(kind, "a PEM file with CRLF", "valid", pem(label, data, "\r\n"))
        file(kind, "two blocks", "bad-pem", text * 2)
        file(kind, "text after the block", "bad-pem", text + "more\n")
        file(kind, "lines of 76", "bad-pem", pem(label, data, width=76))
        file(kind, "no END line", "bad-pem", text[: text.index("-----END")])
        file(kind, "a block with a byte too many", "trailing-bytes", pem(label, data + b"\0"))
        for other, wrong in LABELS.items():
            if other != kind:
                file(kind, "the label " + wrong, "wrong-kind", pem(wrong, data))
        file(kind, "a label of nothing here", "wrong-kind", pem("CERTIFICATE", data))
    return cases


def identities():
    cases = []

    def case(name, user, clients):
        prints = sorted(c.fp for c in clients)
        content = vec(DOMAIN.encode()) + vec(user.encode()) + vec(b"".join(vec(fp) for fp in prints))
        digest = hashlib.sha256(vec(b"MLS 1.0 AS Identity") + vec(content)).hexdigest()
        cases.append({"name": name, "as_domain": DOMAIN, "user_name": user, "fingerprints": [c.fp.hex() for c in clients],
                      "clients": [c.encoded.hex() for c in clients], "identity_hash": digest})

    def client(n, scheme, hash_name, user):
        above = build("ed25519-sha256", ED)[1]
        return Credential("client_credential", Pair("identity/%d" % n, scheme), hash_name, above, user=user, client_uuid=bytes([n] * 16))

    three = [client(1, "ed25519", "sha256", USER), client(2, "p384", "sha384", USER), client(3, "ed448", "sha512", USER)]
    case("one client", USER, three[:1])
    case("three clients, fingerprints of three lengths", USER, three)
    case("the same in another order", USER, three[::-1])
    case("a name of 255 bytes", "n" * 255, [client(4, "ed25519", "sha256", "n" * 255)])
    many = [client(10 + n, "ed25519", "sha512", "many") for n in range(30)]
    case("thirty clients", "many", many)
    return cases


def main(folder):
    for name, cases in (("credentials", credentials()), ("chains", chains()), ("malformed", malformed()), ("identity", identities())):
        text = json.dumps(cases, indent=1, ensure_ascii=False)
        (folder / (name + ".json")).write_text(text + "\n")
        print(name, len(cases))


main(pathlib.Path(sys.argv[1]))
