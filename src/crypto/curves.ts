/**
 * The parameters of the five curves, spelled out: RFC 8032 §5.1 and §5.2 for Edwards, SP 800-186 §3.2.1 (FIPS 186-5,
 * SEC 2) for NIST. They are passed to the abstract half of @noble/curves, because its ready-made modules build far more
 * than a command needs. This file imports no code.
 */
import type { EdwardsOpts } from '@noble/curves/abstract/edwards.js';
import type { WeierstrassOpts } from '@noble/curves/abstract/weierstrass.js';
import type { SchemeName } from './ciphersuite.js';

export type EdwardsName = 'ed25519' | 'ed448';
export type EcdsaName = 'p256' | 'p384' | 'p521';

export function isEdwards(name: SchemeName): name is EdwardsName {
  return name === 'ed25519' || name === 'ed448';
}

const P25519 = 2n ** 255n - 19n;
const P448 = 2n ** 448n - 2n ** 224n - 1n;
const P256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P384 = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const P521 = 2n ** 521n - 1n;

export const EDWARDS_PARAMETERS: Readonly<Record<EdwardsName, EdwardsOpts>> = {
  ed25519: {
    p: P25519,
    n: 2n ** 252n + 27742317777372353535851937790883648493n,
    h: 8n,
    a: P25519 - 1n,
    d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
    Gx: 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,
    Gy: 0x6666666666666666666666666666666666666666666666666666666666666658n,
  },
  ed448: {
    p: P448,
    n: 2n ** 446n - 13818066809895115352007386748515426880336692474882178609894547503885n,
    h: 4n,
    a: 1n,
    d: P448 - 39081n,
    Gx: BigInt(
      '0x4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324' +
        'a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e',
    ),
    Gy: BigInt(
      '0x693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e' +
        '05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14',
    ),
  },
};

export const ECDSA_PARAMETERS: Readonly<Record<EcdsaName, WeierstrassOpts<bigint>>> = {
  p256: {
    p: P256,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    h: 1n,
    a: P256 - 3n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    Gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    Gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  },
  p384: {
    p: P384,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    h: 1n,
    a: P384 - 3n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    Gx: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    Gy: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  },
  p521: {
    p: P521,
    n: BigInt(
      '0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' +
        'a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
    ),
    h: 1n,
    a: P521 - 3n,
    b: BigInt(
      '0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e' +
        '156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00',
    ),
    Gx: BigInt(
      '0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3db' +
        'aa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66',
    ),
    Gy: BigInt(
      '0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662' +
        'c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650',
    ),
  },
};
