import { InvalidArgumentError } from 'commander';

/** Option parser for a number within bounds; commander reports the fault with the option's name. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < least || value > most) {
      throw new InvalidArgumentError(`must be a number from ${least} to ${most}.`);
    }
    return value;
  };
}

export function integerBetween(least: number, most: number): (text: string) => number {
  const parse = numberBetween(least, most);
  return (text) => {
    const value = parse(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('must be a whole number.');
    return value;
  };
}
