/** An A44 document as ENTSO-E writes it, with made-up prices. */
export function a44(series: readonly A44Series[], type = 'A44'): string {
  const timeSeries = series.map(
    ({
      start,
      end,
      resolution,
      points,
      sequence,
      curve = 'A03',
      currency = 'EUR',
      domain = '10YBE----------2',
    }) => `
    <TimeSeries>
      <in_Domain.mRID codingScheme="A01">${domain}</in_Domain.mRID>
      <out_Domain.mRID codingScheme="A01">${domain}</out_Domain.mRID>
      <currency_Unit.name>${currency}</currency_Unit.name>
      <price_Measure_Unit.name>MWH</price_Measure_Unit.name>
      ${sequence === undefined ? '' : `<classificationSequence_AttributeInstanceComponent.position>${sequence}</classificationSequence_AttributeInstanceComponent.position>`}
      ${curve === null ? '' : `<curveType>${curve}</curveType>`}
      <Period>
        <timeInterval><start>${start}</start><end>${end}</end></timeInterval>
        <resolution>${resolution}</resolution>
        ${points.map(([position, price]) => `<Point><position>${position}</position><price.amount>${price}</price.amount></Point>`).join('')}
      </Period>
    </TimeSeries>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
  <Publication_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3">
    <type>${type}</type>${timeSeries.join('')}
  </Publication_MarketDocument>`;
}

export interface A44Series {
  readonly start: string;
  readonly end: string;
  readonly resolution: string;
  readonly points: readonly (readonly [position: number | string, price: number | string])[];
  readonly sequence?: number;
  /** null: the document names none. */
  readonly curve?: string | null;
  readonly currency?: string;
  readonly domain?: string;
}

/** Our CSV of rows `start,resolution,price`. */
export function csv(...rows: readonly string[]): string {
  return `${['start_utc,resolution_min,price_eur_mwh', ...rows].join('\n')}\n`;
}
