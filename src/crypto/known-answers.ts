/**
 * One pinned answer for each scheme, copied exactly from RFC 8032 §7.1 and §7.4 and RFC 6979 A.2.5 to A.2.7 (in
 * hexadecimal).
 */
import type { SchemeName } from './ciphersuite.js';

export interface KnownAnswer {
  readonly scheme: SchemeName;
  readonly source: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly message: string;
  /** EdDSA raw; ECDSA r‖s with s as the RFC prints it, high or low. */
  readonly signature: string;
}

/** "sample" in ASCII. */
const SAMPLE = '73616d706c65';

export const KNOWN_ANSWERS: readonly KnownAnswer[] = [
  {
    scheme: 'ed25519',
    source: 'RFC 8032 §7.1, TEST 2',
    privateKey: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    scheme: 'ed448',
    source: 'RFC 8032 §7.4, 1 octet',
    privateKey:
      'c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463a' +
      'fbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e',
    publicKey:
      '43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c086' +
      '6aea01eb00742802b8438ea4cb82169c235160627b4c3a9480',
    message: '03',
    signature:
      '26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f435' +
      '2541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cb' +
      'cee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0f' +
      'f3348ab21aa4adafd1d234441cf807c03a00',
  },
  {
    scheme: 'p256',
    source: 'RFC 6979 A.2.5, SHA-256, "sample"',
    privateKey: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    publicKey:
      '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
      '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    message: SAMPLE,
    signature:
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  },
  {
    scheme: 'p384',
    source: 'RFC 6979 A.2.6, SHA-384, "sample"',
    privateKey: '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5',
    publicKey:
      '04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13' +
      '8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720',
    message: SAMPLE,
    signature:
      '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46' +
      '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  },
  {
    scheme: 'p521',
    source: 'RFC 6979 A.2.7, SHA-512, "sample"',
    privateKey:
      '00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75ca' +
      'a896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538',
    publicKey:
      '0401894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa1' +
      '6d2bd761dcac474b9a2f5023a400493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a8' +
      '28008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5',
    message: SAMPLE,
    signature:
      '00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc9' +
      '1f9b15bf05ec36e377fa' +
      '00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc' +
      '43997f1ee0e44da4a67a',
  },
];
