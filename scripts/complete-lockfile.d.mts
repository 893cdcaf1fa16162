export interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export interface MissingEntry {
  readonly location: string;
  readonly entry: LockEntry;
}

export function platformOf(packageName: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> | undefined;
export function missingEntries(lock: LockFile): MissingEntry[];
export function completed(lock: LockFile, missing: readonly MissingEntry[]): LockFile;
