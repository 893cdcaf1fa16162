/** Text that is HTML already; everything else is escaped where it is put in. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Html[];

/** HTML of a template: what is put in is escaped, in text and in double-quoted attributes alike, but for Html itself. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.reduce((all, text, index) => all + partOf(parts[index - 1] ?? '') + text));
}

function partOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'number' || typeof part === 'string') return escapeHtml(String(part));
  return part.map(({ text }) => text).join('\n');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
