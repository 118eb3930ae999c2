/** A number that was written with a fraction or an exponent: Go keeps it apart from an integer of the same value. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What a text of a spec holds, before it is known what it should hold. A `number` is a safe integer. */
export type Tree =
  | string
  | number
  | bigint
  | boolean
  | null
  | Float
  | readonly Tree[]
  | { readonly [member: string]: Tree };

/** A number as Go writes a float32 with the verb `g`: what sigs.k8s.io/yaml makes of a number where a text belongs. */
export function goFloatText({ value }: Float): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(Math.fround(value))) return value > 0 ? '+Inf' : '-Inf';
  const single = Math.fround(value);
  let digits = 1;
  while (Math.fround(Number(value.toExponential(digits - 1))) !== single) digits += 1;
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  // strconv/ftoa.go: the shortest form has an exponent below -4 and from 6 on.
  if (power >= -4 && power < 6) return plainDecimal(mantissa, power);
  const sign = power < 0 ? '-' : '+';
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}

function plainDecimal(mantissa: string, power: number): string {
  const [, sign = '', first = '', rest = ''] = /^(-?)(\d)\.?(\d*)$/.exec(mantissa) ?? [];
  const digits = first + rest;
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, '0');
  const fraction = digits.slice(power + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}
