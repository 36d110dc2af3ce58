import { countBy } from 'lodash-es';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { PageHead } from '@/components/layout/PageHead';
import { GlazeSwatch, ProductGrid } from '@/components/product';
import { Button } from '@/components/ui';
import { type Category, categories, emptyQuery, glazes, paramsFromQuery, products, type Query, queryFromParams, search, type Sorting, sortings } from '@/domain';

const counts: Record<string, number> = countBy(products, 'category');
const kinds: [Category | 'all', string, number][] = [['all', 'Everything', products.length], ...Object.entries(categories).map(([id, name]): [Category, string, number] => [id as Category, name, counts[id] ?? 0])];

export default function Shop() {
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => queryFromParams(params), [params]);
  const found = useMemo(() => search(products, query), [query]);
  const change = (part: Partial<Query>) => setParams(paramsFromQuery({ ...query, ...part }), { replace: true });
  const toggle = <T,>(list: readonly T[], item: T) => (list.includes(item) ? list.filter((other) => other !== item) : [...list, item]);

  return (
    <>
      <PageHead title={query.category === 'all' ? 'All pieces' : categories[query.category]} eyebrow="The shop">
        {query.text ? `What we have for “${query.text}”.` : 'Thrown in small numbers. When a shelf is empty, the next kiln fills it.'}
      </PageHead>
      <div className="shop">
        <aside className="filters" aria-label="Filters">
          <div>
            <h3>Kind</h3>
            <div className="filters__list">
              {kinds.map(([id, name, count]) => (
                <button key={id} type="button" aria-pressed={query.category === id} onClick={() => change({ category: id })}>
                  {name} <span>{count}</span>
                </button>
              ))}
            </div>
          </div>
          <div>
            <h3>Glaze</h3>
            <div className="swatches">
              {glazes.map((glaze) => (
                <GlazeSwatch key={glaze.id} glaze={glaze} pressed={query.glazes.includes(glaze.id)} onToggle={() => change({ glazes: toggle(query.glazes, glaze.id) })} />
              ))}
            </div>
          </div>
          <label className="check">
            <input type="checkbox" checked={query.inStock} onChange={(event) => change({ inStock: event.target.checked })} /> Only what is on the shelf
          </label>
        </aside>
        <section>
          <div className="shop__bar">
            <span data-testid="count">
              {found.length} {found.length === 1 ? 'piece' : 'pieces'}
            </span>
            <select aria-label="Sort" value={query.sort} onChange={(event) => change({ sort: event.target.value as Sorting })}>
              {Object.entries(sortings).map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          {found.length > 0 ? (
            <ProductGrid products={found} />
          ) : (
            <div className="empty">
              <h2>An empty shelf.</h2>
              <p className="lead">Nothing here answers to that. Yet.</p>
              <Button look="quiet" onClick={() => change(emptyQuery)}>
                Show everything
              </Button>
            </div>
          )}
        </section>
      </div>
    </>
  );
}
