/**
 * The only class of cbor-x that codec/cbor.ts uses. The types in the package don't resolve for this entry point under
 * NodeNext.
 */
declare module 'cbor-x/decode-no-eval' {
  export class Decoder {
    constructor(options: { useRecords: false; mapsAsObjects: false });
    /** Throws an Error for malformed input. Sets a property `dataView` on `bytes`. */
    decode(bytes: Uint8Array): unknown;
  }
}
