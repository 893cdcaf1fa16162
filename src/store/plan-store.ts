import { type Kysely, sql, type Transaction } from 'kysely';
import { asPlanId, type EvseId } from '../domain/ids.js';
import type { Plan } from '../domain/plan.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import type { PlanStore } from '../ports/store.js';
import { timestampOf } from './instants.js';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

/** Whole plans that are kept; of older ones the fleet's curve remains. A plan of 10,000 sessions has ~10 MB. */
const WHOLE_PLANS_KEPT = 20;

export function createPlanStore(db: Kysely<Tables>): PlanStore {
  return {
    async save(plan) {
      const endMs = plan.startMs + plan.netKw.length * plan.slotMinutes * MS_PER_MINUTE;
      const changes = {
        created_at: timestampOf(plan.createdAtMs),
        start_at: timestampOf(plan.startMs),
        end_at: timestampOf(endMs),
        slot_minutes: plan.slotMinutes,
        net_kw: `{${plan.netKw.join(',')}}`,
        plan: JSON.stringify(plan),
      };
      await transact(db, async (transaction) => {
        await transaction
          .insertInto('plans')
          .values({ plan_id: plan.planId, ...changes })
          .onConflict((conflict) => conflict.column('plan_id').doUpdateSet(changes))
          .execute();
        await savePlannedSlots(transaction, plan);
        await sql`update plans set plan = null where plan is not null and plan_id not in (
          select plan_id from plans order by created_at desc, ordinal desc limit ${sql.lit(WHOLE_PLANS_KEPT)}
        )`.execute(transaction);
      });
    },
    async latest() {
      const row = await db
        .selectFrom('plans')
        .select('plan')
        .orderBy('created_at', 'desc')
        .orderBy('ordinal', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.plan ?? undefined;
    },
    async curves({ fromMs, toMs }) {
      const { rows } = await sql<CurveRow>`
        select plan_id, created_at, start_at, slot_minutes, net_kw
        from plans
        where created_at < ${timestampOf(toMs)}::timestamptz and created_at >= coalesce((
          select max(created_at) from plans where created_at <= ${timestampOf(fromMs)}::timestamptz
        ), '-infinity'::timestamptz)
        order by created_at, ordinal`.execute(db);
      return rows.map((row) => ({
        planId: asPlanId(row.plan_id),
        createdAtMs: row.created_at,
        startMs: row.start_at,
        slotMinutes: row.slot_minutes,
        netKw: row.net_kw,
      }));
    },
    plannedNetKw: (fromMs, toMs) => plannedNetKw(db, fromMs, toMs),
    plannedKwOf: (evseIds, fromMs, toMs) => plannedKwOf(db, evseIds, fromMs, toMs),
  };
}

/** Slots per EVSE that one plan leaves on record: the one it was made in, and the next until a newer plan says else. */
const SLOTS_ON_RECORD = 2;

async function savePlannedSlots(transaction: Transaction<Tables>, plan: Plan): Promise<void> {
  const slotMs = plan.slotMinutes * MS_PER_MINUTE;
  const first = Math.max(0, Math.floor((plan.createdAtMs - plan.startMs) / slotMs));
  const rows = plan.sessions.flatMap(({ evseId, firstSlot, netKw }) =>
    Array.from({ length: SLOTS_ON_RECORD }, (_, ahead) => ({
      evse_id: evseId,
      start_at: timestampOf(plan.startMs + (first + ahead) * slotMs),
      slot_minutes: plan.slotMinutes,
      net_kw: netKw[first + ahead - firstSlot] ?? 0,
    })),
  );
  if (rows.length === 0) return;
  await sql`insert into planned_slots (evse_id, start_at, slot_minutes, net_kw)
    select * from json_to_recordset(${JSON.stringify(rows)}::json)
      as record(evse_id text, start_at timestamptz, slot_minutes float8, net_kw float8)
    on conflict (evse_id, start_at) do update set
      slot_minutes = excluded.slot_minutes, net_kw = excluded.net_kw
    where (planned_slots.slot_minutes, planned_slots.net_kw)
      is distinct from (excluded.slot_minutes, excluded.net_kw)`.execute(transaction);
}

async function plannedKwOf(
  db: Kysely<Tables>,
  evseIds: readonly EvseId[],
  fromMs: number,
  toMs: number,
): Promise<PlannedSlot[]> {
  const { rows } = await sql<{ start_at: number; slot_minutes: number; net_kw: number }>`
    select start_at, slot_minutes, sum(net_kw) as net_kw
    from planned_slots
    where evse_id = any(${evseIds}::text[])
      and start_at + make_interval(secs => slot_minutes * 60) > ${timestampOf(fromMs)}::timestamptz
      and start_at < ${timestampOf(toMs)}::timestamptz
    group by start_at, slot_minutes
    order by start_at`.execute(db);
  return withoutOverlaps(
    rows.map((row) => ({ startMs: row.start_at, slotMinutes: row.slot_minutes, netKw: row.net_kw })),
  );
}

interface CurveRow {
  readonly plan_id: string;
  readonly created_at: number;
  readonly start_at: number;
  readonly slot_minutes: number;
  readonly net_kw: number[];
}

interface PlannedSlot {
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly netKw: number;
}

/**
 * For each slot that overlaps [fromMs, toMs) the newest plan that was made before the slot's end.
 * A slot is dropped early when already the next plan in line covers it; the rest is decided by `distinct on`.
 */
async function plannedNetKw(db: Kysely<Tables>, fromMs: number, toMs: number): Promise<PlannedSlot[]> {
  const from = timestampOf(fromMs);
  const to = timestampOf(toMs);
  const { rows } = await sql<{ slot_at: number; slot_minutes: number; net_kw: number }>`
    with lined as (
      select *, make_interval(secs => slot_minutes * 60) as slot,
        lead(created_at) over line as next_created_at,
        lead(start_at) over line as next_start_at,
        lead(end_at) over line as next_end_at
      from plans
      where end_at > ${from}::timestamptz and start_at < ${to}::timestamptz
      window line as (order by created_at, ordinal)
    ), slots as (
      select lined.*, net, start_at + (place - 1) * slot as slot_at
      from lined, unnest(net_kw) with ordinality as curve(net, place)
    )
    select distinct on (slot_at) slot_at, slot_minutes, net as net_kw
    from slots
    where slot_at + slot > ${from}::timestamptz and slot_at < ${to}::timestamptz
      and created_at < slot_at + slot
      and not coalesce(next_created_at < slot_at + slot and next_start_at <= slot_at
        and next_end_at >= slot_at + slot, false)
    order by slot_at, created_at desc, ordinal desc`.execute(db);
  return withoutOverlaps(
    rows.map((row) => ({ startMs: row.slot_at, slotMinutes: row.slot_minutes, netKw: row.net_kw })),
  );
}

/** Plans may have had slots of different lengths: a slot ends where the next one starts. */
function withoutOverlaps(slots: readonly PlannedSlot[]): PlannedSlot[] {
  return slots.map((slot, index) => {
    const next = slots[index + 1];
    if (next === undefined) return slot;
    return {
      ...slot,
      slotMinutes: Math.min(slot.slotMinutes, (next.startMs - slot.startMs) / MS_PER_MINUTE),
    };
  });
}
