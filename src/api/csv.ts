/** RFC 4180: a header, CRLF line ends, an empty field for what is not known. */
export function csvOf(
  columns: readonly string[],
  rows: readonly (readonly (string | number | boolean | null)[])[],
): string {
  return [columns.join(','), ...rows.map((row) => row.map(csvField).join(',')), ''].join('\r\n');
}

function csvField(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
