// One picture a product, by slug. The names come from here, the files from art/render.mjs.
import beaconLamp from './beacon-lamp.png';
import budVaseTrio from './bud-vase-trio.png';
import coveDinnerBowl from './cove-dinner-bowl.png';
import driftBowl from './drift-bowl.png';
import eddyTumbler from './eddy-tumbler.png';
import harbourTeapot from './harbour-teapot.png';
import heronVase from './heron-vase.png';
import kelpPlanter from './kelp-planter.png';
import lanternEspresso from './lantern-espresso.png';
import larderJar from './larder-jar.png';
import marramServingBowl from './marram-serving-bowl.png';
import moonJar from './moon-jar.png';
import pebblePinchPots from './pebble-pinch-pots.png';
import pierCandlestick from './pier-candlestick.png';
import saltmarshBottle from './saltmarsh-bottle.png';
import shoalSidePlates from './shoal-side-plates.png';
import skerryMug from './skerry-mug.png';
import tidalPlate from './tidal-plate.png';

const pictures: Readonly<Record<string, string>> = {
  'beacon-lamp': beaconLamp,
  'bud-vase-trio': budVaseTrio,
  'cove-dinner-bowl': coveDinnerBowl,
  'drift-bowl': driftBowl,
  'eddy-tumbler': eddyTumbler,
  'harbour-teapot': harbourTeapot,
  'heron-vase': heronVase,
  'kelp-planter': kelpPlanter,
  'lantern-espresso': lanternEspresso,
  'larder-jar': larderJar,
  'marram-serving-bowl': marramServingBowl,
  'moon-jar': moonJar,
  'pebble-pinch-pots': pebblePinchPots,
  'pier-candlestick': pierCandlestick,
  'saltmarsh-bottle': saltmarshBottle,
  'shoal-side-plates': shoalSidePlates,
  'skerry-mug': skerryMug,
  'tidal-plate': tidalPlate,
};

export function pictureOf(slug: string): string {
  const url = pictures[slug];
  if (url === undefined) throw new Error(`there is no picture of ${slug}`);
  return url;
}
