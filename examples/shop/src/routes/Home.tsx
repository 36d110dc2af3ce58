import { format, parseISO } from 'date-fns';
import { Link } from 'react-router';
import { pictureOf } from '@/assets/products';
import { Price, ProductGrid } from '@/components/product';
import { ButtonLink } from '@/components/ui';
import journal from '@/data/journal.json';
import { collections, emptyQuery, productBySlug, products, search } from '@/domain';
import { useLocale } from '@/hooks';

const hero = new URL('../assets/hero.png', import.meta.url).href;

const facts = [
  ['1280 °C', 'and a handful of salt at the end'],
  ['41', 'kiln loads since the first one leaned'],
  ['3', 'people, six hands, one dog'],
  ['0 g', 'plastic in the parcel: straw and paper'],
] as const;

export function Home() {
  const locale = useLocale();
  const newest = search(products, { ...emptyQuery, inStock: true }).slice(0, 4);
  const teapot = productBySlug('harbour-teapot');
  return (
    <>
      <title>Saltglaze · Stoneware from the shore</title>
      <section className="hero">
        <h1>Pots for the table, thrown by the sea.</h1>
        <div className="hero__side">
          <p className="lead">We dig the clay at low tide, throw it thin and fire it with salt. What comes out holds soup, flowers and forty years.</p>
          <div className="hero__actions">
            <ButtonLink to="/shop">See all pieces</ButtonLink>
            <ButtonLink to="/about" look="quiet">
              How we work
            </ButtonLink>
          </div>
        </div>
        <div className="hero__picture">
          <img src={hero} alt="Eight glazed pots on a table in the morning light" width={1600} height={900} data-testid="hero" />
          {teapot && (
            <Link to={`/shop/${teapot.slug}`} className="hero__card">
              <img src={pictureOf(teapot.slug)} alt="" />
              <span>
                <strong>{teapot.name}</strong>
                New in kiln 41 · <Price of={teapot.price} />
              </span>
            </Link>
          )}
        </div>
      </section>

      <dl className="facts">
        {facts.map(([number, text]) => (
          <div key={number}>
            <dt>{number}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>

      <section className="band">
        <div className="band__head">
          <h2>Out of the last firing</h2>
          <Link to="/shop" className="button button--text">
            Everything
          </Link>
        </div>
        <ProductGrid products={newest} columns={4} />
      </section>

      <section className="band story" data-testid="story">
        <h2>The fire decides.</h2>
        <p>For thirty hours we feed the kiln, and at the end we throw in the salt. Nobody can say where it will settle. That is why no two pieces here are alike, and why we open the door slowly.</p>
      </section>

      <section className="band">
        <div className="band__head">
          <h2>Three ways in</h2>
        </div>
        <div className="collection-row">
          {collections.map((collection) => {
            const [first] = collection.products;
            return (
              <Link key={collection.id} to={first ? `/shop/${first.slug}` : '/shop'} className="sheet collection-card">
                <div>
                  <h3>{collection.name}</h3>
                  <p>
                    {collection.line} <br />
                    {collection.products.length} pieces
                  </p>
                </div>
                {first && <img src={pictureOf(first.slug)} alt="" />}
              </Link>
            );
          })}
        </div>
      </section>

      <section className="band">
        <div className="band__head">
          <h2>From the journal</h2>
        </div>
        <div className="journal">
          {journal.entries.map(({ date, title, line }) => (
            <article key={date} className="sheet">
              <time dateTime={date}>{format(parseISO(date), 'd MMMM yyyy', { locale })}</time>
              <h3>{title}</h3>
              <p className="lead">{line}</p>
            </article>
          ))}
        </div>
      </section>
    </>
  );
}
