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
    for (let i = j + 1; i < n; i += 1) {
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
