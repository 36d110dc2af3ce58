import data from '@/data/glazes.json';

export type GlazeId = keyof typeof data;

export interface Glaze {
  readonly id: GlazeId;
  readonly name: string;
  readonly hex: string;
  readonly note: string;
}

/** What a piece may be used for; a product carries the sum of its bits. */
export enum Trait {
  None = 0,
  FoodSafe = 1 << 0,
  Dishwasher = 1 << 1,
  Oven = 1 << 2,
  FrostProof = 1 << 3,
  Tableware = FoodSafe | Dishwasher | Oven,
}

const names = new Map<Trait, string>([
  [Trait.FoodSafe, 'Food safe'],
  [Trait.Dishwasher, 'Dishwasher safe'],
  [Trait.Oven, 'Oven to 220 °C'],
  [Trait.FrostProof, 'Frost-proof'],
]);

export function traitNames(traits: Trait): string[] {
  if (traits === Trait.None) return ['Decorative'];
  return [...names].filter(([bit]) => (traits & bit) !== 0).map(([, name]) => name);
}

export const glazes: readonly Glaze[] = Object.entries(data).map(([id, rest]) => ({ id: id as GlazeId, ...rest }));

export function glazeById(id: GlazeId): Glaze {
  return { id, ...data[id] };
}
