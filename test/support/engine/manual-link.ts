import type { CompositeAnswer } from '../../../src/domain/composite-schedule.js';
import type { EvseId, StationId, TransactionId } from '../../../src/domain/ids.js';
import type { DesiredProfile, ProfileOutcome } from '../../../src/domain/profile.js';
import type { DeviceVariable, EvseCapability } from '../../../src/domain/station.js';
import type { StationCommand } from '../../../src/domain/station-command.js';
import type {
  ProfileReadBack,
  StationLink,
  VariableRead,
  VariableWrite,
  VariableWriteResult,
} from '../../../src/ports/station-link.js';

/** One thing that the engine asked of a station, in the order of asking. */
export type LinkCall =
  | { readonly kind: 'profile'; readonly profile: DesiredProfile; readonly capability: EvseCapability }
  | { readonly kind: 'command'; readonly stationId: StationId; readonly command: StationCommand }
  | { readonly kind: 'clear'; readonly evseId: EvseId }
  | { readonly kind: 'read-back'; readonly evseId: EvseId }
  | { readonly kind: 'composite'; readonly evseId: EvseId; readonly durationS: number }
  | { readonly kind: 'default'; readonly evseId: EvseId; readonly limitKw: number }
  | { readonly kind: 'max'; readonly stationId: StationId; readonly limitKw: number }
  | { readonly kind: 'inventory'; readonly stationId: StationId }
  | { readonly kind: 'read'; readonly stationId: StationId; readonly reads: readonly VariableRead[] }
  | { readonly kind: 'write'; readonly stationId: StationId; readonly writes: readonly VariableWrite[] }
  | { readonly kind: 'disconnect'; readonly stationId: StationId };

/** Stations that take what they are told, unless the test puts another answer in. */
export interface ManualLink extends StationLink {
  readonly calls: LinkCall[];
  readonly online: Set<StationId>;
  onProfile: (profile: DesiredProfile) => Promise<ProfileOutcome>;
  onDefault: (evseId: EvseId) => Promise<ProfileOutcome>;
  onMax: () => Promise<ProfileOutcome>;
  onTransactionStatus: (
    transactionId: TransactionId,
  ) => 'events-waiting' | 'no-events-waiting' | 'not-supported';
  onReadBack: (evseId: EvseId) => ProfileReadBack;
  onComposite: (evseId: EvseId, durationS: number) => Promise<CompositeAnswer>;
  onInventory: (stationId: StationId) => Promise<'accepted' | 'not-supported'>;
  onWrite: (write: VariableWrite) => VariableWriteResult['status'];
  /** What the station says when its variables are read. */
  variables: DeviceVariable[];
  /** Profiles sent to one EVSE, oldest first. */
  profilesTo(evseId: EvseId): DesiredProfile[];
}

export function createManualLink(): ManualLink {
  const calls: LinkCall[] = [];
  const online = new Set<StationId>();
  const link: ManualLink = {
    calls,
    online,
    onProfile: async () => ({ status: 'accepted' }),
    onDefault: async () => ({ status: 'accepted' }),
    onMax: async () => ({ status: 'accepted' }),
    onTransactionStatus: () => 'no-events-waiting',
    onReadBack(evseId) {
      const last = link.profilesTo(evseId).at(-1);
      if (last === undefined) return { kind: 'none' };
      const { transactionId, revision } = last;
      return { kind: 'found', transactionId, revision, isDynamic: false };
    },
    onComposite: async () => ({ kind: 'not-told', detail: 'NotSupported' }),
    onInventory: async () => 'accepted',
    onWrite: () => 'Accepted',
    variables: [],
    profilesTo: (evseId) =>
      calls.flatMap((call) =>
        call.kind === 'profile' && call.profile.evseId === evseId ? [call.profile] : [],
      ),
    isOnline: (stationId) => online.has(stationId),
    onlineCount: () => online.size,
    applyProfile(profile, capability) {
      calls.push({ kind: 'profile', profile, capability });
      return link.onProfile(profile);
    },
    async stopSteering({ evseId }) {
      calls.push({ kind: 'clear', evseId });
    },
    async readBack(evseId) {
      calls.push({ kind: 'read-back', evseId });
      return link.onReadBack(evseId);
    },
    compositeSchedule(evseId, durationS) {
      calls.push({ kind: 'composite', evseId, durationS });
      return link.onComposite(evseId, durationS);
    },
    async clearProfile(evseId) {
      calls.push({ kind: 'clear', evseId });
    },
    installDefault(evseId, limitKw) {
      calls.push({ kind: 'default', evseId, limitKw });
      return link.onDefault(evseId);
    },
    installStationMax(stationId, limitKw) {
      calls.push({ kind: 'max', stationId, limitKw });
      return link.onMax();
    },
    async transactionStatus(_stationId, transactionId) {
      return link.onTransactionStatus(transactionId);
    },
    async command(stationId, command) {
      calls.push({ kind: 'command', stationId, command });
      return { status: 'Accepted' };
    },
    requestInventory(stationId) {
      calls.push({ kind: 'inventory', stationId });
      return link.onInventory(stationId);
    },
    async readVariables(stationId, reads) {
      calls.push({ kind: 'read', stationId, reads });
      return link.variables;
    },
    async writeVariables(stationId, writes) {
      calls.push({ kind: 'write', stationId, writes });
      return writes.map((write) => ({ ...write, status: link.onWrite(write) }));
    },
    disconnect(stationId) {
      calls.push({ kind: 'disconnect', stationId });
      online.delete(stationId);
    },
  };
  return link;
}
