/**
 * Dense Cholesky factorisation in place: the lower triangle of the n × n row-major matrix becomes L with
 * A = L·Lᵀ. A pivot that rounding has driven to zero or below is replaced by a huge one, which sets the
 * corresponding unknown to zero.
 */
export function factorise(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j += 1) {
    const rowJ = j * n;
    let pivot = a[rowJ + j] as number;
    const original = pivot;
    for (let k = 0; k < j; k += 1) pivot -= (a[rowJ + k] as number) ** 2;
    const root = pivot > 1e-14 * Math.abs(original) && pivot > 0 ? Math.sqrt(pivot) : 1e64;
    a[rowJ + j] = root;
    let i = j + 1;
    // Four rows at once: their sums do not wait for one another.
    for (; i + 3 < n; i += 4) {
      const [row1, row2, row3, row4] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
      let sum1 = a[row1 + j] as number;
      let sum2 = a[row2 + j] as number;
      let sum3 = a[row3 + j] as number;
      let sum4 = a[row4 + j] as number;
      for (let k = 0; k < j; k += 1) {
        const other = a[rowJ + k] as number;
        sum1 -= (a[row1 + k] as number) * other;
        sum2 -= (a[row2 + k] as number) * other;
        sum3 -= (a[row3 + k] as number) * other;
        sum4 -= (a[row4 + k] as number) * other;
      }
      a[row1 + j] = sum1 / root;
      a[row2 + j] = sum2 / root;
      a[row3 + j] = sum3 / root;
      a[row4 + j] = sum4 / root;
    }
    for (; i < n; i += 1) {
      const rowI = i * n;
      let sum = a[rowI + j] as number;
      for (let k = 0; k < j; k += 1) sum -= (a[rowI + k] as number) * (a[rowJ + k] as number);
      a[rowI + j] = sum / root;
    }
  }
}

/** Solves L·x = b in place. */
export function solveLower(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i += 1) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k += 1) sum -= (l[i * n + k] as number) * (x[k] as number);
    x[i] = sum / (l[i * n + i] as number);
  }
}

/** Solves Lᵀ·x = b in place. */
export function solveUpper(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = x[i] as number;
    for (let k = i + 1; k < n; k += 1) sum -= (l[k * n + i] as number) * (x[k] as number);
    x[i] = sum / (l[i * n + i] as number);
  }
}
