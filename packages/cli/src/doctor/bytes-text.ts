const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** A number of bytes as people read it, rounded down: `1.5 GiB`. */
export function bytesText(bytes: bigint): string {
  let unit = 0;
  let divisor = 1n;
  while (bytes >= divisor * 1024n && unit < UNITS.length - 1) {
    divisor *= 1024n;
    unit += 1;
  }
  const tenths = (bytes * 10n) / divisor;
  const rest = tenths % 10n;
  const isPlain = unit === 0 || tenths >= 1000n || rest === 0n;
  return `${tenths / 10n}${isPlain ? '' : `.${rest}`} ${UNITS[unit]}`;
}
