import { debounce } from 'lodash-es';
import { useEffect, useMemo, useRef } from 'react';
import { Link, NavLink, useLocation, useNavigate } from 'react-router';
import markUrl from '@/assets/mark.svg';
import { Icon } from '@/components/ui';
import shop from '@/data/shop.json';
import { useCartCount } from '@/stores';

const links = [
  ['/shop', 'Shop'],
  ['/about', 'The pottery'],
  ['/insights', 'Open books'],
  ['/orders', 'Orders'],
  ['/settings', 'Settings'],
] as const;

export function Header() {
  const count = useCartCount();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const input = useRef<HTMLInputElement>(null);
  const search = useMemo(() => debounce((text: string) => navigate(text ? `/shop?q=${encodeURIComponent(text)}` : '/shop'), 180), [navigate]);
  useEffect(() => {
    // A search that is over should not stay in the box.
    if (pathname !== '/shop' && input.current) input.current.value = '';
  }, [pathname]);
  return (
    <>
      <a className="skip-link" href="#main">
        To the content
      </a>
      <div className="announcement">{shop.announcement}</div>
      <header className="site-header">
        <div className="site-header__row">
          <Link to="/" className="brand">
            <img src={markUrl} alt="" /> Saltglaze
          </Link>
          <nav className="site-nav" aria-label="Main">
            {links.map(([to, text]) => (
              <NavLink key={to} to={to}>
                {text}
              </NavLink>
            ))}
          </nav>
          <label className="search">
            <Icon name="search" size={17} />
            <input ref={input} type="search" placeholder="Search pots" aria-label="Search pots" onChange={(event) => search(event.target.value.trim())} />
          </label>
          <Link to="/cart" className="cart-link" aria-label={`Cart, ${count} pieces`}>
            <Icon name="bag" size={23} />
            {count > 0 && <span className="cart-link__count">{count}</span>}
          </Link>
        </div>
      </header>
    </>
  );
}
