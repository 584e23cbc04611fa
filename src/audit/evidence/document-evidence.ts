/** The documents that auditors use, in the edition whose numbers are given, and what no transcript can show of them. */

export type DocumentId = 'etsi' | 'br' | 'webtrust';

export interface AuditDocument {
  readonly id: DocumentId;
  readonly short: string;
  readonly edition: string;
  /** How its clauses are numbered. */
  readonly numbers: string;
}

export const DOCUMENTS: readonly AuditDocument[] = [
  {
    id: 'etsi',
    short: 'ETSI EN 319 411-1',
    edition: 'ETSI EN 319 411-1 V1.5.1 (2025-04)',
    numbers: 'requirements by their identifiers, which name the clause: GEN-6.5.1-04 is in 6.5.1',
  },
  {
    id: 'br',
    short: 'CA/B BR',
    edition:
      'CA/Browser Forum Baseline Requirements (publicly trusted TLS certificates), version 1.6.5 (16 April 2019)',
    numbers:
      'sections; of 6.1.1.1, "root" counts the items of the list for root keys, and "all" those of the list for all CA keys',
  },
  {
    id: 'webtrust',
    short: 'WebTrust for CAs',
    edition: 'WebTrust Principles and Criteria for Certification Authorities, version 2.2.1 (November 2020)',
    numbers: 'criteria, without the numbers of their illustrative controls',
  },
];

export interface OutOfReach {
  readonly what: string;
  readonly clauses: Readonly<Partial<Record<DocumentId, readonly string[]>>>;
}

/** Requirements that the auditor must check in another way. */
export const OUT_OF_REACH: readonly OutOfReach[] = [
  {
    what: 'that the room was physically secured, and who could enter it',
    clauses: { etsi: ['GEN-6.5.1-03', 'OVR-6.4.2-02'], br: ['6.1.1.1 all 1'], webtrust: ['3.4'] },
  },
  {
    what: 'that nobody knew the whole of a PIN or passphrase alone (split knowledge)',
    clauses: { br: ['6.1.1.1 all 2'], webtrust: ['4.1'] },
  },
  {
    what: 'that the device is certified, and runs in its certified configuration',
    clauses: { etsi: ['OVR-6.5.2-01', 'OVR-6.5.2-02'], br: ['6.1.1.1 all 3', '6.2.7'], webtrust: ['4.1'] },
  },
  {
    what: "that a witness is a qualified auditor and independent; the auditor's report; a video",
    clauses: { etsi: ['GEN-6.5.1-14'], br: ['6.1.1.1 root 2', '6.1.1.1 root 3'], webtrust: ['4.1'] },
  },
  {
    what: 'that people are who they say, and hold their roles by appointment',
    clauses: { etsi: ['GEN-6.5.1-03'], br: ['6.1.1.1 all 2'], webtrust: ['3.3'] },
  },
];
