import coastUrl from '@/assets/coast.svg';
import { PageHead } from '@/components/layout/PageHead';
import { GlazeDot } from '@/components/product';
import { glazes } from '@/domain';
import { buildFacts } from '@/lib';

export default function About() {
  const facts = [
    ['Version', buildFacts.version],
    ['Mode', buildFacts.mode],
    ['Kind', buildFacts.kind],
    ['This module', new URL(import.meta.url).pathname.split('/').at(-1) ?? ''],
  ] as const;
  return (
    <>
      <PageHead title="Behind the dunes" eyebrow="The pottery" />
      <section className="about">
        <img src={coastUrl} alt="The pottery on its dune" width={560} height={360} data-testid="coast" />
        <div className="lead">
          <p>Three of us work in a former lifeboat house. The clay comes from the flats in front of it, the reeds for the ash from the marsh behind it, and the salt from the water on three sides.</p>
          <p>We fire with wood that the storms bring. At 1280 degrees the salt goes in; the vapour finds the clay and leaves a skin on it. After two days we brick the door open and see what we have.</p>
          <p>Things that sell well we make again. Things that do not, we keep: somebody has to eat from them.</p>
        </div>
      </section>
      <section className="band">
        <div className="band__head">
          <h2>Nine glazes</h2>
        </div>
        <ul className="glaze-grid">
          {glazes.map((glaze) => (
            <li key={glaze.id} className="sheet glaze-card">
              <GlazeDot glaze={glaze} large />
              <div>
                <h3>{glaze.name}</h3>
                <p>{glaze.note}</p>
              </div>
            </li>
          ))}
        </ul>
      </section>
      <section className="band sheet">
        <h3 style={{ marginBottom: 14 }}>How this page was made</h3>
        <dl className="build" data-testid="build">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd data-fact={name}>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
