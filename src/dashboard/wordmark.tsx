/** Name and sign: one wave comes, one goes. */
export function Wordmark() {
  return (
    <span class="wordmark">
      <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
        <path class="wave-in" d="M3 12c4.3-7 8.7-7 13 0s8.7 7 13 0" />
        <path class="wave-out" d="M3 20c4.3 7 8.7 7 13 0s8.7-7 13 0" />
      </svg>
      Ebbflow
    </span>
  );
}
