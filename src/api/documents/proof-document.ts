import Type, { type Static } from 'typebox';
import type { ProofLink } from '../../domain/proof.js';
import type { ProofVerdict } from '../../ports/use-cases.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableRef, nullableText, refTo } from '../named-schema.js';

export const ProofLinkSchema = named(
  'ProofLink',
  {
    seq: Type.Integer({ description: 'Number in the chain, from 1 on, without a gap.' }),
    kind: Type.String(),
    subject: Type.String(),
    at: instant(),
    body: Type.String({ description: 'Canonical JSON (RFC 8785), byte for byte what was hashed.' }),
    bodyHash: Type.String({ description: 'SHA-256 of the body, hex.' }),
    previousHash: Type.String({ description: 'Hash of the link before; 64 zeros for the first.' }),
    hash: Type.String({
      description:
        'SHA-256 of the canonical JSON of { seq, kind, subject, atMs, bodyHash, previousHash }, atMs in epoch milliseconds.',
    }),
  },
  'One record of the append-only chain of proofs.',
);

export const ProofsSchema = named('Proofs', { proofs: Type.Array(refTo(ProofLinkSchema)) });

const BrokenProofSchema = named('BrokenProof', {
  seq: Type.Integer(),
  kind: nullableText(),
  subject: nullableText(),
  fault: Type.String({ description: 'Names the field or the evidence.' }),
});

export const ProofVerdictSchema = named('ProofVerdict', {
  links: Type.Integer({ description: 'Links that hold, from the first on.' }),
  head: nullableText('Hash of the last of them.'),
  broken: nullableRef(BrokenProofSchema),
});

export const PROOF_SCHEMAS = [ProofLinkSchema, ProofsSchema, BrokenProofSchema, ProofVerdictSchema];

export function proofDocument({ atMs, ...link }: ProofLink): Static<typeof ProofLinkSchema> {
  return { ...link, at: formatInstant(atMs) };
}

export function verdictDocument({ broken, ...verdict }: ProofVerdict): Static<typeof ProofVerdictSchema> {
  return { ...verdict, broken: broken === null ? null : { ...broken } };
}
