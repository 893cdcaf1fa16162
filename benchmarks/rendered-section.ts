import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A part of a page in docs/ that is made from committed results. */
export interface RenderedSection {
  /** Below the repository's root. */
  readonly page: string;
  /** Stands in the page's marks. */
  readonly name: string;
  readonly text: string;
}

const root = new URL('../', import.meta.url);

function marksOf({ name }: RenderedSection): { begin: string; end: string } {
  return { begin: `<!-- results: ${name} -->`, end: `<!-- end of results: ${name} -->` };
}

/** The page with the section between its marks. Throws when the page has no such marks. */
export function withSection(page: string, section: RenderedSection): string {
  const { begin, end } = marksOf(section);
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${section.page}: no marks ${begin}`);
  return `${before}${begin}\n\n${section.text.trim()}\n\n${end}${after}`;
}

export function readPage(page: string): string {
  return readFileSync(new URL(page, root), 'utf8');
}

export function writeSection(section: RenderedSection): void {
  writeFileSync(fileURLToPath(new URL(section.page, root)), withSection(readPage(section.page), section));
}
