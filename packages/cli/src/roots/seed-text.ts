const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A number of bytes for people: `2.1 GiB`. */
export function size(bytes: bigint): string {
  let value = Number(bytes);
  let unit = 0;
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${unit > 0 && value < 100 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** A whole number with its thousands apart: `31,254`. */
export function amount(number: bigint): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
