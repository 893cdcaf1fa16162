import { invalidInput } from '../domain/errors.js';

/** An XML element as fast-xml-parser gives it: children by name; a leaf is its text. */
export type Element = Readonly<Record<string, unknown>>;

/** Child elements of that name, in document order; an empty or text-only child counts as without children. */
export function childrenAt(parent: Element, name: string): Element[] {
  const value = parent[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((child: unknown) =>
    typeof child === 'object' && child !== null ? { ...child } : {},
  );
}

/**
 * Text of the one leaf of that name, undefined when there is none or it is empty; INVALID_INPUT at `path.name`
 * when there is more than one, or it holds elements.
 */
export function optionalTextAt(parent: Element, name: string, path: string): string | undefined {
  const value = parent[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  const fault = Array.isArray(value) ? 'it is there more than once' : 'expected a text, got elements';
  throw invalidInput(`${path}.${name}`, fault);
}

/** The same for a leaf that must be there. */
export function textAt(parent: Element, name: string, path: string): string {
  const text = optionalTextAt(parent, name, path);
  if (text === undefined) throw invalidInput(`${path}.${name}`, 'missing');
  return text;
}
