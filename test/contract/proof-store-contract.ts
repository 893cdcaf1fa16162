import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { asEvseId, asTransactionId } from '../../src/domain/ids.js';
import type { LedgerEntry } from '../../src/domain/ledger.js';
import { linkAfter, linkFault, type ProofDraft, type ProofLink } from '../../src/domain/proof.js';
import type { Store } from '../../src/ports/store.js';
import {
  MINUTE_MS,
  samplePlan,
  sampleProfile,
  sampleReading,
  sampleRecord,
  uniqueName,
} from '../support/store-samples.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What every store owes the engine about the chain of proofs, its evidence, and the ledger. */
export function describeProofStore(opened: () => Store): void {
  describe('the chain of proofs', () => {
    const add = (...drafts: readonly ProofDraft[]) =>
      opened().proofs.append((last) => {
        const links: ProofLink[] = [];
        for (const draft of drafts)
          links.push(linkAfter(links.at(-1) ?? last, draft, Date.UTC(2026, 0), sha256));
        return links;
      });
    const draftOf = (subject: string, body = '{"a":"ä"}'): ProofDraft => ({ kind: 'order', subject, body });

    it('gives back what was added, byte for byte, by number and by subject', async () => {
      const { proofs } = opened();
      const subject = uniqueName('d_%');
      const added = await add(draftOf(subject), draftOf(`${subject}/zero`), draftOf(`${subject}x`));
      expect(await proofs.after(added[0]!.seq - 1, 2)).toEqual(added.slice(0, 2));
      expect(await proofs.of('order', subject)).toEqual(added.slice(0, 2));
      expect(await proofs.of('report', subject)).toEqual([]);
      expect(await proofs.after(added[2]!.seq, 10)).toEqual([]);
    });

    it('stays one chain when many add to it at once', async () => {
      const before = await add(draftOf(uniqueName('d')));
      await Promise.all(
        Array.from({ length: 12 }, () => add(draftOf(uniqueName('d')), draftOf(uniqueName('d')))),
      );
      const links = [before[0]!, ...(await opened().proofs.after(before[0]!.seq, 100))];
      expect(links).toHaveLength(25);
      const faults = links.slice(1).map((link, index) => linkFault(links[index], link, sha256));
      expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
    });

    it('adds nothing when its maker fails', async () => {
      const [last] = await add(draftOf(uniqueName('d')));
      await expect(
        opened().proofs.append(() => {
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await opened().proofs.after(last!.seq, 1)).toEqual([]);
    });

    it('keeps the stations’ words as evidence, and the first of the same', async () => {
      const start = Date.UTC(2044, 0, 1);
      const evseId = asEvseId(`${uniqueName('cs')}/1`);
      const word = (revision: number, atMs: number, validToMs: number) => ({
        evseId,
        revision,
        outcome: { status: 'accepted' as const },
        atMs,
        profile: { ...sampleProfile(evseId, revision), validToMs },
      });
      const words = [
        word(1, start, start + 10),
        word(2, start + 5, start + 20),
        word(10, start + 15, start + 30),
      ];
      await opened().proofs.noteProfiles(words.toReversed());
      await opened().proofs.noteProfiles([{ ...words[0]!, outcome: { status: 'rejected', reason: 'late' } }]);
      const noted = (fromMs: number, toMs: number) => opened().proofs.notedProfiles({ fromMs, toMs });
      expect(await noted(start, start + 100)).toEqual(words);
      expect(await noted(start + 10, start + 15)).toEqual([words[1]]);
    });
  });

  describe('evidence', () => {
    it('is the curves of the plans in force: the newest before, and all made in between', async () => {
      const { plans } = opened();
      const start = Date.UTC(2045, 0, 1);
      const made = [0, 10, 20, 30].map((minutes) =>
        samplePlan(start + minutes * MINUTE_MS, start, [minutes]),
      );
      for (const plan of made) await plans.save(plan);
      const found = await plans.curves({ fromMs: start + 15 * MINUTE_MS, toMs: start + 30 * MINUTE_MS });
      expect(found).toEqual(
        [made[1]!, made[2]!].map(({ planId, createdAtMs, startMs, slotMinutes, netKw }) => ({
          planId,
          createdAtMs,
          startMs,
          slotMinutes,
          netKw,
        })),
      );
    });

    it('is the readings of a time with the receipt of their event', async () => {
      const { sessions } = opened();
      const base = Date.UTC(2046, 0, 1);
      const record = sampleRecord(uniqueName('tx'), 3);
      const readings = [-1, 0, 5, 10, 11].map((minutes) => sampleReading(base + minutes * MINUTE_MS, 1000));
      await sessions.recordEvent({
        ...record,
        event: { ...record.event, readings },
        receivedAtMs: base + 20 * MINUTE_MS,
      });
      const found = await sessions.receivedReadings({ fromMs: base, toMs: base + 10 * MINUTE_MS });
      const { transactionId } = record.session;
      expect(found).toEqual(
        readings.slice(1, 4).map((reading) => ({
          transactionId,
          seqNo: 3,
          receivedAtMs: base + 20 * MINUTE_MS,
          reading,
        })),
      );
    });
  });

  describe('the ledger', () => {
    const entryOf = (transactionId: string, startMs: number): LedgerEntry => ({
      kind: 'first',
      subject: 'line',
      runId: uniqueName('run'),
      atMs: startMs,
      transactionId: asTransactionId(transactionId),
      evseId: asEvseId('cs-1/1'),
      siteId: null,
      startMs,
      currency: 'EUR',
      importWh: 10,
      exportWh: 0,
      amounts: { 'import.energy': 3 },
      rests: 'market',
    });

    /** Seals what was booked as the run of its first entry. */
    const seal = (entries: readonly LedgerEntry[], last: ProofLink | undefined) =>
      linkAfter(
        last,
        { kind: 'settlement', subject: entries[0]!.runId, body: '{}' },
        Date.UTC(2026, 0),
        sha256,
      );

    it('books a run and its link together or not at all, and knows runs that have none', async () => {
      const { ledger, proofs } = opened();
      const tx = uniqueName('tx');
      const ids = [asTransactionId(tx)];
      const [sealed, stray] = [
        entryOf(tx, Date.UTC(2049, 0, 1)),
        entryOf(tx, Date.UTC(2049, 0, 1) + 900_000),
      ];
      const failing = () => {
        throw new Error('no');
      };
      await expect(ledger.book(ids, () => [sealed], failing)).rejects.toThrow('no');
      expect(await ledger.ofRun(sealed.runId)).toEqual([]);
      await ledger.book(ids, () => [sealed, stray], seal);
      expect((await proofs.of('settlement', sealed.runId)).map(({ body }) => body)).toEqual(['{}']);
      const unsealed = await ledger.unsealedRuns();
      expect(unsealed).toContain(stray.runId);
      expect(unsealed).not.toContain(sealed.runId);
      await ledger.book(ids, () => [], failing);
    });

    it('gives back what was booked, in the order of booking, by time, by run and by transaction', async () => {
      const { ledger } = opened();
      const start = Date.UTC(2047, 0, 1);
      const [one, other] = [uniqueName('tx'), uniqueName('tx')];
      const entries = [entryOf(one, start + 10), entryOf(other, start), entryOf(one, start + 20)];
      const ids = [asTransactionId(one), asTransactionId(other)];
      expect(await ledger.book(ids, (known) => [...known, ...entries], seal)).toEqual(entries);
      expect(await ledger.entries({ fromMs: start, toMs: start + 20 })).toEqual(entries.slice(0, 2));
      expect(await ledger.ofRun(entries[1]!.runId)).toEqual([entries[1]]);
      let known: readonly LedgerEntry[] = [];
      await ledger.book(
        [asTransactionId(one)],
        (found) => {
          known = found;
          return [];
        },
        seal,
      );
      expect(known).toEqual([entries[0], entries[2]]);
    });

    it('lets runs of the same sessions see each other, so that nothing is booked twice', async () => {
      const { ledger } = opened();
      const tx = uniqueName('tx');
      const start = Date.UTC(2048, 0, 1);
      const runs = Array.from({ length: 8 }, () =>
        ledger.book([asTransactionId(tx)], (known) => (known.length > 0 ? [] : [entryOf(tx, start)]), seal),
      );
      expect((await Promise.all(runs)).flat()).toHaveLength(1);
      expect(await ledger.entries({ fromMs: start, toMs: start + 1 })).toHaveLength(1);
    });

    it('keeps the newest document of each id and kind', async () => {
      const { ledger } = opened();
      const id = uniqueName('tariff');
      const validity = { version: 1 as const, currency: 'EUR', timeZone: 'UTC', validFrom: '2026-01-01' };
      const tariff = { ...validity, id, importParts: [], exportParts: [] };
      await ledger.saveDocument('tariff', { ...tariff, title: 'old' }, 0);
      await ledger.saveDocument('tariff', tariff, 0);
      const driverFraction = { capacity: 0, activation: 0, arbitrage: 0 };
      const contract = { ...validity, id, wearPerKwh: 0, driverFraction, activationPerKwh: 0 };
      await ledger.saveDocument('contract', contract, 0);
      expect((await ledger.documents('tariff')).filter((one) => one.id === id)).toEqual([tariff]);
      expect((await ledger.documents('contract')).filter((one) => one.id === id)).toEqual([contract]);
    });
  });
}
