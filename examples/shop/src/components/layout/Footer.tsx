import { getYear } from 'date-fns';
import { Link } from 'react-router';
import { categories } from '@/domain';
import { buildFacts } from '@/lib';

export function Footer() {
  return (
    <>
      <div className="wave" role="presentation" />
      <footer className="site-footer">
        <div className="site-footer__row">
          <div>
            <span className="brand">Saltglaze</span>
            <p style={{ marginTop: 10, maxWidth: '22rem' }}>Stoneware for the table, thrown, salted and fired in a small pottery behind the dunes.</p>
          </div>
          <div>
            <h3>Shop</h3>
            <ul>
              {Object.entries(categories).map(([id, name]) => (
                <li key={id}>
                  <Link to={`/shop?category=${id}`}>{name}</Link>
                </li>
              ))}
            </ul>
          </div>
          <div>
            <h3>Pottery</h3>
            <ul>
              <li>
                <Link to="/about">How we work</Link>
              </li>
              <li>
                <Link to="/insights">Open books</Link>
              </li>
            </ul>
          </div>
          <div>
            <h3>This page</h3>
            <p>
              Version {buildFacts.version}, built for {buildFacts.kind}.
            </p>
            <p>© {getYear(new Date())} Saltglaze. An example; nothing here is for sale.</p>
          </div>
        </div>
      </footer>
    </>
  );
}
