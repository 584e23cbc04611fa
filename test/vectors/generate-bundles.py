#!/usr/bin/python3
"""Makes bundles.json: bundles, what a verifier holds, and the expected outcome.

Written against the wire format and the bundle format alone, on Python's cryptography and cbor2, so that agreement with
the project's code means something. Everything follows from the seeds below: a second run writes the same bytes.

  /usr/bin/python3 test/vectors/generate-bundles.py > test/vectors/bundles.json
"""
import hashlib
import json
import struct

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, ed448
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY = 86400
NOW = 1_800_000_000
LAST_SECOND = 253_402_300_799
DOMAIN = "as.example.org"
TYP = "application/vnd.as-credential-bundle+cose"

# name: TLS code, COSE algorithm, seed or scalar bytes, curve, digest, order
SUITES = {
    "ed25519": (0x0807, -19, 32, None, None, None),
    "ed448": (0x0808, -53, 57, None, None, None),
    "p256": (0x0403, -9, 32, ec.SECP256R1(), "sha256", 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
    "p384": (0x0503, -51, 48, ec.SECP384R1(), "sha384",
             0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973),
    "p521": (0x0603, -52, 66, ec.SECP521R1(), "sha512",
             int("01" + 65 * "F" + "A" + "51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16)),
}
HASHES = {"sha256": 4, "sha384": 5, "sha512": 6}


def vector(data):
    n = len(data)
    if n <= 63:
        return struct.pack("!B", n) + data
    return struct.pack("!H", 0x4000 + n) + data


class Pair:
    """A key pair that follows from its name."""

    def __init__(self, name, scheme):
        self.name, self.scheme = name, scheme
        self.code, self.alg, self.size, self.curve, self.digest, self.order = SUITES[scheme]
        stream = hashlib.shake_256(("as-ceremony bundle vectors/" + name).encode()).digest(96)
        if self.curve is None:
            self.private = stream[: self.size]
            kind = ed25519.Ed25519PrivateKey if scheme == "ed25519" else ed448.Ed448PrivateKey
            self.key = kind.from_private_bytes(self.private)
            self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            self.d = int.from_bytes(stream, "big") % (self.order - 1) + 1
            self.private = self.d.to_bytes(self.size, "big")
            self.public = self.point(self.d)

    def point(self, scalar):
        return ec.derive_private_key(scalar, self.curve).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def rs(self, message, high=False, salt=b""):
        """ECDSA with a nonce from a hash; the curve arithmetic is OpenSSL's, by way of a public key."""
        hashed = int.from_bytes(hashlib.new(self.digest, message).digest(), "big")
        hashed >>= max(0, 8 * hashlib.new(self.digest).digest_size - self.order.bit_length())
        nonce = int.from_bytes(hashlib.shake_256(salt + self.private + message).digest(96), "big") % (self.order - 1) + 1
        r = int.from_bytes(self.point(nonce)[1 : 1 + self.size], "big") % self.order
        s = pow(nonce, -1, self.order) * (hashed + r * self.d) % self.order
        low = min(s, self.order - s)
        return r, self.order - low if high else low

    def sign(self, message, high=False):
        return self.key.sign(message) if self.curve is None else encode_dss_signature(*self.rs(message, high))

    def raw(self, r, s):
        return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")

    def cose(self, message, high=False, salt=b""):
        return self.key.sign(message) if self.curve is None else self.raw(*self.rs(message, high, salt))


def with_label(label, content):
    return vector(b"MLS 1.0 " + label.encode()) + vector(content)


class Cred:
    """An encoded credential with what its bundle needs to know of it."""

    def __init__(self, pair, encoded, hash_name):
        self.pair, self.encoded = pair, encoded
        self.fp = hashlib.new(hash_name, encoded).digest()


def root(pair, nb=NOW - 365 * DAY, na=NOW + 3000 * DAY, domain=DOMAIN, hash_name="sha256", hash_code=None, high=False,
         spoil=None, tail=b"", label="AsCredentialPayload", public=None):
    payload = vector(domain.encode()) + struct.pack("!QQBH", nb, na, hash_code or HASHES[hash_name], pair.code) + vector(public or pair.public)
    signature = pair.sign(with_label(label, payload), high)
    return Cred(pair, payload + vector(spoil(signature) if spoil else signature) + tail, hash_name)


def intermediate(pair, signer, nb=NOW - 30 * DAY, na=NOW + 335 * DAY, hash_name="sha256", high=False, self_high=False, spoil=None,
                 self_spoil=None, tail=b"", kind="IntermediateAsCredential", signed_by=None, signer_fp=None):
    payload = struct.pack("!QQBH", nb, na, HASHES[hash_name], pair.code) + vector(pair.public) + vector(signer_fp or signer.fp)
    own = pair.sign(with_label(kind + "Payload", payload), self_high)
    both = payload + vector(self_spoil(own) if self_spoil else own)
    outer = (signed_by or signer.pair).sign(with_label(kind + "SelfSignedPayload", both), high)
    return Cred(pair, both + vector(spoil(outer) if spoil else outer) + tail, hash_name)


def flip(data, at=-1):
    out = bytearray(data)
    out[at] ^= 1
    return bytes(out)


def ordered(value):
    """Maps in the order of RFC 8949 4.2.1: bytewise by encoded key. cbor2 keeps that order and writes shortest heads."""
    if isinstance(value, dict):
        return {k: ordered(v) for k, v in sorted(value.items(), key=lambda kv: cbor2.dumps(kv[0]))}
    if isinstance(value, list):
        return [ordered(v) for v in value]
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, ordered(value.value))
    return value


def det(value):
    return cbor2.dumps(ordered(value))


BODY = det({16: TYP})


def credentials(items):
    return [c.encoded for c in sorted(items, key=lambda c: c.fp)]


def revocation(fp, at=NOW - DAY, reason="superseded"):
    return {"fingerprint": fp, "revoked_at": at, "reason": reason}


def payload(roots, inter=(), **changed):
    value = {
        "version": 1, "as_domain": DOMAIN, "sequence": 1, "previous": None, "issued_at": NOW, "expires_at": NOW + 120 * DAY,
        "as_credentials": credentials(roots), "as_intermediate_credentials": credentials(inter), "revoked_certs": [],
        "threshold": 1, "next_roots": [],
    }
    value.update(changed)
    return value


def tbs(protected, body, context="Signature", external=b""):
    return det([context, BODY, protected, external, body])


def one(cred, body, alg=None, kid=None, header=None, unprotected=None, edit=None, high=False, salt=b"", message=None):
    protected = det(header if header is not None else {1: alg or cred.pair.alg, 4: cred.fp if kid is None else kid})
    signature = cred.pair.cose(message(protected) if message else tbs(protected, body), high, salt)
    return [protected, {} if unprotected is None else unprotected, edit(signature) if edit else signature]


def kid_of(signature):
    return cbor2.loads(signature[0])[4]


def assemble(body, signatures, protected=BODY, unprotected=None, tag=98):
    return det(cbor2.CBORTag(tag, [protected, {} if unprotected is None else unprotected, body, signatures]))


def bundle(value, signers, **how):
    """value: a payload's dict, or its bytes."""
    body = value if isinstance(value, bytes) else det(value)
    return assemble(body, sorted((one(c, body, **how) for c in signers), key=kid_of))


def after(value, **changed):
    """The payload that follows another."""
    following = dict(value, sequence=value["sequence"] + 1, previous=hashlib.sha256(det(value)).digest())
    following.update(changed)
    return following


def commitment(pair):
    return hashlib.sha256(struct.pack("!H", pair.code) + pair.public).digest()


PAIRS = {}


def pair(name, scheme="ed25519"):
    if name not in PAIRS:
        PAIRS[name] = Pair(name, scheme)
    return PAIRS[name]


CASES = []
FILES = {}


def file_number(data):
    """Bundles occur again and again: each is written once, and named by its place."""
    return FILES.setdefault(data.hex(), len(FILES))


def case(phase, name, expect, file, pins=None, threshold=1, last=None, via=(), known=(), domain=None, at=NOW, unchanged=False):
    entry = {"phase": phase, "name": name, "expect": expect, "at": at, "bundle": file_number(file)}
    if last is None:
        entry["pins"], entry["threshold"] = [p.hex() for p in (pins if pins is not None else [A.fp])], threshold
    else:
        entry["last"] = file_number(last)
    if via:
        entry["via"] = [file_number(v) for v in via]
    if known:
        entry["known"] = [c.encoded.hex() for c in known]
    if domain:
        entry["domain"] = domain
    if unchanged:
        entry["unchanged"] = True
    CASES.append(entry)


A, B, C = (root(pair(n)) for n in ("root-a", "root-b", "root-c"))
I, J = intermediate(pair("intermediate-i"), A), intermediate(pair("intermediate-j"), A)
BY_SCHEME = {s: root(pair("root-" + s, s), hash_name=h) for s, h in
             (("ed448", "sha512"), ("p256", "sha256"), ("p384", "sha384"), ("p521", "sha512"))}
P = BY_SCHEME["p256"]
BASE = payload([A])
FIRST = bundle(BASE, [A])
FULL = payload([A], [I])
BAD = "bundle-malformed"


def form():
    def bad(name, value, signers=(A,), expect=BAD, **held):
        case(1, name, expect, bundle(value, list(signers)), **held)

    case(1, "a plain first bundle", "valid", FIRST)
    case(1, "with an intermediate", "valid", bundle(FULL, [A]))
    for key in BASE:
        bad("no " + key, {k: v for k, v in BASE.items() if k != key})
    wrong = {"version": "1", "as_domain": DOMAIN.encode(), "sequence": "1", "previous": "", "issued_at": str(NOW), "expires_at": None,
             "as_credentials": {}, "as_intermediate_credentials": None, "revoked_certs": {}, "threshold": True, "next_roots": b""}
    for key, value in wrong.items():
        bad(key + " of another type", dict(BASE, **{key: value}))
    bad("a key that is an integer", {**BASE, 1: 1})
    bad("version 0", dict(BASE, version=0))
    bad("a float that equals 1", dict(BASE, sequence=1.0))
    bad("sequence -1", dict(BASE, sequence=-1))
    link = b"\x07" * 32
    for extra, expect in ((-1, "valid"), (0, "valid"), (1, BAD)):
        bad("sequence is issued_at %+d" % extra, dict(BASE, sequence=NOW + extra, previous=link), expect=expect)
    bad("sequence 2^53-1", dict(BASE, sequence=2**53 - 1, previous=link))
    bad("sequence 2^53", dict(BASE, sequence=2**53, previous=link))
    bad("sequence 2^64", dict(BASE, sequence=2**64, previous=link))
    bad("previous in sequence 1", dict(BASE, previous=link))
    bad("no previous in sequence 2", dict(BASE, sequence=2))
    bad("previous of 31 bytes", dict(BASE, sequence=2, previous=link[1:]))
    bad("previous of 33 bytes", dict(BASE, sequence=2, previous=link + b"\x00"))
    for extra, expect in ((-1, "valid"), (0, "valid"), (1, BAD)):
        bad("400 days %+d s" % extra, dict(BASE, expires_at=NOW + 400 * DAY + extra), expect=expect)
    for length, expect in ((-1, BAD), (0, BAD), (1, "valid")):
        bad("%d seconds long" % length, dict(BASE, expires_at=NOW + length), expect=expect)
    late = root(pair("root-late"), nb=0, na=LAST_SECOND)
    for extra, expect in ((-1, "valid"), (0, "valid"), (1, BAD)):
        bad("the last second of 9999 %+d s" % extra, payload([late], issued_at=LAST_SECOND - 100, expires_at=LAST_SECOND + extra), (late,), expect,
            pins=[late.fp], at=LAST_SECOND - 50)
    bad("issued_at 1", payload([late], issued_at=1, expires_at=DAY), (late,), "valid", pins=[late.fp], at=1)
    bad("issued_at 0, below every sequence", payload([late], issued_at=0, expires_at=DAY), (late,), pins=[late.fp], at=0)
    bad("issued_at -1", payload([late], issued_at=-1, expires_at=DAY), (late,), pins=[late.fp], at=0)
    for domain in ("", "As.example.org", "as.example.org.", "as..example.org", "as.example.1", "-as.example.org", "\ufeffas.example.org", "a" * 64, "as\u00e9.org"):
        bad("as_domain " + ascii(domain), dict(BASE, as_domain=domain))
    bad("no roots", dict(BASE, as_credentials=[]))
    two = payload([A, B])
    for threshold, expect in ((0, BAD), (1, "valid"), (2, "valid"), (3, BAD)):
        bad("threshold %d of 2 roots" % threshold, dict(two, threshold=threshold), (A, B), expect)
    bad("roots out of order", dict(two, as_credentials=two["as_credentials"][::-1]), (A, B))
    bad("a root twice", dict(BASE, as_credentials=[A.encoded] * 2))
    both = payload([A], [I, J])
    bad("two intermediates", both, expect="valid")
    bad("intermediates out of order", dict(both, as_intermediate_credentials=both["as_intermediate_credentials"][::-1]))
    bad("an intermediate twice", dict(BASE, as_intermediate_credentials=[I.encoded] * 2))
    bad("one key in two roots", payload([A, root(pair("root-a"), na=NOW + 3001 * DAY)]))
    bad("one key in two roots of different hashes", payload([A, root(pair("root-a"), hash_name="sha512")]))
    bad("one key in a root and an intermediate", payload([A], [intermediate(pair("root-a"), A)]))
    bad("a credential that is text", dict(BASE, as_intermediate_credentials=["x"]))
    gone = [bytes([n]) * 32 for n in (1, 2)]
    bad("revocations of the unknown, of every length and reason", dict(BASE, revoked_certs=[
        revocation(b"\x01" * 32, NOW, "unspecified"), revocation(b"\x01" * 48, 0, "key-compromise"),
        revocation(b"\x01" * 64, NOW - 1), revocation(b"\x02" * 32, NOW, "cessation-of-operation")]), expect="valid")
    bad("revocations out of order", dict(BASE, revoked_certs=[revocation(gone[1]), revocation(gone[0])]))
    bad("a longer fingerprint before its prefix", dict(BASE, revoked_certs=[revocation(b"\x01" * 48), revocation(b"\x01" * 32)]))
    bad("a revocation twice", dict(BASE, revoked_certs=[revocation(gone[0]), revocation(gone[0])]))
    bad("a fingerprint revoked for two reasons", dict(BASE, revoked_certs=[revocation(gone[0]), revocation(gone[0], reason="unspecified")]))
    bad("a revocation after issued_at", dict(BASE, revoked_certs=[revocation(gone[0], NOW + 1)]))
    bad("a revocation before 1970", dict(BASE, revoked_certs=[revocation(gone[0], -1)]))
    bad("a revoked fingerprint of 31 bytes", dict(BASE, revoked_certs=[revocation(b"\x01" * 31)]))
    bad("an unknown reason", dict(BASE, revoked_certs=[revocation(gone[0], reason="Superseded")]))
    bad("a revocation with more in it", dict(BASE, revoked_certs=[dict(revocation(gone[0]), note="")]))
    bad("a revocation without a reason", dict(BASE, revoked_certs=[{"fingerprint": gone[0], "revoked_at": NOW}]))
    bad("a revocation that is a fingerprint alone", dict(BASE, revoked_certs=[gone[0]]))
    bad("commitments", dict(BASE, next_roots=gone), expect="valid")
    bad("commitments out of order", dict(BASE, next_roots=gone[::-1]))
    bad("a commitment twice", dict(BASE, next_roots=[gone[0]] * 2))
    bad("a commitment of 31 bytes", dict(BASE, next_roots=[gone[0][1:]]))

    # The payload's encoding.
    body = det(BASE)
    assert body[:1] == b"\xab" and body[1:10] == b"\x67version\x01"
    bad("payload: trailing byte", body + b"\x00")
    bad("payload: a long map head", b"\xb8\x0b" + body[1:])
    bad("payload: indefinite map", b"\xbf" + body[1:] + b"\xff")
    bad("payload: version in two bytes", body[:9] + b"\x18\x01" + body[10:])
    bad("payload: a key in a longer form", b"\xab\x78\x07" + body[2:])
    bad("payload: version twice", b"\xac" + body[1:10] + body[1:])
    bad("payload: keys out of order", b"\xab" + body[10:] + body[1:10])
    bad("payload: undefined for null", body.replace(b"\x68previous\xf6", b"\x68previous\xf7"))
    bad("payload: a tagged integer", body[:9] + b"\xc1\x01" + body[10:])
    bad("payload: an array", det(["x"]))
    bad("payload: empty", b"")

    # COSE_Sign.
    good = one(A, body)
    case(1, "untagged", BAD, FIRST[2:])
    case(1, "tag 18", BAD, assemble(body, [good], tag=18))
    case(1, "tag 98 in a longer form", BAD, b"\xd9\x00\x62" + FIRST[2:])
    case(1, "tag 98 twice", BAD, b"\xd8\x62" + FIRST)
    case(1, "the self-described tag around it", BAD, b"\xd9\xd9\xf7" + FIRST)
    case(1, "five parts", BAD, det(cbor2.CBORTag(98, [BODY, {}, body, [good], None])))
    case(1, "three parts", BAD, det(cbor2.CBORTag(98, [BODY, {}, body])))
    case(1, "detached payload", BAD, assemble(None, [good]))
    case(1, "payload not wrapped", BAD, assemble(BASE, [good]))
    case(1, "body header empty", BAD, assemble(body, [good], protected=b""))
    case(1, "body header with more", BAD, assemble(body, [good], protected=det({16: TYP, 3: 0})))
    case(1, "body header not wrapped", BAD, assemble(body, [good], protected={16: TYP}))
    case(1, "body header of another type", BAD, assemble(body, [good], protected=det({16: TYP[:-5]})))
    case(1, "body unprotected header", BAD, assemble(body, [good], unprotected={4: b""}))
    case(1, "no signature", BAD, assemble(body, []))
    case(1, "signatures null", BAD, assemble(body, None))
    case(1, "one signature, not in an array", BAD, assemble(body, good))
    case(1, "a signature of four parts", BAD, assemble(body, [good + [b""]]))
    case(1, "signature null", BAD, assemble(body, [[good[0], {}, None]]))
    case(1, "signature's unprotected header", BAD, assemble(body, [one(A, body, unprotected={4: A.fp})]))
    case(1, "kid in the unprotected header", BAD, assemble(body, [one(A, body, header={1: -19}, unprotected={4: A.fp})]))
    case(1, "no alg", BAD, assemble(body, [one(A, body, header={4: A.fp})]))
    case(1, "crit in the header", BAD, assemble(body, [one(A, body, header={1: -19, 2: [4], 4: A.fp})]))
    case(1, "alg as text", BAD, assemble(body, [one(A, body, alg="EdDSA")]))
    case(1, "kid as text", BAD, assemble(body, [one(A, body, kid="root")]))
    for alg in (-8, -7, -35, -36, -18, -20):
        case(1, "alg %d" % alg, BAD, assemble(body, [one(A, body, alg=alg)]))
    header = det({1: -19, 4: A.fp})
    for name, protected in (("a longer alg", header[:2] + b"\x38\x12" + header[3:]), ("a trailing byte", header + b"\x00"),
                            ("swapped keys", header[:1] + header[3:] + header[1:3]), ("nothing", b"")):
        case(1, "signature header: " + name, BAD, assemble(body, [[protected, {}, A.pair.cose(tbs(protected, body))]]))
    again = payload([P])
    pbody = det(again)
    case(1, "two signatures by one kid", BAD, assemble(pbody, [one(P, pbody), one(P, pbody, salt=b"2")]), pins=[P.fp])
    tbody = det(two)
    case(1, "kids out of order", BAD, assemble(tbody, sorted((one(c, tbody) for c in (A, B)), key=kid_of, reverse=True)))
    case(1, "cut short", BAD, FIRST[:-1])
    case(1, "a byte after it", BAD, FIRST + b"\x00")
    case(1, "twice in a row", BAD, FIRST * 2)
    case(1, "empty", BAD, b"")
    case(1, "PEM", BAD, b"-----BEGIN AS CREDENTIAL-----\n")


def domain():
    other = root(pair("root-other"), domain="other.example")
    mine = bundle(payload([other], as_domain="other.example"), [other])
    case(2, "another domain, consistent", "valid", mine, pins=[other.fp])
    case(2, "expected domain", "valid", FIRST, domain=DOMAIN)
    case(2, "another expected domain", "domain-mismatch", FIRST, domain="other.example")
    case(2, "another expected domain, with the last bundle", "domain-mismatch", bundle(after(BASE), [A]), last=FIRST, domain="other.example")
    case(2, "another than the last bundle's", "domain-mismatch", mine, last=FIRST)
    case(2, "another than its root's", "domain-mismatch", bundle(payload([other]), [other]), pins=[other.fp])
    case(2, "one root of two of another domain", "domain-mismatch", bundle(payload([A, other]), [A, other]))
    case(2, "a subdomain", "domain-mismatch", bundle(payload([A], as_domain="x." + DOMAIN), [A]))
    case(2, "a pinned root among the files, of another domain", "domain-mismatch", FIRST, pins=[A.fp, other.fp], known=[other])
    case(2, "form comes first", BAD, bundle(payload([other], threshold=2), [other]), pins=[other.fp])
    spoilt = root(pair("root-other"), domain="other.example", spoil=flip)
    case(2, "before a bad self signature", "domain-mismatch", bundle(payload([spoilt]), [spoilt]), pins=[spoilt.fp])
    cut = Cred(other.pair, other.encoded[:-1], "sha256")
    case(2, "before a root that doesn't decode", "domain-mismatch", bundle(payload([cut, other]), [other]), pins=[other.fp])


def contents():
    def roots(name, expect, cred, **held):
        case(3, name, expect, bundle(payload([cred]), [cred]), pins=[cred.fp], **held)

    def inter(name, expect, *creds, signer=A, **changed):
        case(3, name, expect, bundle(payload([signer], creds, **changed), [signer]), pins=[signer.fp])

    key, ikey = pair("root-x"), pair("intermediate-x")
    roots("root cut short", "truncated", Cred(key, root(key).encoded[:-1], "sha256"))
    roots("root empty", "truncated", Cred(key, b"", "sha256"))
    roots("root with a byte after it", "trailing-bytes", root(key, tail=b"\x00"))
    roots("root of an unknown hash", "unsupported-hash", root(key, hash_code=2))
    roots("root ends when it begins", "bad-validity", root(key, nb=NOW, na=NOW))
    roots("root with a small key", "bad-public-key", root(key, public=bytes(31) + b"\x01"))
    roots("root of 63 bytes of signature", "bad-signature-encoding", root(key, spoil=lambda s: s[1:]))
    roots("root with a flipped self signature", "bad-self-signature", root(key, spoil=flip))
    roots("root under another label", "bad-self-signature", root(key, label="LeafCredentialPayload"))
    for scheme in ("p256", "p384", "p521"):
        roots("root with high S, " + scheme, "non-canonical-signature", root(pair("root-x-" + scheme, scheme), high=True))
    x = root(key)
    unsorted = payload([x, A])
    unsorted["as_credentials"] = [Cred(key, x.encoded + b"\x00", "sha256").encoded, A.encoded]
    case(3, "a root that doesn't decode has no place in the order (first)", "trailing-bytes", bundle(unsorted, [A]))
    unsorted["as_credentials"].reverse()
    case(3, "a root that doesn't decode has no place in the order (last)", "trailing-bytes", bundle(unsorted, [A]))
    for scheme, cred in BY_SCHEME.items():
        mixed = intermediate(ikey, cred)
        inter("an Ed25519 intermediate of a root with " + scheme, "valid", mixed, signer=cred)
    for scheme in ("ed448", "p256", "p384", "p521"):
        inter("an intermediate with %s of an Ed25519 root" % scheme, "valid", intermediate(pair("intermediate-" + scheme, scheme), A, hash_name="sha512"))
    inter("intermediate cut short", "truncated", Cred(ikey, I.encoded[:-1], "sha256"))
    inter("intermediate with a byte after it", "trailing-bytes", intermediate(ikey, A, tail=b"\x00"))
    inter("a root among the intermediates", "truncated", B)
    inter("intermediate's signer unlisted", "unknown-signer", intermediate(ikey, B))
    inter("intermediate's signer named by another hash", "unknown-signer", intermediate(ikey, A, signer_fp=hashlib.sha512(A.encoded).digest()))
    inter("intermediate signed by an intermediate", "unknown-signer", I, intermediate(ikey, I))
    inter("intermediate with a flipped self signature", "bad-self-signature", intermediate(ikey, A, self_spoil=flip))
    inter("intermediate under the leaf's labels", "bad-self-signature", intermediate(ikey, A, kind="LeafCredential"))
    inter("intermediate with a flipped signature", "bad-signature", intermediate(ikey, A, spoil=flip))
    inter("intermediate signed by another key", "bad-signature", intermediate(ikey, A, signed_by=B.pair))
    inter("intermediate's signature of 63 bytes", "bad-signature-encoding", intermediate(ikey, A, spoil=lambda s: s[1:]))
    inter("intermediate's signature not DER", "bad-signature-encoding", intermediate(ikey, P, spoil=lambda s: s + b"\x00"), signer=P)
    inter("intermediate's signature with high S", "non-canonical-signature", intermediate(ikey, P, high=True), signer=P)
    inter("intermediate's self signature with high S", "non-canonical-signature", intermediate(pair("intermediate-p256", "p256"), A, self_high=True))
    begin, end = NOW - 365 * DAY, NOW + 3000 * DAY
    inter("intermediate as long as its root", "valid", intermediate(ikey, A, nb=begin, na=end))
    inter("intermediate begins a second before its root", "validity-not-nested", intermediate(ikey, A, nb=begin - 1))
    inter("intermediate ends a second after its root", "validity-not-nested", intermediate(ikey, A, na=end + 1))
    inter("intermediate not valid yet", "valid", intermediate(ikey, A, nb=NOW + 900 * DAY, na=NOW + 1000 * DAY))
    inter("intermediate expired", "valid", intermediate(ikey, A, nb=NOW - 300 * DAY, na=NOW - 1))
    inter("a revoked intermediate listed", "revoked", I, revoked_certs=[revocation(I.fp)])
    inter("a revoked root listed", "revoked", I, revoked_certs=[revocation(A.fp)])
    inter("an unlisted intermediate revoked", "valid", I, revoked_certs=[revocation(J.fp)])

    # Two faults: credentials in their order, each through its phases; revocation after them all; roots before intermediates.
    names = [pair("intermediate-%d" % n) for n in range(6)]
    def pick(first, second):
        for p in names:
            for q in names:
                a, b = first(p), second(q)
                if p is not q and a.fp < b.fp:
                    return a, b
    long = lambda p: intermediate(p, A, na=end + 1)
    stray = lambda p: intermediate(p, B)
    inter("order: not nested, then unknown signer", "validity-not-nested", *pick(long, stray))
    inter("order: unknown signer, then not nested", "unknown-signer", *pick(stray, long))
    inter("order: self signature before signature", "bad-self-signature", intermediate(ikey, A, self_spoil=flip, spoil=flip))
    inter("order: unknown signer before self signature", "unknown-signer", intermediate(ikey, B, self_spoil=flip))
    inter("order: signature before nesting", "bad-signature", intermediate(ikey, A, spoil=flip, na=end + 1))
    inter("order: not nested before revoked", "validity-not-nested", long(ikey), revoked_certs=[revocation(A.fp)])
    spoilt = root(key, spoil=flip)
    case(3, "order: a root's self signature before an intermediate that doesn't decode", "bad-self-signature",
         bundle(payload([spoilt], [Cred(ikey, I.encoded[:-1], "sha256")]), [spoilt]), pins=[spoilt.fp])
    case(3, "order: contents before signatures", "revoked", bundle(dict(FULL, revoked_certs=[revocation(I.fp)]), [A], edit=flip))
    case(3, "order: contents before trust", "validity-not-nested", bundle(payload([A], [long(ikey)]), [A]), pins=[B.fp])


def signatures():
    for scheme, cred in BY_SCHEME.items():
        value, pins = payload([cred]), [cred.fp]
        case(4, "good, " + scheme, "valid", bundle(value, [cred]), pins=pins)
        case(4, "flipped, " + scheme, "bad-signature", bundle(value, [cred], edit=flip), pins=pins)
        case(4, "a byte less, " + scheme, "bad-signature", bundle(value, [cred], edit=lambda s: s[:-1]), pins=pins)
        case(4, "a byte more, " + scheme, "bad-signature", bundle(value, [cred], edit=lambda s: s + b"\x00"), pins=pins)
        if cred.pair.order is None:
            continue
        n, size = cred.pair.order, cred.pair.size
        case(4, "high S, " + scheme, "non-canonical-signature", bundle(value, [cred], high=True), pins=pins)
        case(4, "high S and flipped r, " + scheme, "non-canonical-signature", bundle(value, [cred], high=True, edit=lambda s: flip(s, 5)), pins=pins)
        case(4, "r = 0, " + scheme, "bad-signature", bundle(value, [cred], edit=lambda s: bytes(size) + s[size:]), pins=pins)
        case(4, "s = 0, " + scheme, "bad-signature", bundle(value, [cred], edit=lambda s: s[:size] + bytes(size)), pins=pins)
        for name, s, code in (("(n-1)/2", (n - 1) // 2, "bad-signature"), ("(n+1)/2", (n + 1) // 2, "non-canonical-signature"),
                              ("n-1", n - 1, "non-canonical-signature"), ("n", n, "bad-signature")):
            case(4, "s = %s, %s" % (name, scheme), code, bundle(value, [cred], edit=lambda raw, s=s: raw[:size] + s.to_bytes(size, "big")), pins=pins)
        case(4, "DER, " + scheme, "bad-signature", bundle(value, [cred], edit=lambda raw: encode_dss_signature(
            int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big"))), pins=pins)
        case(4, "swapped r and s, " + scheme, swapped(value, cred),
             bundle(value, [cred], edit=lambda raw: raw[size:] + raw[:size]), pins=pins)
    case(4, "flipped, ed25519", "bad-signature", bundle(BASE, [A], edit=flip))
    case(4, "63 bytes, ed25519", "bad-signature", bundle(BASE, [A], edit=lambda s: s[:-1]))
    case(4, "empty", "bad-signature", bundle(BASE, [A], edit=lambda s: b""))
    body = det(BASE)
    for name, message in (("COSE_Sign1's context", lambda p: tbs(p, body, context="Signature1")), ("external_aad", lambda p: tbs(p, body, external=b"x")),
                          ("the payload alone", lambda p: body), ("another body header", lambda p: det(["Signature", b"", p, b"", body]))):
        case(4, "signs " + name, "bad-signature", bundle(BASE, [A], message=message))
    case(4, "alg of another key", BAD, bundle(BASE, [A], alg=-53))
    case(4, "alg of another curve", BAD, bundle(payload([P]), [P], alg=-51), pins=[P.fp])
    case(4, "alg of another key and a bad signature", BAD, bundle(BASE, [A], alg=-53, edit=flip))
    case(4, "unknown kid", "unknown-signer", bundle(BASE, [B]))
    case(4, "unknown kid of one byte", "unknown-signer", bundle(BASE, [A], kid=b"a"))
    case(4, "the intermediate's kid", "unknown-signer", bundle(FULL, [I]))
    case(4, "kid is another's, whose file is given", "bad-signature", bundle(BASE, [A], kid=B.fp), known=[B])
    case(4, "one good and one unknown", "unknown-signer", bundle(BASE, [A, B]))
    case(4, "one good and one that only a file names", "valid", bundle(BASE, [A, B]), known=[B])
    two = payload([A, B])
    halves = sorted((one(c, det(two), edit=flip if c is B else None) for c in (A, B)), key=kid_of)
    case(4, "one good and one bad", "bad-signature", assemble(det(two), halves), pins=[A.fp, B.fp])

    # Who counts.
    case(4, "not pinned", "untrusted", FIRST, pins=[B.fp])
    case(4, "nothing pinned", "untrusted", FIRST, pins=[])
    case(4, "the pinned root's file alone brings no trust", "untrusted", FIRST, pins=[B.fp], known=[A, B])
    case(4, "a pinned root that isn't listed signs, and so does the listed one", "valid", bundle(payload([B]), [A, B]), known=[A])
    case(4, "a pinned root that isn't listed signs alone", "untrusted", bundle(payload([B]), [A]), known=[A])
    case(4, "two listed, one pinned, both sign", "valid", bundle(two, [A, B]))
    case(4, "two listed, one pinned, that one signs", "untrusted", bundle(two, [A]))
    case(4, "two listed, both pinned, one signs", "valid", bundle(two, [A]), pins=[A.fp, B.fp])
    case(4, "threshold 2, both sign", "valid", bundle(two, [A, B]), pins=[A.fp, B.fp], threshold=2)
    case(4, "threshold 2, one signs", "untrusted", bundle(two, [A]), pins=[A.fp, B.fp], threshold=2)
    case(4, "threshold 2, one pinned twice", "untrusted", bundle(two, [A, B]), pins=[A.fp, A.fp], threshold=2)
    for shift, expect in ((-1, "valid"), (0, "valid"), (1, "untrusted")):
        young = root(pair("root-young"), nb=NOW + shift)
        case(4, "root begins %+d s from issued_at" % shift, expect, bundle(payload([young]), [young]), pins=[young.fp], at=NOW + 10)
    for shift, expect in ((-1, "untrusted"), (0, "valid"), (1, "valid")):
        old = root(pair("root-old"), na=NOW + 120 * DAY + shift)
        case(4, "root ends %+d s from expires_at" % shift, expect, bundle(payload([old]), [old]), pins=[old.fp])
    # A new root signs, but doesn't count, so that its own validity doesn't matter.
    future = root(pair("root-future"), nb=NOW + 500 * DAY)
    case(4, "a root that isn't valid yet comes in", "valid", bundle(payload([A, future]), [A, future]))

    # With the last bundle.
    three = payload([A, B, C], threshold=2)
    last = bundle(three, [A, B, C])
    for signers, expect in (([A], "untrusted"), ([A, C], "valid"), ([A, B, C], "valid")):
        case(4, "2 of 3: %d sign" % len(signers), expect, bundle(after(three), signers), last=last)
    case(4, "2 of 3: one and a new one sign", "untrusted", bundle(after(three, as_credentials=credentials([A, B, C, P])), [A, P]), last=last)
    case(4, "2 of 3: the threshold goes down", "valid", bundle(after(three, threshold=1), [A, B]), last=last)
    case(4, "2 of 3: its own threshold of 1 doesn't help", "untrusted", bundle(after(three, threshold=1), [A]), last=last)
    case(4, "a dropped root signs its last", "valid", bundle(after(two, as_credentials=[A.encoded]), [B]), last=bundle(two, [A, B]))
    case(4, "a root signs the bundle that revokes it", "valid", bundle(after(two, as_credentials=[A.encoded], revoked_certs=[revocation(B.fp)]), [B]),
         last=bundle(two, [A, B]))
    gone = after(two, as_credentials=[A.encoded], revoked_certs=[revocation(B.fp)])
    case(4, "a revoked root signs, its file given", "untrusted", bundle(after(gone), [B]), last=bundle(gone, [A]), known=[B])
    case(4, "a revoked root comes back", "revoked", bundle(after(gone, as_credentials=credentials([A, B])), [A, B]), last=bundle(gone, [A]))
    # Never accepted as such, but a held file is looked at for its form alone.
    odd = dict(BASE, revoked_certs=[revocation(A.fp)])
    case(4, "a root that the last bundle lists and revokes at once", "untrusted", bundle(after(odd, as_credentials=[B.encoded]), [A, B]), last=bundle(odd, [A]))
    case(4, "pins no longer count", "untrusted", bundle(after(BASE, as_credentials=[C.encoded], as_intermediate_credentials=[]), [C]), last=FIRST)

    # Commitments.
    kept = payload([A], next_roots=[commitment(B.pair)])
    held = bundle(kept, [A])
    swap = after(kept, as_credentials=credentials([A, B]))
    case(4, "commitment kept, the same roots", "valid", bundle(after(kept), [A]), last=held)
    case(4, "commitment: the threshold and intermediates may change", "valid", bundle(after(kept, as_intermediate_credentials=[I.encoded]), [A]), last=held)
    case(4, "commitment: the committed root comes in", "valid", bundle(swap, [A, B]), last=held)
    case(4, "commitment: another root comes in", "untrusted", bundle(after(kept, as_credentials=credentials([A, C])), [A, C]), last=held)
    case(4, "commitment dropped", "untrusted", bundle(after(kept, next_roots=[]), [A]), last=held)
    case(4, "commitment added", "untrusted", bundle(after(kept, next_roots=sorted([commitment(B.pair), commitment(C.pair)])), [A]), last=held)
    case(4, "commitment replaced, by its key", "valid", bundle(after(kept, next_roots=[commitment(C.pair)]), [A, B]), last=held, known=[B])
    case(4, "commitment: its key alone is not enough", "untrusted", bundle(after(kept, as_credentials=[B.encoded]), [B]), last=held)
    case(4, "commitment to a set, and the set changes", "untrusted", bundle(after(kept, as_credentials=[C.encoded]), [A, C]), last=held)
    both = payload([A, B], next_roots=[commitment(C.pair)])
    case(4, "commitment: a root is dropped", "untrusted", bundle(after(both, as_credentials=[A.encoded]), [A, B]), last=bundle(both, [A, B]))
    own = payload([A], next_roots=[commitment(A.pair)])
    case(4, "commitment to the current key", "valid", bundle(after(own, next_roots=[]), [A]), last=bundle(own, [A]))
    plain = payload([A], next_roots=[hashlib.sha256(B.pair.public).digest()])
    case(4, "commitment without the scheme", "untrusted", bundle(after(plain, as_credentials=credentials([A, B])), [A, B]), last=bundle(plain, [A]))
    first = payload([A], next_roots=[commitment(C.pair)])
    case(4, "a commitment binds from the next bundle on", "valid", bundle(after(BASE, next_roots=first["next_roots"]), [A]), last=FIRST)
    case(4, "before history", "untrusted", bundle(BASE, [B]), last=bundle(after(BASE), [A]), known=[B])


def swapped(value, cred):
    """The code of a signature whose halves changed places: by the half that r lies in."""
    body = det(value)
    raw = one(cred, body)[2]
    r = int.from_bytes(raw[: cred.pair.size], "big")
    return "non-canonical-signature" if r > (cred.pair.order - 1) // 2 else "bad-signature"


def history():
    second = after(BASE)
    case(5, "successor", "valid", bundle(second, [A]), last=FIRST)
    case(5, "the same again", "valid", FIRST, last=FIRST, unchanged=True)
    two = payload([A, B])
    case(5, "the same payload, other signatures", "valid", bundle(two, [B]), last=bundle(two, [A, B]), unchanged=True)
    case(5, "rollback", "rollback", FIRST, last=bundle(second, [A]))
    case(5, "rollback by far", "rollback", FIRST, last=bundle(dict(second, sequence=NOW), [A]))
    case(5, "the same sequence", "broken-history", bundle(dict(BASE, expires_at=NOW + DAY), [A]), last=FIRST)
    case(5, "another previous", "broken-history", bundle(dict(second, previous=bytes(32)), [A]), last=FIRST)
    case(5, "previous is the file's hash", "broken-history", bundle(dict(second, previous=hashlib.sha256(FIRST).digest()), [A]), last=FIRST)
    case(5, "a gap", "valid", bundle(dict(second, sequence=3, previous=bytes(32)), [A]), last=FIRST)
    gone = [revocation(bytes([n]) * 32) for n in (1, 2, 3)]
    held = dict(BASE, revoked_certs=gone[:2])
    last = bundle(held, [A])
    for name, revoked, expect in (("kept", gone[:2], "valid"), ("one more", gone, "valid"), ("one less", gone[:1], "broken-history"),
                                  ("one for another", gone[1:], "broken-history"), ("another reason", [gone[0], dict(gone[1], reason="unspecified")], "valid")):
        case(5, "revocations: " + name, expect, bundle(after(held, revoked_certs=revoked), [A]), last=last)
    case(5, "revocations: one less, over a gap", "broken-history", bundle(after(held, sequence=9, revoked_certs=gone[:1]), [A]), last=last)
    for shift, expect in ((-1, "broken-history"), (0, "valid"), (1, "valid")):
        case(5, "issued %+d s from the last" % shift, expect, bundle(after(BASE, issued_at=NOW + shift), [A]), last=FIRST, at=NOW + 10)
    case(5, "rollback before time", "rollback", FIRST, last=bundle(second, [A]), at=0)
    case(5, "broken history before time", "broken-history", bundle(dict(second, previous=bytes(32)), [A]), last=FIRST, at=0)
    case(5, "the last bundle is none", BAD, FIRST, last=FIRST[:-1])

    # Stepping: the root goes from A to B to C.
    steps = [payload([A])]
    steps.append(after(steps[0], as_credentials=credentials([A, B]), issued_at=NOW + DAY))
    steps.append(after(steps[1], as_credentials=[B.encoded], issued_at=NOW + 2 * DAY))
    steps.append(after(steps[2], as_credentials=credentials([B, C]), issued_at=NOW + 3 * DAY))
    files = [bundle(steps[0], [A]), bundle(steps[1], [A, B]), bundle(steps[2], [B]), bundle(steps[3], [B, C])]
    at = NOW + 120 * DAY
    case(5, "steps: none", "untrusted", files[3], last=files[0], at=at)
    case(5, "steps: all, two of them long expired", "valid", files[3], last=bundle(steps[0], [A]), via=files[1:3], at=at)
    case(5, "steps: the one that matters", "valid", files[3], last=files[0], via=files[1:2], at=at)
    case(5, "steps: the first missing", "untrusted", files[3], last=files[0], via=files[2:3], at=at)
    case(5, "steps: out of order", "rollback", files[3], last=files[1], via=[files[2], files[1]], at=at)
    case(5, "steps: the last one over again", "valid", files[3], last=files[1], via=[files[1], files[2], files[2]], at=at)
    case(5, "steps: a bad one", "bad-signature", files[3], last=files[0], via=[bundle(steps[1], [A, B], edit=flip)], at=at)
    case(5, "steps: no bundle", BAD, files[3], last=files[0], via=[b""], at=at)
    case(5, "steps: from a pin", "valid", files[3], pins=[A.fp], via=files[:3], at=at)
    case(5, "steps: pins end with the first", "untrusted", files[3], pins=[C.fp, A.fp], via=[files[0]], at=at)
    case(5, "steps: time counts for the bundle itself", "bundle-expired", files[3], last=files[0], via=files[1:3], at=at + DAY)
    case(5, "steps: the bundle is the last step again", "valid", files[3], last=files[0], via=files[1:], at=at, unchanged=True)
    future = after(steps[0], issued_at=NOW + 60 * DAY, expires_at=NOW + 180 * DAY)
    case(5, "steps: over one that isn't valid yet", "valid", bundle(after(future), [A]), last=files[0], via=[bundle(future, [A])], at=at)


def time():
    end = NOW + 120 * DAY
    for at, expect in ((NOW - 1, "not-yet-valid"), (NOW, "valid"), (NOW + 1, "valid"), (end - 1, "valid"), (end, "valid"), (end + 1, "bundle-expired")):
        case(6, "at issued_at %+d s" % (at - NOW), expect, FIRST, at=at)
    case(6, "the same again, expired", "bundle-expired", FIRST, last=FIRST, at=end + 1)
    case(6, "a root that ends soon after", "valid", bundle(payload([root(pair("root-old"), na=end)]), [root(pair("root-old"), na=end)]),
         pins=[root(pair("root-old"), na=end).fp], at=end)
    case(6, "after trust", "untrusted", FIRST, pins=[B.fp], at=end + 1)


for part in (form, domain, contents, signatures, history, time):
    part()
NAMES = [(c["phase"], c["name"]) for c in CASES]
assert len(set(NAMES)) == len(NAMES), [n for n in NAMES if NAMES.count(n) > 1]
COMMITMENTS = [{"scheme": p.scheme, "public_key": p.public.hex(), "commitment": commitment(p).hex()}
               for p in [A.pair] + [c.pair for c in BY_SCHEME.values()]]
KEYS = {p.name: {"scheme": p.scheme, "private": p.private.hex(), "public": p.public.hex()} for p in PAIRS.values()}
# What signing a bundle takes: reproduced to the byte, since Ed25519 is deterministic.
FULL_FILE = bundle(FULL, [A])
MAKING = {"as_credential": A.encoded.hex(), "intermediate_as_credential": I.encoded.hex(), "private": A.pair.private.hex(),
          "kid": A.fp.hex(), "payload": det(FULL).hex(), "protected": det({1: -19, 4: A.fp}).hex(),
          "to_be_signed": tbs(det({1: -19, 4: A.fp}), det(FULL)).hex(), "bundle": FULL_FILE.hex()}
out = lambda v: json.dumps(v, separators=(",", ":"))
print("{\n\"keys\": %s,\n\"making\": %s,\n\"commitments\": %s,\n\"files\": [\n%s\n],\n\"cases\": [\n%s\n]\n}" % (
    out(KEYS), out(MAKING), out(COMMITMENTS), ",\n".join(map(out, FILES)), ",\n".join(out(c) for c in CASES)))
