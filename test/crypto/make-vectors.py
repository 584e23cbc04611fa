#!/usr/bin/python3
"""Makes test/vectors/crypto.json: signatures at the edges of the strict rules, each with its verdict.

Written from RFC 8032 and the wire format alone, with plain integers for the Edwards curves and Debian's
python3-cryptography for ECDSA. Every verdict is named by hand where the case is made, and must agree with the
verifier here. Run: python3 test/crypto/make-vectors.py > test/vectors/crypto.json
"""
import hashlib, json, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, ed448


class Curve:
    def __init__(self, name, p, L, h, a, d, length, G, digest, clamp):
        self.name, self.p, self.L, self.h, self.a, self.d, self.length = name, p, L, h, a, d, length
        self.G, self.digest, self.clamp = G, digest, clamp

    def add(self, P, Q):
        (x1, y1), (x2, y2), p = P, Q, self.p
        t = self.d * x1 * x2 * y1 * y2 % p
        x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, p) % p
        y = (y1 * y2 - self.a * x1 * x2) * pow(1 - t, -1, p) % p
        return x, y

    def mul(self, k, P):
        R = (0, 1)
        while k:
            if k & 1:
                R = self.add(R, P)
            P, k = self.add(P, P), k >> 1
        return R

    def neg(self, P):
        return -P[0] % self.p, P[1]

    def encode(self, P):
        return (P[1] | (P[0] & 1) << (8 * self.length - 1)).to_bytes(self.length, "little")

    def sqrt(self, v):
        p = self.p
        if v % p == 0:
            return 0
        if pow(v, (p - 1) // 2, p) != 1:
            return None
        if p % 4 == 3:
            return pow(v, (p + 1) // 4, p)
        r = pow(v, (p + 3) // 8, p)
        return r if r * r % p == v % p else r * pow(2, (p - 1) // 4, p) % p

    def x_of(self, y):
        p = self.p
        return self.sqrt((y * y - 1) * pow(self.d * y * y - self.a, -1, p) % p)

    def decode(self, b):
        """The point of a canonical encoding, else None."""
        if len(b) != self.length:
            return None
        n = int.from_bytes(b, "little")
        sign, y = n >> (8 * self.length - 1), n & (1 << (8 * self.length - 1)) - 1
        if y >= self.p:
            return None
        x = self.x_of(y)
        if x is None or (x == 0 and sign):
            return None
        return (x if x & 1 == sign else self.p - x), y

    def full_challenge(self, R, A, m):
        return int.from_bytes(self.digest(R + A + m), "little")

    def challenge(self, R, A, m):
        return self.full_challenge(R, A, m) % self.L

    def strict(self, P):
        if P is None:
            return False
        if self.name == "ed25519":
            return self.mul(8, P) != (0, 1)
        return P != (0, 1) and self.mul(self.L, P) == (0, 1)

    def verify(self, A, m, sig):
        if len(sig) != 2 * self.length:
            return False
        R, S = sig[:self.length], int.from_bytes(sig[self.length:], "little")
        PA, PR = self.decode(A), self.decode(R)
        if not self.strict(PA) or not self.strict(PR) or S >= self.L:
            return False
        k = self.challenge(R, A, m)
        return self.encode(self.add(self.mul(S, self.G), self.mul(k, self.neg(PA)))) == R


def clamp25519(b):
    b = bytearray(b[:32]); b[0] &= 248; b[31] = b[31] & 127 | 64
    return int.from_bytes(b, "little")


def clamp448(b):
    b = bytearray(b[:57]); b[0] &= 252; b[55] |= 128; b[56] = 0
    return int.from_bytes(b, "little")


P1, P4 = 2**255 - 19, 2**448 - 2**224 - 1
C1 = Curve("ed25519", P1, 2**252 + 27742317777372353535851937790883648493, 8, -1, -121665 * pow(121666, -1, P1) % P1, 32,
           None, lambda m: hashlib.sha512(m).digest(), clamp25519)
C4 = Curve("ed448", P4, 2**446 - 13818066809895115352007386748515426880336692474882178609894547503885, 4, 1, -39081 % P4, 57,
           None, lambda m: hashlib.shake_256(b"SigEd448\0\0" + m).digest(114), clamp448)
C1.G = C1.decode((4 * pow(5, -1, P1) % P1).to_bytes(32, "little"))
C4.G = (224580040295924300187604334099896036246789641632564134246125461686950415467406032909029192869357953282578032075146446173674602635247710,
        298819210078481492676017930443930673437544040154080242095928241372331506189835876003536878655418784733982303233503462500531545062832660)

VECTORS = []


def case(scheme, name, key, message, signature, expect, key_ok=True, encoding_ok=True, canonical=True):
    VECTORS.append({"scheme": scheme, "name": name, "publicKey": key.hex(), "message": message.hex(), "signature": signature.hex(),
                    "keyAccepted": key_ok, "encodingAccepted": encoding_ok, "canonical": canonical, "expect": expect})


def edwards(c, Private):
    le = lambda n: n.to_bytes(c.length, "little")
    seed = c.digest(b"as-ceremony vectors")[:c.length]
    a = c.clamp(hashlib.sha512(seed).digest() if c is C1 else hashlib.shake_256(seed).digest(114))
    private = Private.from_private_bytes(seed)
    A = c.encode(c.mul(a, c.G))
    r0 = int.from_bytes(c.digest(b"nonce"), "little") % c.L

    # The points whose order divides the cofactor.
    n = 2
    while True:
        x = c.x_of(n)
        if x is not None and c.mul(c.h // 2, c.mul(c.L, (x, n))) != (0, 1):
            T = c.mul(c.L, (x, n)); break
        n += 1
    torsion = [c.mul(i, T) for i in range(c.h)]
    assert torsion[0] == (0, 1) and len(set(torsion)) == c.h

    def put(name, key, m, sig, expect, **more):
        length_ok = len(sig) == 2 * c.length
        got = c.verify(key, m, sig)
        assert got == expect, (c.name, name, got)
        assert c.strict(c.decode(key)) == more.get("key_ok", True), (c.name, name, "key")
        case(c.name, name, key, m, sig, expect, encoding_ok=length_ok, **more)

    def made(key, scalar, Rbytes, r, m):
        return Rbytes + le((r + c.challenge(Rbytes, key, m) * scalar) % c.L)

    def search(predicate):
        for i in range(100000):
            m = b"message %d" % i
            if predicate(m):
                return m
        raise ValueError

    m = b"a message"
    good = private.sign(m)
    R, S = good[:c.length], int.from_bytes(good[c.length:], "little")
    put("valid", A, m, good, True)
    put("valid, empty message", A, b"", private.sign(b""), True)
    put("valid, 1000 bytes", A, b"x" * 1000, private.sign(b"x" * 1000), True)
    put("another message", A, m + b"!", good, False)
    flip = lambda b, i, bit=1: b[:i] + bytes([b[i] ^ bit]) + b[i + 1:]
    put("one bit of R flipped", A, m, flip(good, 3), False)
    put("sign bit of R flipped", A, m, flip(good, c.length - 1, 128), False)
    put("one bit of S flipped", A, m, flip(good, c.length + 3), False)
    put("S + L", A, m, R + le(S + c.L), False)
    put("S = L", A, m, R + le(c.L), False)
    put("S = L - 1, wrong", A, m, R + le(c.L - 1), False)
    put("S with the top bit set", A, m, flip(good, 2 * c.length - 1, 128), False)
    put("all of S set", A, m, R + b"\xff" * c.length, False)
    put("signature of zeros", A, m, bytes(2 * c.length), False)
    put("signature one byte short", A, m, good[:-1], False)
    put("signature one byte long", A, m, good + b"\0", False)
    put("signature empty", A, m, b"", False)
    put("another key", c.encode(c.mul(a + 1, c.G)), m, good, False)
    put("negated key", c.encode(c.neg(c.mul(a, c.G))), m, good, False)

    # Keys of small order: under [k]A = 0 any R = [S]B satisfies the equation.
    R0 = c.encode(c.mul(r0, c.G))
    for i, P in enumerate(torsion):
        key = c.encode(P)
        mm = search(lambda x: c.challenge(R0, key, x) % c.h == 0)
        put("key of small order, multiple %d, equation holds" % i, key, mm, R0 + le(r0), False, key_ok=False)
    # R of small order.
    for i, P in enumerate(torsion):
        Rb = c.encode(P)
        put("R of small order, multiple %d" % i, A, m, made(A, a, Rb, 0, m), False)
    put("key and R of small order", c.encode(torsion[1]), search(lambda x: c.challenge(c.encode(torsion[0]), c.encode(torsion[1]), x) % c.h == 0),
        c.encode(torsion[0]) + le(0), False, key_ok=False)

    # Keys of mixed order.
    mixed = c.encode(c.add(c.mul(a, c.G), T))
    loose = c is C1
    mm = search(lambda x: c.challenge(R0, mixed, x) % c.h == 0 and c.full_challenge(R0, mixed, x) % c.h != 0)
    put("key of mixed order, k mod L clears the torsion, k does not", mixed, mm, made(mixed, a, R0, r0, mm), loose, key_ok=loose)
    mm = search(lambda x: c.challenge(R0, mixed, x) % c.h != 0 and c.full_challenge(R0, mixed, x) % c.h == 0)
    put("key of mixed order, k clears the torsion, k mod L does not", mixed, mm, made(mixed, a, R0, r0, mm), False, key_ok=loose)
    mm = search(lambda x: c.challenge(R0, mixed, x) % c.h == 1)
    put("key of mixed order, only the cofactored equation holds", mixed, mm, made(mixed, a, R0, r0, mm), False, key_ok=loose)
    # R of mixed order.
    for i in range(1, c.h):
        Rb = c.encode(c.add(c.mul(r0, c.G), torsion[i]))
        put("R of mixed order, multiple %d, only the cofactored equation holds" % i, A, m, made(A, a, Rb, r0, m), False)
    Rb = c.encode(c.add(c.mul(r0, c.G), T))
    mm = search(lambda x: c.add(c.mul(c.challenge(Rb, mixed, x), c.neg(T)), (0, 1)) == T)
    put("key and R of mixed order, both equations hold", mixed, mm, made(mixed, a, Rb, r0, mm), loose, key_ok=loose)
    mm = search(lambda x: c.challenge(Rb, mixed, x) % c.h == 1)
    put("key and R of mixed order, only the cofactored equation holds", mixed, mm, made(mixed, a, Rb, r0, mm), False, key_ok=loose)

    # Encodings that are not canonical.
    top = 1 << (8 * c.length - 1)
    odd = [("neutral element with a sign bit", 1 | top, 0), ("y = p - 1 with a sign bit", c.p - 1 | top, 1),
           ("y = p + 1", c.p + 1, 0), ("y = p + 1 with a sign bit", c.p + 1 | top, 0), ("y = p", c.p, 2), ("y = p with a sign bit", c.p | top, 2)]
    for what, number, _ in odd:
        b = le(number)
        put("R: " + what, A, m, made(A, a, b, 0, m), False)
        mm = search(lambda x: c.challenge(R0, b, x) % c.h == 0)
        put("key: " + what, b, mm, R0 + le(r0), False, key_ok=False)
    y = next(y for y in range(2, 19) if c.x_of(y) is not None)
    put("key: y = p + %d, on the curve" % y, le(c.p + y), m, good, False, key_ok=False)
    put("control: that key in canonical form", c.encode((c.x_of(y), y)), m, good, False, key_ok=c.strict((c.x_of(y), y)))
    put("R: y = p + %d, on the curve" % y, A, m, le(c.p + y) + good[c.length:], False)
    off = next(y for y in range(2, 99) if c.x_of(y) is None)
    put("key: y = %d, not on the curve" % off, le(off), m, good, False, key_ok=False)
    put("R: y = %d, not on the curve" % off, A, m, le(off) + good[c.length:], False)
    put("key: all bits set", b"\xff" * c.length, m, good, False, key_ok=False)
    put("key one byte short", A[:-1], m, good, False, key_ok=False)
    put("key one byte long", A + b"\0", m, good, False, key_ok=False)
    put("key empty", b"", m, good, False, key_ok=False)
    if c is C4:
        put("key: byte 56 not empty", flip(A, 56, 1), m, good, False, key_ok=False)
        put("R: byte 56 not empty", A, m, flip(good, 56, 1), False)

    # Other modes of the same scheme.
    ph, ctx = (b"SigEd25519 no Ed25519 collisions", 32) if c is C1 else (b"SigEd448", 57), b"context"
    def other_mode(flag, context, text):
        pre = ph[0] + bytes([flag, len(context)]) + context
        h = lambda x: int.from_bytes(hashlib.sha512(x).digest() if c is C1 else hashlib.shake_256(x).digest(114), "little") % c.L
        return R0 + le((r0 + h(pre + R0 + A + text) * a) % c.L)
    digest = hashlib.sha512(m).digest() if c is C1 else hashlib.shake_256(m).digest(64)
    put("pre-hashed mode", A, m, other_mode(1, b"", digest), False)
    put("with a context", A, m, other_mode(0, ctx, m), False)
    put("the pre-hash signed as a message", A, m, private.sign(digest), False)


def der_len(n):
    return bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])


def der_int(n):
    b = n.to_bytes(n.bit_length() // 8 + 1, "big")
    return b"\x02" + der_len(len(b)) + b


def seq(body):
    return b"\x30" + der_len(len(body)) + body


def ecdsa(name, curve, digest, p, n, b):
    width = (p.bit_length() + 7) // 8
    d = int.from_bytes(hashlib.shake_256(b"as-ceremony vectors").digest(80), "big") % (n - 1) + 1
    private = ec.derive_private_key(d, curve)
    pub = private.public_key().public_numbers()
    point = lambda x, y, head=4: bytes([head]) + x.to_bytes(width, "big") + y.to_bytes(width, "big")
    A = point(pub.x, pub.y)
    m = b"a message"

    def made(text=m, algorithm=digest):
        # k = 7 would do; a fixed nonce makes the file reproducible.
        k = int.from_bytes(hashlib.shake_256(b"nonce" + text).digest(80), "big") % (n - 1) + 1
        r = ec.derive_private_key(k, curve).public_key().public_numbers().x % n
        e = int.from_bytes(hashlib.new(algorithm.name, text).digest(), "big") >> max(0, 8 * algorithm.digest_size - n.bit_length())
        s = pow(k, -1, n) * (e + r * d) % n
        return r, min(s, n - s)

    def openssl(key, text, sig):
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(curve, key).verify(sig, text, ec.ECDSA(digest))
            return True
        except (InvalidSignature, ValueError):
            return False

    def put(what, text, sig, expect, key=A, key_ok=True, **more):
        if key[:1] == b"\x04":
            assert openssl(key, text, sig) == expect, (name, what)
        case(name, what, key, text, sig, expect, key_ok=key_ok, **more)

    r, s = made()
    R, S = der_int(r), der_int(s)
    good = seq(R + S)
    bad = {"encoding_ok": False}
    put("valid, low s", m, good, True)
    put("valid, high s", m, seq(R + der_int(n - s)), True, canonical=False)
    r2, s2 = made(b"")
    put("valid, empty message", b"", seq(der_int(r2) + der_int(s2)), True)
    put("another message", b"another message", good, False)
    put("r and s swapped", m, seq(S + R), False, canonical=r <= (n - 1) // 2)
    for what, x, y in (("r = 0", 0, s), ("r = n", n, s), ("r = n + r", n + r, s), ("r = n - r", n - r, s), ("r = 1", 1, s), ("r = p", p, s)):
        put(what, m, seq(der_int(x) + der_int(y)), False)
    for what, y, canonical in (("s = 0", 0, True), ("s = n", n, True), ("s = n + s", n + s, True), ("s = n - 1", n - 1, False), ("s = 1", 1, True),
                               ("s = (n - 1) / 2", (n - 1) // 2, True), ("s = (n + 1) / 2", (n + 1) // 2, False), ("s of 100 bytes", 1 << 799, True)):
        put(what, m, seq(R + der_int(y)), False, canonical=canonical)
    put("r and s both 0", m, seq(der_int(0) + der_int(0)), False)
    neg = (-r).to_bytes(width + 1, "big", signed=True)
    neg = neg[1:] if neg[0] == 255 and neg[1] & 128 else neg
    put("negative r", m, seq(b"\x02" + der_len(len(neg)) + neg + S), False, **bad)
    put("negative s", m, seq(R + b"\x02\x01\x80"), False, **bad)
    pad = lambda i: b"\x02" + der_len(len(i) - 2 + 1) + b"\0" + i[2:]
    put("r with a needless zero", m, seq(pad(R) + S), False, **bad)
    put("s with a needless zero", m, seq(R + pad(S)), False, **bad)
    put("zero r written with two bytes", m, seq(b"\x02\x02\0\0" + S), False, **bad)
    put("empty r", m, seq(b"\x02\0" + S), False, **bad)
    put("a byte after the sequence", m, good + b"\0", False, **bad)
    put("a byte after s inside the sequence", m, seq(R + S + b"\0"), False, **bad)
    put("a third integer", m, seq(R + S + b"\x02\x01\x01"), False, **bad)
    put("only one integer", m, seq(R), False, **bad)
    put("no integers", m, seq(b""), False, **bad)
    put("last byte missing", m, good[:-1], False, **bad)
    body = R + S
    put("sequence length one too long", m, b"\x30" + der_len(len(body) + 1) + body, False, **bad)
    longer = b"\x81" + bytes([len(body)]) if len(body) < 128 else b"\x82\0" + bytes([len(body)])
    put("BER long length of the sequence", m, b"\x30" + longer + body, False, **bad)
    put("BER long length of r", m, seq(b"\x02\x81" + R[1:] + S), False, **bad)
    put("length in four bytes", m, b"\x30\x84\0\0\0" + bytes([len(body)]) + body, False, **bad)
    put("length in five bytes", m, b"\x30\x85\0\0\0\0" + bytes([len(body)]) + body, False, **bad)
    put("indefinite length", m, b"\x30\x80" + body + b"\0\0", False, **bad)
    put("a SET", m, b"\x31" + good[1:], False, **bad)
    put("an OCTET STRING for r", m, seq(b"\x04" + R[1:] + S), False, **bad)
    put("raw r and s", m, r.to_bytes(width, "big") + s.to_bytes(width, "big"), False, **bad)
    put("empty", m, b"", False, **bad)
    put("one byte", m, b"\x30", False, **bad)
    wrong = hashes.SHA512() if digest.name != "sha512" else hashes.SHA384()
    r3, s3 = made(m, wrong)
    put("another hash", m, seq(der_int(r3) + der_int(s3)), False)

    key = lambda what, k: put("key " + what, m, good, False, key=k, key_ok=False)
    key("compressed", bytes([2 + (pub.y & 1)]) + A[1:1 + width])
    key("hybrid", bytes([6 + (pub.y & 1)]) + A[1:])
    key("at infinity", b"\0")
    key("of zeros after 04", b"\x04" + bytes(2 * width))
    key("off the curve", A[:-1] + bytes([A[-1] ^ 1]))
    key("raw, without 04", A[1:])
    key("one byte short", A[:-1])
    key("one byte long", A + b"\0")
    key("empty", b"")
    x = 1
    while True:
        y2 = (x**3 - 3 * x + b) % p
        y = pow(y2, (p + 1) // 4, p)
        if y * y % p == y2:
            break
        x += 1
    put("control: key with x = %d" % x, m, good, False, key=point(x, y))
    key("with x = p + %d" % x, point(p + x, y))
    if name == "p521":
        key("with y + p", point(pub.x, pub.y + p))
    put("negated key", m, good, False, key=point(pub.x, p - pub.y))


edwards(C1, ed25519.Ed25519PrivateKey)
edwards(C4, ed448.Ed448PrivateKey)
ecdsa("p256", ec.SECP256R1(), hashes.SHA256(), 2**256 - 2**224 + 2**192 + 2**96 - 1,
      0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551, 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B)
ecdsa("p384", ec.SECP384R1(), hashes.SHA384(), 2**384 - 2**128 - 2**96 + 2**32 - 1,
      0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
      0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF)
ecdsa("p521", ec.SECP521R1(), hashes.SHA512(), 2**521 - 1,
      0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
      0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00)
json.dump(VECTORS, sys.stdout, indent=1)
print()
